"""A selector resolved to a version, and the moment that a reader asks for.

Every script resolves, so this imports next to nothing.
"""

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from dspyreg.errors import UsageError
from dspyreg.lifecycle.select import environment_of, select
from dspyreg.model.digest import Digest
from dspyreg.model.selector import Selector

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from dspyreg.config.value import Config
    from dspyreg.model.line import Head
    from dspyreg.registry.context import Context
    from dspyreg.store.head_state import HeadState
    from dspyreg.store.index_state import IndexState

_LONGEST_SHOWN: Final = 60
_ANSWERS_KEPT: Final = 1024


class Resolution(NamedTuple):
    """The version that a selector means; ``seq`` is the head that this was answered from."""

    program: str
    label: str
    number: int
    digest: Digest
    environment: str | None
    seq: int


class Moment:
    """The registry at one moment: the head of its log, the state and the configuration there."""

    def __init__(self, context: "Context", head: "Head", state: "HeadState | IndexState") -> None:
        self.head, self.state = head, state
        self._context = context

    @cached_property
    def config(self) -> "Config":
        """The configuration in force."""
        return self._context.configuration_of(self.state)


@contextmanager
def moment_of(context: "Context", at: str | None) -> "Iterator[Moment]":
    """Yield the moment that a reader asks for: now, or as of a seq or a time.

    All reads inside answer as of that moment. Raises ``UsageError``, ``NotFound``.
    """
    log = context.entries
    with log.reading() as head:
        if at is None:
            yield Moment(context, head, log.state())
        else:
            seq = _seq(context, at)
            yield Moment(context, head._replace(seq=seq), log.past(seq))


def time_of(context: "Context", at: str, seq: int) -> "datetime | None":
    """Return the time that ``at`` means: the time itself, or that of the entry with this seq; None
    before the first.
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
        raise UsageError("at-invalid", text=at[:_LONGEST_SHOWN]) from error


def resolve(context: "Context", selector: str, *, at: str | None) -> Resolution:
    """See ``Registry.resolve``. Answers about the present are kept until the log grows."""
    if at is not None:
        return _resolved(context, selector, at=at)[1]
    known: tuple[Head, Resolution] | None = context.resolutions.get(selector)
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
    with moment_of(context, at) as moment:
        state, config = moment.state, moment.config
        number, _ = select(state, config, chosen)
        snapshot = state.existing(chosen.program, number)
        environment = environment_of(state, config, chosen)
        seq = moment.head.seq
        answer = Resolution(
            chosen.program, snapshot.label, number, snapshot.document, environment, seq
        )
    return moment.head, answer


def notices(context: "Context", selector: str, *, at: str | None) -> tuple[str, ...]:
    """Return the notices about the version that a selector means, such as that it is deprecated."""
    chosen = Selector.parse(selector)
    with moment_of(context, at) as moment:
        return select(moment.state, moment.config, chosen)[1]
