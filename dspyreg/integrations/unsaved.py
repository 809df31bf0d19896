"""What DSPy does not save of a live program, captured to be compared, and to be set again."""

from __future__ import annotations

import json
import math
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare import settings
from dspyreg.formats.detectors import REDACTED
from dspyreg.formats.normal import without_credentials
from dspyreg.integrations import dspy as door
from dspyreg.integrations import runs, states
from dspyreg.integrations.capture import tools_of
from dspyreg.integrations.matching import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dspyreg.model.version import Version

_LONGEST: Final = 1_000  # characters of an attribute: longer ones are data
_TOLD: Final = 100  # characters of a value in a warning
_SAMPLING: Final = frozenset(
    {
        *("temperature", "n", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens"),
        *("stop", "seed", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs"),
        *("top_logprobs", "rollout_id", "reasoning_effort", "verbosity", "cache", "num_retries"),
    }
)
_DSPYS_OWN: Final = door.OPTIMIZERS_LEAVE | {"callbacks", "history", "simba_idx"}


class Captured(NamedTuple):
    """The settings of a live program, and notices of what could not be captured."""

    settings: dict[str, Any]
    notices: tuple[str, ...]


def capture(program: Any) -> Captured:
    """Return what DSPy does not save: the configuration of predictors, the adapter, the plain
    attributes of modules, the descriptions of tools. Nothing that says by whom, or where, a
    language model is called.
    """
    predictors, notices = _configurations(program)
    return Captured(
        {
            settings.ADAPTER: _adapter(),
            settings.PREDICTORS: predictors,
            settings.MODULES: dict(_modules(program)),
            settings.TOOLS: dict(_tools(program)),
        },
        (*notices, *_replaced(program)),
    )


def _replaced(program: Any) -> Iterator[str]:
    """A ``forward`` of its own is how KNNFewShot gives a program the examples of the moment."""
    for name, module in {**door.modules(program), **door.predictors(program)}.items():
        if "forward" in vars(module):
            place = f"{name}.forward".lstrip(".")
            yield f"`{place}` was replaced, and is not saved: KNNFewShot does that"


def restore(version: Version, program: Any, *, trusted: bool) -> tuple[str, ...]:
    """Set the configuration that each predictor of a version had, where that is known. Return in
    words what was left out, and what else is not as it was and is not set.

    A configuration goes to the language model's provider as it is: without trust only what is
    known to say how answers are sampled is set. What of the program's own is never recorded, such
    as an endpoint, stays.
    """
    told = version.settings
    every = told.get(settings.PREDICTORS) if told is not None else None
    if not isinstance(every, dict):
        return ()
    contract = states.captured(version)
    known = contract.predictors if contract is not None else {}
    left_out = []
    for name, predictor in door.predictors(program).items():
        found = every.get(name, {} if name in known else None)
        if not isinstance(found, dict):
            continue
        dropped = {key: why for key in sorted(found) if (why := _unset(key, found[key], trusted))}
        left_out += [f"`{k}` of {shown(name)} is left out: {why}" for k, why in dropped.items()]
        own = _unrecorded(getattr(predictor, "config", None) or {})
        kept = {key: each for key, each in found.items() if key not in dropped}
        predictor.config = {**own, **deepcopy(kept)}
    return (*left_out, *_differences(told, program))


def _unset(key: str, value: Any, trusted: bool) -> str:
    """Why this of a configuration is not set again; empty if it is."""
    if REDACTED in json.dumps(value):
        return "it was redacted"
    return "" if trusted or key in _SAMPLING else "it is not trusted"


def _differences(told: Mapping[str, Any] | None, program: Any) -> Iterator[str]:
    """What is different in a live program from what was captured, and is not set again."""
    kept = (settings.ADAPTER, settings.MODULES, settings.TOOLS)
    now = capture(program).settings
    was, now = ({kind: each.get(kind, {}) for kind in kept} for each in (told or {}, now))
    for change in settings.changes(was, now):
        was_and_is = f"was {_spelt(change.old)} and is {_spelt(change.new)}"
        yield f"{change.key} {was_and_is}: load does not set it"


def _spelt(value: Any) -> str:
    if value is None:
        return "not there"
    told = json.dumps(value, ensure_ascii=False)
    return told if len(told) <= _TOLD else f"{told[:_TOLD]}…"


def _configurations(program: Any) -> tuple[dict[str, Any], list[str]]:
    configurations = dict[str, Any]()
    notices = []
    for name, predictor in door.predictors(program).items():
        config = getattr(predictor, "config", None) or {}
        unrecorded = _unrecorded(config)
        kept = {key: each for key, each in config.items() if key not in unrecorded}
        if kept:
            configurations[name] = kept
        notices += [
            f"`{key}` in the configuration of {shown(name)} is not recorded" for key in unrecorded
        ]
    return configurations, notices


def _unrecorded(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in config.items() if not _is_told(key, each, _is_json)}


def _adapter() -> dict[str, Any]:
    """The adapter in use, with the attributes that are not those that its class gives."""
    dspy = door.imported()
    adapter = getattr(dspy.settings, "adapter", None) or dspy.ChatAdapter()
    try:
        usual = dict(_attributes(type(adapter)()))
    except Exception:  # it needs arguments
        usual = {}
    own = {key: each for key, each in _attributes(adapter) if usual.get(key, ...) != each}
    return {"class": door.class_path(adapter), **own}


def _modules(program: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, module in door.modules(program).items():
        found = dict(_attributes(module))
        if found:
            yield name, found


def _attributes(it: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that are numbers, short texts, or lists of them: the others may be data.
    None is the same as no attribute.
    """
    for name, value in vars(it).items():
        if value is None:
            continue
        if not name.startswith("_") and name not in _DSPYS_OWN and _is_told(name, value, _is_plain):
            yield name, list(value) if isinstance(value, tuple) else value


def _is_told(name: str, value: Any, fits: Callable[[Any], bool]) -> bool:
    """Is it to be recorded: of a fitting kind, and without keys, addresses and absolute paths?"""
    whole = {name: value}
    return fits(value) and without_credentials(whole) == whole and not runs.has_place(name, value)


def _is_plain(value: Any) -> bool:
    listed = list(value) if isinstance(value, list | tuple) else [value]
    return all(map(_is_scalar, listed)) and _is_json(listed) and len(repr(value)) <= _LONGEST


def _is_scalar(value: Any) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in {str, bool, int}


def _is_json(value: Any) -> bool:
    try:
        told = json.dumps(value, allow_nan=False, ensure_ascii=False)
        told.encode()  # halves of surrogate pairs cannot be
        return bool(json.loads(told) == value)
    except Exception:  # a user's value may refuse in any way
        return False


def _tools(program: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """What predictors are told of their tools, and of the arguments of these."""
    for name, tools in tools_of(program):
        found: dict[str, str] = {}
        for tool in tools:
            if isinstance(getattr(tool, "desc", None), str):
                found[tool.name] = tool.desc
            told = getattr(tool, "arg_desc", None) or {}
            found |= {f"{tool.name}.{key}": str(each) for key, each in told.items()}
        yield name, found
