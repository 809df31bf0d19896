"""The state of a language model that another person wrote: which members of it may be loaded."""

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


class Screened(NamedTuple):
    """The state to load, the members left out of it, and the reasons not to load it as it is."""

    state: dict[str, Any] | None
    dropped: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def screened(state: Any, *, trusted: bool) -> Screened:
    """Return the members of a language model's state that may be loaded.

    Without trust, a state is refused that says where a question goes: by a class of the author's
    own, an endpoint, a header. To leave these out would send the question elsewhere. Keys are left
    out: DSPy uses those of the environment. A redacted member is refused always.
    """
    if not isinstance(state, dict) or not state:
        return Screened(None, () if not state else ("lm",))
    dropped = [key for key, value in state.items() if _is_left_out(key, value, trusted=trusted)]
    kept = {key: value for key, value in state.items() if key not in dropped}
    refused = [f"`{key}` was redacted" for key, value in kept.items() if REDACTED in _text(value)]
    refused += () if trusted else _routing(kept)
    return Screened(kept, tuple(dropped), tuple(refused))


class Models:
    """The language models of a program's parts, and what was left out of them and refused.

    With a language model of the caller's ``own``, none is loaded.
    """

    def __init__(self, *, own: bool, trusted: bool) -> None:
        self._own, self._trusted = own, trusted
        self.dropped: list[str] = []
        self.refused: list[str] = []

    def of(self, name: str, state: Any) -> dict[str, Any] | None:
        """Return the state to load for the language model of a part."""
        model = screened(None if self._own else state, trusted=self._trusted)
        self.dropped += [f"`{member}` of {shown(name)}" for member in model.dropped]
        if model.refused:
            self.refused.append(f"{shown(name)}: {', '.join(model.refused)}")
        return model.state


def _is_left_out(key: str, value: Any, *, trusted: bool) -> bool:
    if value == REDACTED and _is_secret(key):
        return True
    return not trusted and not _is_empty(value) and (_is_secret(key) or key in _NOT_FOR_ANSWERS)


def _routing(state: dict[str, Any]) -> Iterator[str]:
    """Yield in words the members of a state that say where questions go."""
    kind, model = str(state.get(CLASS) or convert.LM), state.get("model")
    if kind not in _OWN:
        yield f"class {kind}"
    if not isinstance(model, str) or "://" in model:
        yield f"model {model!r}"
    for key, value in state.items():
        if key not in {CLASS, "model"} and _PUBLIC.get(kind) != (key, value):
            yield from () if _is_harmless(key, value) else [f"`{key}`"]


def _is_harmless(key: str, value: Any) -> bool:
    """Return whether a member is empty, or a setting without an address in it."""
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


def _text(value: Any) -> str:
    return json.dumps(value, default=repr)
