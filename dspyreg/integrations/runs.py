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

_NOWHERE: Final = object()
_DEEPEST: Final = 20
_ANSWERS: Final = "best_outputs_valset"  # no results; they may be long
_IS_PLACE: Final = re.compile(r"(?:^|_)(?:path|dir|directory|file)$")
_ABSOLUTE: Final = re.compile(r"(?:/|~|[A-Za-z]:[\\/])")
_SEVERAL: Final = re.compile(r"(?:/[^/\s]+){2,}/?|~/\S*|[A-Za-z]:[\\/]\S+")
_HOME: Final = re.compile(  # also with blanks in it, and as an address of a file or a database
    r"(?:[\w+.-]+:/*)?(?:/(?:home|Users|root)/|[A-Za-z]:[\\/]Users[\\/])[^\n]*"
)
# The members of what is a mapping since DSPy 2.6, of BetterTogether since 3.1, and was a tuple.
_TUPLES: Final = {
    2: ("strategy", "program"),
    3: ("score", "program", "full_eval"),
    4: ("score", "subscores", "seed", "program"),
}


def read(program: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return all that optimizers left on a program, by attribute, and notices of what could not
    be read: whatever is wrong with it, the program itself can be registered.

    Programs in it are told by their instructions. Absolute paths are left out.
    """
    found: dict[str, Any] = {}
    notices = []
    for place in sorted(door.OPTIMIZERS_LEAVE):
        try:
            value = _READERS.get(place, plain)(getattr(program, place, None))
        except Exception as error:  # it may be of any class
            notices.append(_left_out(place, error))
            continue
        if place == "detailed_results":
            value, broken = value
            notices += broken
        if value not in (None, _NOWHERE, [], {}):
            found[place] = value
    return found, tuple(notices)


def _left_out(place: str, error: Exception) -> str:
    told = f"{type(error).__name__}: {error}".partition("\n")[0]
    return f"`{place}`, which an optimizer left, was not recorded: {told}"


def _candidates(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return None
    return [plain(_named(each)) for each in value if isinstance(each, Mapping | tuple)]


def _named(candidate: Any) -> Any:
    if isinstance(candidate, tuple) and len(candidate) in _TUPLES:
        return dict(zip(_TUPLES[len(candidate)], candidate, strict=True))
    return candidate


def _details(value: Any) -> tuple[dict[str, Any], list[str]]:
    """The members of GEPA's results, one by one: its own ``to_dict`` raises in DSPy 3.0."""
    found: dict[str, Any] = {}
    notices = []
    for name, member in getattr(value, "__dict__", {}).items():
        if name == _ANSWERS:
            continue
        try:
            told = plain(member)
        except Exception as error:
            notices.append(_left_out(f"detailed_results.{name}", error))
            continue
        if told is not None and told is not _NOWHERE:
            found[name] = told
    return _placeless(found), notices


def _by_predictor(value: Any) -> Any:
    """COPRO's statistics, by the number of the predictor: their keys are addresses."""
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
    """Return a value as JSON has it, without what JSON cannot have.

    Raises ``ValueError`` where it is nested too deeply, and whatever its parts raise.
    """
    if depth > _DEEPEST:
        raise ValueError(f"nested deeper than {_DEEPEST}")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        told = {str(key): plain(each, depth + 1) for key, each in value.items()}
        return _placeless({key: each for key, each in told.items() if each is not _NOWHERE})
    if isinstance(value, list | tuple | AbstractSet):
        listed = [plain(each, depth + 1) for each in value]
        kept = [each for each in listed if each is not _NOWHERE and not is_place("", each)]
        return sorted(kept, key=str) if isinstance(value, AbstractSet) else kept
    if hasattr(value, "named_predictors"):
        return instructions(value)
    number = _number(value)
    return _NOWHERE if number is None else number


def _placeless(told: dict[str, Any]) -> dict[str, Any]:
    """The same without absolute paths, which tell of one machine, and of a person's name on it."""
    return {key: value for key, value in told.items() if not is_place(key, value)}


def has_place(key: str, value: Any) -> bool:
    """Is it an absolute path, or does it hold one?"""
    if isinstance(value, Mapping):
        return any(has_place(str(name), each) for name, each in value.items())
    if isinstance(value, list | tuple):
        return any(has_place(key, each) for each in value)
    return is_place(key, value)


def is_place(key: str, value: Any) -> bool:
    """Is it an absolute path?"""
    if not isinstance(value, str):
        return False
    named = _IS_PLACE.search(key) is not None and _ABSOLUTE.match(value) is not None
    return named or any(kind.fullmatch(value) is not None for kind in (_SEVERAL, _HOME))


def _number(value: Any) -> float | None:
    """A finite number, also one of numpy's."""
    try:
        number = value if isinstance(value, float) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return float(number) if math.isfinite(number) else None


def instructions(program: Any) -> dict[str, str]:
    """Return the instructions of a program's predictors and the code of its ``Flex`` modules, by
    name.
    """
    found = {
        name: it.module_src if hasattr(it, "module_src") else it.signature.instructions
        for name, it in door.parameters(program).items()
        if hasattr(it, "signature")
    }
    return {name or "self": text for name, text in found.items()}
