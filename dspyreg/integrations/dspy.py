"""The door to dspy: what the other modules ask a live program, they ask here."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.errors import UsageError
from dspyreg.formats.normal import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

OPTIMIZERS_LEAVE: Final = frozenset(
    {
        *("score", "candidate_programs", "mb_candidate_programs", "trial_logs"),
        *("detailed_results", "results_best", "results_latest", "total_calls"),
        *("prompt_model_total_calls", "flag_compilation_error_occurred"),
    }
)


_LOADS_SINCE: Final = (2, 6)
_DISTRIBUTIONS: Final = ("dspy-ai", "dspy")  # of versions that do not say which they are


class Unsaved(NamedTuple):
    """A predictor that DSPy leaves alone when it saves and loads, and why."""

    name: str
    why: str


def imported() -> Any:
    """Return the module dspy. Raises ``UsageError`` where it is not installed."""
    try:
        # By name: type checkers that do not have dspy need not look for it.
        return import_module("dspy")
    except ImportError as error:
        raise UsageError(f"this needs DSPy: {error}", hint="pip install 'dspyreg[dspy]'") from error


def versions() -> dict[str, str]:
    """Return the versions of Python and DSPy that are here, as DSPy writes them into a state."""
    found = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    told = getattr(imported(), "__version__", None)
    if isinstance(told, str):
        return {**found, "dspy": told}
    for name in _DISTRIBUTIONS:
        with suppress(PackageNotFoundError):
            return {**found, "dspy": version(name)}
    return found


def require_loading() -> None:
    """Raise ``UsageError`` where states cannot be loaded: DSPy before 2.6 keeps other things of a
    predictor under the same names.
    """
    here = versions().get("dspy", "")
    numbers = tuple(int(each) for each in here.split(".")[:2] if each.isdecimal())
    if numbers and numbers < _LOADS_SINCE:
        raise UsageError(
            f"loading needs DSPy 2.6 or later, and here is {here}",
            hint="pip install 'dspyreg[dspy]'; registering works with this one",
        )


def require_program(program: Any) -> None:
    """Raise ``UsageError`` unless this is a live DSPy program."""
    dspy = imported()
    if isinstance(program, type) and issubclass(program, dspy.Module):
        raise UsageError(f"{program.__name__} is a class", hint=f"give {program.__name__}()")
    if not isinstance(program, dspy.Module):
        raise UsageError(f"not a DSPy program: {type(program).__name__}")


def parameters(program: Any) -> dict[str, Any]:
    """Return the parts of a program that DSPy saves, by name; a program that is such a part
    itself has no name.
    """
    if _is_parameter(program):
        return {ROOT: program}
    return dict(program.named_parameters())


def predictors(program: Any) -> dict[str, Any]:
    """Return the predictors that DSPy saves, by name."""
    predict = imported().Predict
    return {name: it for name, it in parameters(program).items() if isinstance(it, predict)}


def unsaved(program: Any) -> list[Unsaved]:
    """Return what DSPy will not save of a program: its frozen parts, its nested containers."""
    if _is_parameter(program):
        return []
    saved = {id(part) for part in parameters(program).values()}
    found = {
        id(part): Unsaved(name, why)
        for name, part, why in _reach(program)
        if name and _is_parameter(part)
    }
    return [each for key, each in found.items() if key not in saved]


def modules(program: Any) -> dict[str, Any]:
    """Return the modules in reach that are no predictors, by name; the program's own is empty."""
    return {name: it for name, it, _ in _reach(program) if not _is_parameter(it)}


def class_path(it: Any) -> str:
    """Return where the class of something is defined."""
    kind = it if isinstance(it, type) else type(it)
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_parameter(it: Any) -> bool:
    parameter = import_module("dspy.predict.parameter").Parameter
    return imported() is not None and isinstance(it, parameter)


def _reach(program: Any) -> Iterator[tuple[str, Any, str]]:
    """Every part and module in reach, named as DSPy would name it, with the reason why it would
    not.
    """
    module = imported().Module
    seen = {id(program)}
    waiting: list[tuple[str, Any, str, int]] = [("", program, "", 0)]
    while waiting:
        where, it, why, nested = waiting.pop()
        if where and _is_parameter(it):
            yield where, it, why
        elif isinstance(it, module):
            yield where, it, why
            frozen = bool(where) and getattr(it, "_compiled", False)
            why = why or (f"`{where}` is frozen, because it was compiled before" if frozen else "")
            below = [
                (f"{where}.{name}" if where else name, value, why, 0)
                for name, value in vars(it).items()
                if name not in OPTIMIZERS_LEAVE
            ]
            waiting += _unseen(below, seen)
        elif isinstance(it, list | tuple | dict):
            why = why or (f"`{where}` is a container in a container" if nested else "")
            waiting += _unseen(_items(where, it, why, nested + 1), seen)


def _items(where: str, it: Any, why: str, nested: int) -> list[tuple[str, Any, str, int]]:
    if isinstance(it, dict):
        return [(f"{where}['{key}']", value, why, nested) for key, value in it.items()]
    return [(f"{where}[{n}]", value, why, nested) for n, value in enumerate(it)]


def _unseen(
    found: list[tuple[str, Any, str, int]], seen: set[int]
) -> list[tuple[str, Any, str, int]]:
    kept = []
    for each in reversed(found):
        if isinstance(each[1], list | tuple | dict) or hasattr(each[1], "__dict__"):
            if id(each[1]) in seen:
                continue
            seen.add(id(each[1]))
            kept.append(each)
    return kept
