"""The record of a run that an optimizer leaves on the program that it compiled, as JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from dspyreg.integrations import dspy as door

if TYPE_CHECKING:
    from collections.abc import Callable

_OMITTED: Final = object()
_MAX_DEPTH: Final = 20
_ANSWERS: Final = "best_outputs_valset"  # not results, and possibly long
_IS_PATH_KEY: Final = re.compile(r"(?:^|_)(?:path|dir|directory|file)$")
_ABSOLUTE: Final = re.compile(r"(?:/|~|[A-Za-z]:[\\/])")
_PATH: Final = re.compile(r"(?:/[^/\s]+){2,}/?|~/\S*|[A-Za-z]:[\\/]\S+")
_HOME: Final = re.compile(  # also with blanks in it, and as an address of a file or a database
    r"(?:[\w+.-]+:/*)?(?:/(?:home|Users|root)/|[A-Za-z]:[\\/]Users[\\/])[^\n]*"
)
# The members of candidates that were tuples before DSPy 2.6, and in BetterTogether before 3.1.
_TUPLES: Final = {
    2: ("strategy", "program"),
    3: ("score", "program", "full_eval"),
    4: ("score", "subscores", "seed", "program"),
}


def read(program: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return all results that optimizers left on a program, by attribute, and notices of those that
    could not be read: they do not keep the program itself from being registered.

    A program among the results is shown as its instructions. Absolute paths are left out.
    """
    results: dict[str, Any] = {}
    notices = []
    for attribute in sorted(door.OPTIMIZERS_LEAVE):
        try:
            value = _READERS.get(attribute, plain)(getattr(program, attribute, None))
        except Exception as error:  # it may be of any class
            notices.append(_not_recorded(attribute, error))
            continue
        if attribute == "detailed_results":
            value, broken = value
            notices += broken
        if value not in (None, _OMITTED, [], {}):
            results[attribute] = value
    return results, tuple(notices)


def _not_recorded(attribute: str, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}".partition("\n")[0]
    return f"`{attribute}`, which an optimizer left, was not recorded: {reason}"


def _candidates(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return None
    return [plain(_named(each)) for each in value if isinstance(each, Mapping | tuple)]


def _named(candidate: Any) -> Any:
    if isinstance(candidate, tuple) and len(candidate) in _TUPLES:
        return dict(zip(_TUPLES[len(candidate)], candidate, strict=True))
    return candidate


def _details(details: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the members of GEPA's results, one by one: its ``to_dict`` raises in DSPy 3.0."""
    members: dict[str, Any] = {}
    notices = []
    for name, member in getattr(details, "__dict__", {}).items():
        if name == _ANSWERS:
            continue
        try:
            value = plain(member)
        except Exception as error:
            notices.append(_not_recorded(f"detailed_results.{name}", error))
            continue
        if value is not None and value is not _OMITTED:
            members[name] = value
    return _without_paths(members), notices


def _by_predictor(value: Any) -> Any:
    """Return COPRO's statistics by the number of the predictor: their keys are object addresses."""
    if not isinstance(value, Mapping):
        return None
    return plain(dict(enumerate(value.values())))


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "candidate_programs": _candidates,
    "mb_candidate_programs": _candidates,
    "detailed_results": _details,
    "results_best": _by_predictor,
    "results_latest": _by_predictor,
}


# Values


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON, without the parts that JSON cannot hold.

    Raises ``ValueError`` if it is nested too deeply, and anything that its parts raise.
    """
    if depth > _MAX_DEPTH:
        raise ValueError(f"nested deeper than {_MAX_DEPTH}")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        members = {str(key): plain(each, depth + 1) for key, each in value.items()}
        return _without_paths({k: each for k, each in members.items() if each is not _OMITTED})
    if isinstance(value, list | tuple | AbstractSet):
        items = [plain(each, depth + 1) for each in value]
        kept = [each for each in items if each is not _OMITTED and not is_path("", each)]
        return sorted(kept, key=str) if isinstance(value, AbstractSet) else kept
    if hasattr(value, "named_predictors"):
        return instructions(value)
    number = _number(value)
    return _OMITTED if number is None else number


def _without_paths(members: dict[str, Any]) -> dict[str, Any]:
    """Return the members that are no absolute paths: these reveal a machine and a user name."""
    return {key: value for key, value in members.items() if not is_path(key, value)}


def has_path(key: str, value: Any) -> bool:
    """Return whether a value is an absolute path, or contains one."""
    if isinstance(value, Mapping):
        return any(has_path(str(name), each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return any(has_path(key, each) for each in value)
    return is_path(key, value)


def is_path(key: str, value: Any) -> bool:
    """Return whether a value is an absolute path."""
    if not isinstance(value, str):
        return False
    named = _IS_PATH_KEY.search(key) is not None and _ABSOLUTE.match(value) is not None
    return named or any(kind.fullmatch(value) is not None for kind in (_PATH, _HOME))


def _number(value: Any) -> float | None:
    """Return a finite number, also for one of numpy's; None for anything else."""
    try:
        number = value if isinstance(value, float) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return float(number) if math.isfinite(number) else None


def instructions(program: Any) -> dict[str, str]:
    """Return the instructions of a program's predictors, and the code of its ``Flex`` modules, by
    name.
    """
    texts = {
        name: it.module_src if hasattr(it, "module_src") else it.signature.instructions
        for name, it in door.parameters(program).items()
        if hasattr(it, "signature")
    }
    return {name or "self": text for name, text in texts.items()}
