"""From a selector to a version, in one state."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from dspyreg.errors import NotFound, UsageError
from dspyreg.model import label as labels
from dspyreg.model import names
from dspyreg.model.state import ARCHIVED, DEPRECATED, State

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.selector import Selector

Chosen = tuple[int, tuple[str, ...]]


def select(state: State, config: Config, selector: Selector) -> Chosen:
    """Return the number of the version that a selector means, and notices about it.

    Raises ``NotFound``, naming what there is not; ``UsageError`` where several could be meant.
    """
    try:
        return _select(state, config, selector)
    except NotFound:
        if not state.exists(selector.program):
            raise no_program(state, selector.program) from None
        raise


def _select(state: State, config: Config, selector: Selector) -> Chosen:
    program, text = selector.program, selector.text
    match selector.kind:
        case "latest":
            number = _latest(state, program)
        case "name":
            return _by_name(state, config, program, text)
        case "previous":
            number = _previous(state, config, program, text)
        case "range":
            number = _in_range(state, program, text)
        case "stage":
            number = _on_stage(state, config, program, text)
        case "number":
            number = _by_number(state, program, int(text))
        case "digest":
            number = _by_digest(state, program, text)
    return number, ()


def select_named(
    state: State, config: Config, selector: Selector, *, example: str
) -> tuple[int, tuple[str, ...]]:
    """Select a version that must be named. Raises ``UsageError`` with an example if it is not."""
    if not selector.is_explicit:
        hint = f"`dspyreg {example}` names one"
        raise UsageError(f"which version of {selector.program}?", hint=hint)
    return select(state, config, selector)


def environment_of(state: State, config: Config, selector: Selector) -> str | None:
    """Return the environment that a selector names, None if it names a version otherwise."""
    if selector.kind != "name":
        return None
    if state.number(selector.program, selector.text) is not None:
        return None
    return selector.text if config.environment(selector.text) else None


def no_program(state: State, program: str) -> NotFound:
    """Return the error of a program that is not there, with what may be meant."""
    known = state.get(names.reserved_name(program))
    other = known if known not in {None, program} and state.exists(known) else None
    hint = f"did you mean {other}?" if other else "`dspyreg list` shows the programs there are"
    return NotFound("program", program, hint=hint)


def _latest(state: State, program: str) -> int:
    number = state.latest(program)
    if number is None:
        raise NotFound("version", f"of {program} that is not archived")
    return number


def _by_name(state: State, config: Config, program: str, text: str) -> Chosen:
    number = state.number(program, text)
    if number is not None:
        archived = state.stage(program, number) == ARCHIVED
        return number, (f"{program}@{text} is archived",) if archived else ()
    live = state.pointer(program, text).live
    if live is not None:
        return live, ()
    if config.environment(text) is not None:
        raise NotFound("live version", f"of {program} in {text}")
    raise NotFound("version", f"{text} of {program}", hint=_known(state, config, program))


def _known(state: State, config: Config, program: str) -> str:
    some = [row.label for row in islice(state.ranked(program), 5)]
    places = ", ".join(environment.name for environment in config.environments)
    return f"versions: {', '.join(some) or 'all archived'}; environments: {places}"


def _previous(state: State, config: Config, program: str, text: str) -> int:
    if config.environment(text) is None:
        places = ", ".join(environment.name for environment in config.environments)
        raise NotFound("environment", text, hint=f"there are {places}")
    from dspyreg.lifecycle.history import previous

    record = previous(state, program, text)
    if record is None:
        raise NotFound("previous version", f"of {program} in {text}")
    return record.deployment.number


def _in_range(state: State, program: str, text: str) -> int:
    wanted = labels.range_of(text)
    for row in state.ranked(program):
        if row.rank is not None and wanted.holds(row.rank):
            return row.number
    raise NotFound("version", f"of {program} in the range {text}")


def _on_stage(state: State, config: Config, program: str, text: str) -> int:
    stage = text if text in {DEPRECATED, ARCHIVED} else config.rung(text)
    if stage is None:
        known = ", ".join([*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED])
        raise NotFound("stage", text, hint=f"there are {known}")
    number = next(state.on_stage(program, stage), None)
    if number is None:
        raise NotFound("version", f"of {program} in {text}")
    return number


def _by_number(state: State, program: str, number: int) -> int:
    if state.version(program, number) is None:
        raise NotFound("version", f"#{number} of {program}")
    return number


def _by_digest(state: State, program: str, text: str) -> int:
    numbers = state.by_digest(program, text)
    if not numbers:
        raise NotFound("version", f"of {program} with a digest like {text}")
    if len(numbers) > 1:
        several = ", ".join(state.label(program, number) for number in sorted(numbers))
        raise UsageError(f"{text} could be any of {several}", hint="name one by its label")
    return numbers.pop()
