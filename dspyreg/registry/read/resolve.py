"""From a selector to a version: what every script asks, so this imports next to nothing."""

from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.errors import UsageError
from dspyreg.lifecycle.select import environment_of, select
from dspyreg.model.digest import Digest
from dspyreg.model.selector import Selector

if TYPE_CHECKING:
    from datetime import datetime

    from dspyreg.model.line import Head
    from dspyreg.model.state import State
    from dspyreg.registry.context import Context

_LONGEST_SHOWN: Final = 60
_ANSWERS_KEPT: Final = 1024


class Resolution(NamedTuple):
    """Which version a selector means; ``seq`` is the head that this was answered from."""

    program: str
    label: str
    number: int
    digest: Digest
    environment: str | None
    seq: int


def moment_of(context: "Context", at: str | None) -> "tuple[Head, State]":
    """Return the head and the state that a reader asks for: now, or as of a seq or a time."""
    head = context.entries.refresh()
    if at is None:
        return head, context.entries.state()
    seq = _seq(context, at)
    return head._replace(seq=seq), context.entries.past(seq)


def time_of(context: "Context", at: str, seq: int) -> "datetime | None":
    """Return when the moment was that a reader asks for: the time itself, or that of the entry
    with this seq; None before the first.
    """
    from dspyreg.model import moment

    if not _is_seq(at):
        return moment.parse(at)
    return moment.parse(context.entries.entries([seq])[0].time) if seq else None


def _is_seq(at: str) -> bool:
    return at.isascii() and at.isdecimal()


def _seq(context: "Context", at: str) -> int:
    if _is_seq(at) and len(at) <= _LONGEST_SHOWN:
        return int(at)
    from dspyreg.model import moment

    try:
        if _is_seq(at):
            raise ValueError(at)
        return context.entries.seq_at(moment.text(moment.parse(at)))
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"not a moment: {at[:_LONGEST_SHOWN]!r}",
            hint="a sequence number, a date or an ISO 8601 time",
        ) from error


def resolve(context: "Context", selector: str, *, at: str | None) -> Resolution:
    """See ``Registry.resolve``. Answers about the present are kept until the log grows."""
    if at is not None:
        return _resolved(context, selector, at=at)[1]
    known = context.resolutions.get(selector)
    if known is not None and context.entries.is_current(known[0]):
        return known[1]
    answer = _resolved(context, selector, at=None)
    if len(context.resolutions) >= _ANSWERS_KEPT:
        context.resolutions.clear()
    context.resolutions[selector] = answer
    return answer[1]


def _resolved(context: "Context", selector: str, *, at: str | None) -> "tuple[Head, Resolution]":
    """Return an answer, and the head of the log that it holds for."""
    chosen = Selector.parse(selector)
    with context.entries.lock:
        head, state = moment_of(context, at)
        config = context.configuration_of(state)
        number, _ = select(state, config, chosen)
        snapshot = state.existing(chosen.program, number)
        environment = environment_of(state, config, chosen)
    return head, Resolution(
        chosen.program, snapshot.label, number, snapshot.document, environment, head.seq
    )


def notices(context: "Context", selector: str, *, at: str | None) -> tuple[str, ...]:
    """Return what is worth knowing about the version that a selector means."""
    chosen = Selector.parse(selector)
    with context.entries.lock:
        _, state = moment_of(context, at)
        return select(state, context.configuration_of(state), chosen)[1]
