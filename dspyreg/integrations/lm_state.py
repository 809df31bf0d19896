"""What may be taken from the state of a language model that somebody else wrote."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.formats import convert
from dspyreg.formats.detectors import REDACTED
from dspyreg.formats.normal import is_credential
from dspyreg.integrations.matching import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASS: Final = convert.LM_CLASS
_DECISIONS: Final = "dspy.clients.typesafe.TypeSafe"
_OWN: Final = frozenset({convert.LM, _DECISIONS})
_PUBLIC: Final = {_DECISIONS: ("base_url", "https://api.typesafe.ai")}  # always in its state
_SECRET: Final = re.compile(r"key|token(?!s)|secret|credential|password", re.IGNORECASE)
_REROUTES: Final = frozenset(
    {
        *("model_list", "async_engine", "provider", "custom_llm_provider", "proxy", "client"),
        *("extra_body", "organization", "project", "mock_response", "ssl_verify", "fallbacks"),
    }
)
_NOT_FOR_ANSWERS: Final = frozenset({"callbacks", "launch_kwargs", "train_kwargs"})


class Taken(NamedTuple):
    """The state to load; the members left out of it; why it cannot be loaded as it is."""

    state: dict[str, Any] | None
    dropped: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def taken(told: Any, *, trusted: bool) -> Taken:
    """Return what may be loaded of a language model's state.

    Without trust nothing is taken that says where a question goes: no class of somebody's own, no
    endpoint, no header. It is not left out either, for then the question would go elsewhere. Keys
    are left out: DSPy takes those of the environment. What was redacted is nobody's.
    """
    if not isinstance(told, dict) or not told:
        return Taken(None, () if not told else ("lm",))
    dropped = [key for key, value in told.items() if _is_left_out(key, value, trusted=trusted)]
    kept = {key: value for key, value in told.items() if key not in dropped}
    refused = [f"`{key}` was redacted" for key, it in kept.items() if REDACTED in _spelt(it)]
    refused += () if trusted else _strange(kept)
    return Taken(kept, tuple(dropped), tuple(refused))


class Models:
    """Takes the language models of a program's parts one by one, none where somebody gives one of
    their own, and keeps what was left out and what was refused.
    """

    def __init__(self, *, own: bool, trusted: bool) -> None:
        self._own, self._trusted = own, trusted
        self.dropped: list[str] = []
        self.refused: list[str] = []

    def of(self, name: str, told: Any) -> dict[str, Any] | None:
        """Return what may be loaded of the language model of this part."""
        found = taken(None if self._own else told, trusted=self._trusted)
        self.dropped += [f"`{member}` of {shown(name)}" for member in found.dropped]
        if found.refused:
            self.refused.append(f"{shown(name)}: {', '.join(found.refused)}")
        return found.state


def _is_left_out(key: str, value: Any, *, trusted: bool) -> bool:
    if value == REDACTED and _is_secret(key):
        return True
    return not trusted and not _is_empty(value) and (_is_secret(key) or key in _NOT_FOR_ANSWERS)


def _strange(told: dict[str, Any]) -> Iterator[str]:
    """What of a state says where questions go, in words."""
    kind, model = str(told.get(CLASS) or convert.LM), told.get("model")
    if kind not in _OWN:
        yield f"class {kind}"
    if not isinstance(model, str) or "://" in model:
        yield f"model {model!r}"
    for key, value in told.items():
        if key not in {CLASS, "model"} and _PUBLIC.get(kind) != (key, value):
            yield from () if _is_harmless(key, value) else [f"`{key}`"]


def _is_harmless(key: str, value: Any) -> bool:
    """Is it nothing at all, or a setting without an address in it?"""
    if _is_empty(value):
        return True
    if key in _REROUTES or is_credential(key):
        return False
    if isinstance(value, dict):
        return key != "engine" and all(_is_harmless(str(k), each) for k, each in value.items())
    if isinstance(value, list | tuple):
        return all(_is_harmless("", each) for each in value)
    if isinstance(value, str):
        return "://" not in value
    return isinstance(value, int | float)


def _is_secret(key: str) -> bool:
    return _SECRET.search(key) is not None and "header" not in key.lower()


def _is_empty(value: Any) -> bool:
    return value is None or value in ({}, [], "")


def _spelt(value: Any) -> str:
    return json.dumps(value, default=repr)
