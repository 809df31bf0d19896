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
    """A program, and which of its versions; ``text`` is what stands behind the sign of its kind."""

    program: str
    kind: Kind = "latest"
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the selector that this text spells. Raises ``UsageError``."""
        program, at, rest = text.partition("@")
        names.program(program)
        if at and not rest:
            raise UsageError(f"nothing after the @ of {text!r}", hint=_EXAMPLES)
        return cls(program, *_classify(rest)) if at else cls(program)

    @property
    def is_explicit(self) -> bool:
        """Does it say which version, and not only which program?"""
        return self.kind != "latest" or bool(self.text)

    def __str__(self) -> str:
        spelt = {"number": f"#{self.text}", "stage": f"stage:{self.text}"}
        spelt["previous"] = self.text + _PREVIOUS
        rest = spelt.get(self.kind, self.text)
        return f"{self.program}@{rest}" if rest else self.program


_EXAMPLES = (
    "try qa, qa@1.1.0, qa@^1.2, qa@production, qa@production~1, qa@stage:staging, "
    "qa@#3 or qa@b3:1f2e3d"
)


def _classify(rest: str) -> tuple[Kind, str]:
    if rest == "latest":
        return "latest", rest
    if rest.startswith("#"):
        if re.fullmatch(_NUMBER, rest) is None:
            raise UsageError(f"not a number: {rest[:30]!r}", hint=_EXAMPLES)
        return "number", rest[1:]
    if rest.startswith("b3:"):
        if re.fullmatch(_DIGEST, rest) is None:
            raise UsageError(
                f"not a digest: {rest[:80]!r}", hint="b3: and at least 6 lower-case hex digits"
            )
        return "digest", rest
    if rest.startswith("stage:"):
        return "stage", names.word("stage", rest.removeprefix("stage:"))
    if rest.startswith(_RANGE_SIGNS):
        return "range", names.word("range", rest)
    if "~" in rest:
        if not rest.endswith(_PREVIOUS) or rest.count("~") != 1:
            raise UsageError(f"not a selector: {rest[:60]!r}", hint="only ~1 can be asked for")
        return "previous", names.word("environment", rest.removesuffix(_PREVIOUS))
    return "name", names.word("label or environment", rest)
