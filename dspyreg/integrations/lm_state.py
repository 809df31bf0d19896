"""What may be taken from the state of a language model that somebody else wrote."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from dspyreg.formats.normal import is_credential

CLASS: Final = "_dspy_lm_class"
_LM: Final = "dspy.clients.lm.LM"
_OWN: Final = frozenset({_LM, "dspy.clients.typesafe.TypeSafe"})
_REROUTES: Final = frozenset(
    {
        *("model_list", "engine", "async_engine", "provider", "custom_llm_provider", "proxy"),
        *("callbacks", "client", "launch_kwargs", "train_kwargs", "extra_body", "organization"),
        "mock_response",
    }
)


class Taken(NamedTuple):
    """The state to load, the members left out of it, and why it cannot be loaded at all."""

    state: dict[str, Any] | None
    dropped: tuple[str, ...] = ()
    problem: str | None = None


def taken(told: Any, *, trusted: bool) -> Taken:
    """Return what may be loaded of a language model's state.

    Without trust: no class of somebody's own, no endpoint, no header, no key, nothing that says
    where a question goes.
    """
    if not isinstance(told, dict) or not told:
        return Taken(None, () if not told else ("lm",))
    if trusted:
        return Taken(dict(told))
    kind, model = told.get(CLASS), told.get("model")
    if kind is not None and kind not in _OWN:
        return Taken(None, problem=f"its language model is of a class of its own, {kind}")
    if not isinstance(model, str) or "://" in model:
        return Taken(None, problem=f"its language model is at an address, {model!r}")
    kept = {key: value for key, value in told.items() if _is_harmless(key, value)}
    if kept.get(CLASS) == _LM:
        del kept[CLASS]  # what DSPy takes it for anyway, also those that did not know classes
    return Taken(kept, tuple(key for key in told if key not in kept and key != CLASS))


def _is_harmless(key: str, value: Any) -> bool:
    if value is None or value in ({}, [], False):
        return True
    if key == CLASS:
        return True
    if key in _REROUTES or is_credential(key):
        return False
    return _is_plain(value)


def _is_plain(value: Any) -> bool:
    """Numbers and short words, or a list of them; an object may hold an endpoint."""
    if isinstance(value, list):
        return all(_is_plain(each) for each in value)
    if isinstance(value, str):
        return "://" not in value
    return isinstance(value, int | float)
