"""The door to dspy: all access to the package and to the parts of a live program."""

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
    """A predictor that DSPy neither saves nor loads, and the reason."""

    name: str
    why: str


def imported() -> Any:
    """Return the module dspy. Raises ``UsageError`` if it is not installed."""
    try:
        # By name: type checkers that do not have dspy need not look for it.
        return import_module("dspy")
    except ImportError as error:
        raise UsageError("dspy-missing", reason=error) from error


def versions() -> dict[str, str]:
    """Return the installed versions of Python and DSPy, as DSPy writes them into a state."""
    python = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    own = getattr(imported(), "__version__", None)
    if isinstance(own, str):
        return {**python, "dspy": own}
    for name in _DISTRIBUTIONS:
        with suppress(PackageNotFoundError):
            return {**python, "dspy": version(name)}
    return python


def require_loading() -> None:
    """Raise ``UsageError`` for a DSPy before 2.6: it keeps other things of a predictor under the
    same names.
    """
    installed = versions().get("dspy", "")
    numbers = tuple(int(each) for each in installed.split(".")[:2] if each.isdecimal())
    if numbers and numbers < _LOADS_SINCE:
        raise UsageError("dspy-too-old", installed=installed)


def require_program(program: Any) -> None:
    """Raise ``UsageError`` unless this is a live DSPy program."""
    dspy = imported()
    if isinstance(program, type) and issubclass(program, dspy.Module):
        raise UsageError("program-is-class", name=program.__name__)
    if not isinstance(program, dspy.Module):
        raise UsageError("not-a-dspy-program", kind=type(program).__name__)


def parameters(program: Any) -> dict[str, Any]:
    """Return the parts of a program that DSPy saves, by name. A program that is itself such a part
    has an empty name.
    """
    if _is_parameter(program):
        return {ROOT: program}
    return dict(program.named_parameters())


def predictors(program: Any) -> dict[str, Any]:
    """Return the predictors that DSPy saves, by name."""
    predict = imported().Predict
    return {name: it for name, it in parameters(program).items() if isinstance(it, predict)}


def unsaved(program: Any) -> list[Unsaved]:
    """Return the predictors that DSPy does not save: in frozen parts, and in nested containers."""
    if _is_parameter(program):
        return []
    saved = {id(part) for part in parameters(program).values()}
    reachable = {
        id(part): Unsaved(name, why)
        for name, part, why in _reach(program)
        if name and _is_parameter(part)
    }
    return [each for key, each in reachable.items() if key not in saved]


def modules(program: Any) -> dict[str, Any]:
    """Return the reachable modules that are no predictors, by name; the program's own is empty."""
    return {name: it for name, it, _ in _reach(program) if not _is_parameter(it)}


def class_path(it: Any) -> str:
    """Return the module and name of an object's class."""
    kind = it if isinstance(it, type) else type(it)
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_parameter(it: Any) -> bool:
    parameter = import_module("dspy.predict.parameter").Parameter
    return imported() is not None and isinstance(it, parameter)


def _reach(program: Any) -> Iterator[tuple[str, Any, str]]:
    """Yield every reachable part and module, with the name that DSPy would give it, and the reason
    if it does not.
    """
    module = imported().Module
    seen = {id(program)}
    waiting: list[tuple[str, Any, str, int]] = [("", program, "", 0)]
    while waiting:
        name, it, why, nested = waiting.pop()
        if name and _is_parameter(it):
            yield name, it, why
        elif isinstance(it, module):
            yield name, it, why
            frozen = bool(name) and getattr(it, "_compiled", False)
            why = why or (f"`{name}` is frozen, because it was compiled before" if frozen else "")
            below = [
                (f"{name}.{attribute}" if name else attribute, value, why, 0)
                for attribute, value in vars(it).items()
                if attribute not in OPTIMIZERS_LEAVE
            ]
            waiting += _unseen(below, seen)
        elif isinstance(it, list | tuple | dict):
            why = why or (f"`{name}` is a container in a container" if nested else "")
            waiting += _unseen(_items(name, it, why, nested + 1), seen)


def _items(name: str, it: Any, why: str, nested: int) -> list[tuple[str, Any, str, int]]:
    if isinstance(it, dict):
        return [(f"{name}['{key}']", value, why, nested) for key, value in it.items()]
    return [(f"{name}[{n}]", value, why, nested) for n, value in enumerate(it)]


def _unseen(
    items: list[tuple[str, Any, str, int]], seen: set[int]
) -> list[tuple[str, Any, str, int]]:
    kept = []
    for each in reversed(items):
        if isinstance(each[1], list | tuple | dict) or hasattr(each[1], "__dict__"):
            if id(each[1]) in seen:
                continue
            seen.add(id(each[1]))
            kept.append(each)
    return kept
