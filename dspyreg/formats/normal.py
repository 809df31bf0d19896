"""The normal form of a program's state, common to all families of DSPy."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from dspyreg.model.digest import Digest

ROOT: Final = ""
_CREDENTIAL: Final = (
    "key|token(?!s)|secret|credential|password|header"
    "|api_base|base_url|endpoint|^(aws|azure|vertex)_"
)
_MARKS: Final = frozenset({"dspy_uuid", "dspy_split"})
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class FieldText(NamedTuple):
    """The texts of one field in a prompt."""

    prefix: str
    description: str


class Predictor(NamedTuple):
    """The state of one predictor.

    ``name`` is empty for a bare ``Predict``, whose state is the complete file. ``instructions`` is
    None if the family does not keep any. ``fields`` are in the order of the signature.
    ``extended`` marks a chain of thought of DSPy before 2.6, which was a predictor of its own.
    """

    name: str
    instructions: str | None
    fields: tuple[FieldText, ...]
    demos: tuple[dict[str, Any], ...]
    lm: Any = None
    settings: Mapping[str, Any] = MappingProxyType({})
    traces: tuple[Any, ...] = ()
    train: tuple[Any, ...] = ()
    more: Mapping[str, Any] = MappingProxyType({})
    extended: bool = False

    @property
    def last_prefix(self) -> str | None:
        """The prefix of the last field, if the family kept no other text of any field."""
        lone = len(self.fields) == 1 and not self.fields[0].description
        return self.fields[0].prefix if lone else None

    @property
    def texts(self) -> tuple[FieldText, ...]:
        """The texts of all fields; empty if the family kept only the last prefix."""
        return self.fields if self.last_prefix is None else ()

    def normal(self) -> dict[str, Any]:
        """The predictor's part of the normal form."""
        return {
            "name": self.name,
            "instructions": self.instructions,
            "fields": [list(field) for field in self.fields],
            "demos": [without_marks(demo) for demo in self.demos],
            "lm": without_credentials(self.lm),
            "settings": dict(self.settings),
            "traces": list(self.traces),
            "train": list(self.train),
            "more": dict(self.more),
        }


class Program(NamedTuple):
    """The state of a program.

    ``others`` are the members besides predictors and metadata. ``versions`` are those of Python,
    DSPy and cloudpickle in the metadata.
    """

    family: str
    predictors: tuple[Predictor, ...]
    others: dict[str, Any]
    versions: dict[str, str]

    @property
    def is_flat(self) -> bool:
        """True for a bare ``Predict``."""
        return len(self.predictors) == 1 and self.predictors[0].name == ROOT

    def digest(self) -> Digest:
        """Return the digest of the normal form.

        Formatting, metadata, demo ids and split marks do not change it.
        """
        predictors = [p.normal() for p in sorted(self.predictors, key=lambda p: p.name)]
        return Digest.of(_spelt({"predictors": predictors, "others": self.others}))


def without_marks(demo: dict[str, Any]) -> dict[str, Any]:
    """Return a demo without the ids and split marks that DSPy writes into it."""
    return {key: value for key, value in demo.items() if key not in _MARKS}


def without_credentials(lm: Any) -> Any:
    """Return a language model's state without keys, headers and endpoints.

    They belong to the caller, not to the model.
    """
    if isinstance(lm, dict):
        kept = {key: value for key, value in lm.items() if not is_credential(str(key))}
        return {key: without_credentials(value) for key, value in kept.items()}
    if isinstance(lm, list):
        return [without_credentials(each) for each in lm]
    return lm


def is_credential(key: str) -> bool:
    """Return whether a member of a language model's state is a key, a header or an endpoint."""
    return re.search(_CREDENTIAL, key, re.IGNORECASE) is not None


def same(a: Any, b: Any) -> bool:
    """Return whether two values are equal in the normal form. NaN equals NaN; 1 is not true."""
    return a is b or _spelt(a) == _spelt(b)


def _spelt(value: Any) -> bytes:
    """Return one spelling for any value of a state.

    NaN is spelled as DSPy writes it. Values that only pickles carry get a spelling of our own.
    """
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError):
        text = _ENCODER.encode(_plain(value))
    return text.encode(errors="surrogatepass")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k if isinstance(k, str) else _shown(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return {"set": sorted(map(_shown, value))}
    if isinstance(value, int) and not isinstance(value, bool):
        return f"int {value:x}"  # Python refuses very long ones in decimal
    return value if isinstance(value, str | float | bool | None) else repr(value)


def _shown(value: Any) -> str:
    return _spelt(_plain(value)).decode(errors="surrogatepass")
