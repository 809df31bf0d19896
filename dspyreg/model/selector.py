"""Selectors: one grammar for naming a version, in every command and in Python."""

import re
from typing import Literal, NamedTuple, Self

from dspyreg.errors import UsageError
from dspyreg.model import names

_RANGE_SIGNS = ("^", "~", ">", "<", "=")
_DIGEST = r"b3:[0-9a-f]{6,64}"
_NUMBER = r"#(0|[1-9][0-9]{0,16})"
_PREVIOUS = "~1"


Kind = Literal["latest", "name", "previous", "range", "stage", "number", "digest"]


class Selector(NamedTuple):
    """A program and one of its versions; ``text`` is the part after the sign of its kind."""

    program: str
    kind: Kind = "latest"
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the selector of a text. Raises ``UsageError``."""
        program, at, rest = text.partition("@")
        names.program(program)
        if at and not rest:
            raise UsageError("selector-incomplete", text=text)
        return cls(program, *_classify(rest)) if at else cls(program)

    @property
    def is_explicit(self) -> bool:
        """True if it names a version, not only a program."""
        return self.kind != "latest" or bool(self.text)

    def __str__(self) -> str:
        spelt = {"number": f"#{self.text}", "stage": f"stage:{self.text}"}
        spelt["previous"] = self.text + _PREVIOUS
        rest = spelt.get(self.kind, self.text)
        return f"{self.program}@{rest}" if rest else self.program


def _classify(rest: str) -> tuple[Kind, str]:
    if rest == "latest":
        return "latest", rest
    if rest.startswith("#"):
        if re.fullmatch(_NUMBER, rest) is None:
            raise UsageError("selector-number-invalid", text=rest[:30])
        return "number", rest[1:]
    if rest.startswith("b3:"):
        if re.fullmatch(_DIGEST, rest) is None:
            raise UsageError("selector-digest-invalid", text=rest[:80])
        return "digest", rest
    if rest.startswith("stage:"):
        return "stage", names.word("stage", rest.removeprefix("stage:"))
    if rest.startswith(_RANGE_SIGNS):
        return "range", names.word("range", rest)
    if "~" in rest:
        if not rest.endswith(_PREVIOUS) or rest.count("~") != 1:
            raise UsageError("selector-invalid", text=rest[:60])
        return "previous", names.word("environment", rest.removesuffix(_PREVIOUS))
    return "name", names.word("label or environment", rest)
