"""The settings of a live program that DSPy does not save: captured, compared and restored."""

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

_MAX_ATTRIBUTE: Final = 1_000  # characters; longer attributes are data
_MAX_SHOWN: Final = 100  # characters of a value in a warning
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
    """Return the settings that DSPy does not save: the configuration of predictors, the adapter,
    the plain attributes of modules, the descriptions of tools. Addresses and keys of language
    models are not part of them.
    """
    predictors, notices = _configurations(program)
    return Captured(
        {
            settings.ADAPTER: _adapter(),
            settings.PREDICTORS: predictors,
            settings.MODULES: dict(_modules(program)),
            settings.TOOLS: dict(_tool_texts(program)),
        },
        (*notices, *_replaced(program)),
    )


def _replaced(program: Any) -> Iterator[str]:
    """Yield notices of replaced ``forward`` methods: KNNFewShot adds its examples that way."""
    for name, module in {**door.modules(program), **door.predictors(program)}.items():
        if "forward" in vars(module):
            place = f"{name}.forward".lstrip(".")
            yield f"`{place}` was replaced, and is not saved: KNNFewShot does that"


def restore(version: Version, program: Any, *, trusted: bool) -> tuple[str, ...]:
    """Restore the configuration of each predictor of a version, where that is known. Return in
    words what was left out, and which other settings differ.

    A configuration goes to the language model's provider as it is: without trust, only the options
    of sampling are set. Members of the program's own that are never recorded, such as an endpoint,
    stay.
    """
    saved = version.settings
    configurations = saved.get(settings.PREDICTORS) if saved is not None else None
    if not isinstance(configurations, dict):
        return ()
    contract = states.captured(version)
    known = contract.predictors if contract is not None else {}
    left_out = []
    for name, predictor in door.predictors(program).items():
        config = configurations.get(name, {} if name in known else None)
        if not isinstance(config, dict):
            continue
        reasons = {key: _reason_to_drop(key, config[key], trusted) for key in sorted(config)}
        dropped = {key: reason for key, reason in reasons.items() if reason}
        left_out += [f"`{k}` of {shown(name)} is left out: {why}" for k, why in dropped.items()]
        own = _unrecorded(getattr(predictor, "config", None) or {})
        kept = {key: each for key, each in config.items() if key not in dropped}
        predictor.config = {**own, **deepcopy(kept)}
    return (*left_out, *_differences(saved, program))


def _reason_to_drop(key: str, value: Any, trusted: bool) -> str:
    """Return the reason not to restore a member of a configuration; empty without one."""
    if REDACTED in json.dumps(value):
        return "it was redacted"
    return "" if trusted or key in _SAMPLING else "it is not trusted"


def _differences(saved: Mapping[str, Any] | None, program: Any) -> Iterator[str]:
    """Yield in words the captured settings that differ in a live program and are not restored."""
    kinds = (settings.ADAPTER, settings.MODULES, settings.TOOLS)
    now = capture(program).settings
    was, now = ({kind: each.get(kind, {}) for kind in kinds} for each in (saved or {}, now))
    for change in settings.changes(was, now):
        was_and_is = f"was {_text(change.old)} and is {_text(change.new)}"
        yield f"{change.key} {was_and_is}: load does not set it"


def _text(value: Any) -> str:
    if value is None:
        return "not there"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


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
    return {key: each for key, each in config.items() if not _is_recorded(key, each, _is_json)}


def _adapter() -> dict[str, Any]:
    """Return the adapter in use, with the attributes that differ from its defaults."""
    dspy = door.imported()
    adapter = getattr(dspy.settings, "adapter", None) or dspy.ChatAdapter()
    try:
        defaults = dict(_attributes(type(adapter)()))
    except Exception:  # it needs arguments
        defaults = {}
    own = {key: each for key, each in _attributes(adapter) if defaults.get(key, ...) != each}
    return {"class": door.class_path(adapter), **own}


def _modules(program: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, module in door.modules(program).items():
        attributes = dict(_attributes(module))
        if attributes:
            yield name, attributes


def _attributes(it: Any) -> Iterator[tuple[str, Any]]:
    """Yield the attributes that are numbers, short texts, or lists of them: others may be data.
    None is the same as no attribute.
    """
    for name, value in vars(it).items():
        if value is None:
            continue
        if (
            not name.startswith("_")
            and name not in _DSPYS_OWN
            and _is_recorded(name, value, _is_plain)
        ):
            yield name, list(value) if isinstance(value, tuple) else value


def _is_recorded(name: str, value: Any, fits: Callable[[Any], bool]) -> bool:
    """Return whether to record a value: of a fitting kind, and without keys, addresses and absolute
    paths.
    """
    member = {name: value}
    return fits(value) and without_credentials(member) == member and not runs.has_path(name, value)


def _is_plain(value: Any) -> bool:
    listed = list(value) if isinstance(value, list | tuple) else [value]
    return all(map(_is_scalar, listed)) and _is_json(listed) and len(repr(value)) <= _MAX_ATTRIBUTE


def _is_scalar(value: Any) -> bool:
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in {str, bool, int}


def _is_json(value: Any) -> bool:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()  # raises for halves of surrogate pairs
        return bool(json.loads(text) == value)
    except Exception:  # a user's value may raise anything
        return False


def _tool_texts(program: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the descriptions of tools and of their arguments, by the predictor that has them."""
    for name, tools in tools_of(program):
        texts: dict[str, str] = {}
        for tool in tools:
            if isinstance(getattr(tool, "desc", None), str):
                texts[tool.name] = tool.desc
            arguments = getattr(tool, "arg_desc", None) or {}
            texts |= {f"{tool.name}.{key}": str(each) for key, each in arguments.items()}
        yield name, texts
