"""Selecting a version of one state by a selector."""

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

Selection = tuple[int, tuple[str, ...]]
_FEW = 5


def select(state: State, config: Config, selector: Selector) -> Selection:
    """Return the number of the version that a selector means, and notices about it.

    Raises ``NotFound`` for what does not exist, ``UsageError`` where several versions match.
    """
    try:
        return _select(state, config, selector)
    except NotFound:
        require_program(state, selector.program)
        raise


def _select(state: State, config: Config, selector: Selector) -> Selection:
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


def select_named(state: State, config: Config, selector: Selector, *, example: str) -> Selection:
    """Select a version that must be named. Raises ``UsageError`` with an example if it is not."""
    if not selector.is_explicit:
        raise UsageError("version-unnamed", program=selector.program, example=example)
    return select(state, config, selector)


def environment_of(state: State, config: Config, selector: Selector) -> str | None:
    """Return the environment that a selector names, None if it names a version otherwise."""
    if selector.kind != "name":
        return None
    if state.number(selector.program, selector.text) is not None:
        return None
    return selector.text if config.environment(selector.text) else None


def require_program(state: State, program: str) -> None:
    """Raise ``NotFound`` unless the program has a version."""
    if not state.exists(program):
        raise no_program(state, program) from None


def no_program(state: State, program: str) -> NotFound:
    """Return the error of a program without versions, with a name that differs only in case."""
    known = state.get(names.reserved_name(program))
    if known not in {None, program} and state.exists(known):
        return NotFound("program", program, hint="program-in-other-case", other=known)
    return NotFound("program", program, hint="programs-listed")


def _latest(state: State, program: str) -> int:
    number = state.latest(program)
    if number is None:
        raise NotFound("version", program, problem="latest-not-found")
    return number


def _by_name(state: State, config: Config, program: str, text: str) -> Selection:
    number = state.number(program, text)
    if number is not None:
        archived = state.stage(program, number) == ARCHIVED
        return number, (f"{program}@{text} is archived",) if archived else ()
    live = state.pointer(program, text).live
    if live is not None:
        return live, ()
    if config.environment(text) is not None:
        raise NotFound("live version", program, problem="live-not-found", environment=text)
    some = [row.label for row in islice(state.ranked(program), _FEW)]
    raise NotFound(
        "version",
        text,
        problem="version-not-found",
        program=program,
        versions=", ".join(some) or "all archived",
        environments=", ".join(each.name for each in config.environments),
    )


def _previous(state: State, config: Config, program: str, text: str) -> int:
    from dspyreg.lifecycle.environments import named
    from dspyreg.lifecycle.history import previous

    record = previous(state, program, named(config, text).name)
    if record is None:
        facts = {"program": program, "environment": text}
        raise NotFound("previous version", text, problem="previous-not-found", **facts)
    return record.deployment.number


def _in_range(state: State, program: str, text: str) -> int:
    wanted = labels.range_of(text)
    for row in state.ranked(program):
        if row.rank is not None and wanted.holds(row.rank):
            return row.number
    raise NotFound("version", text, problem="range-not-found", program=program)


def _on_stage(state: State, config: Config, program: str, text: str) -> int:
    stage = text if text in {DEPRECATED, ARCHIVED} else config.rung(text)
    if stage is None:
        known = ", ".join([*(rung.name for rung in config.rungs), DEPRECATED, ARCHIVED])
        raise NotFound("stage", text, hint="names-known", known=known)
    number = next(state.on_stage(program, stage), None)
    if number is None:
        raise NotFound("version", text, problem="stage-empty", program=program)
    return number


def _by_number(state: State, program: str, number: int) -> int:
    if state.version(program, number) is None:
        raise NotFound("version", str(number), problem="number-not-found", program=program)
    return number


def _by_digest(state: State, program: str, text: str) -> int:
    numbers = state.by_digest(program, text)
    if not numbers:
        raise NotFound("version", text, problem="digest-not-found", program=program)
    if len(numbers) > 1:
        several = ", ".join(state.label(program, number) for number in sorted(numbers))
        raise UsageError("digest-ambiguous", digest=text, versions=several)
    return numbers.pop()
