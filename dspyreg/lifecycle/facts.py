"""Facts of a version that a gate judges, from a state and a source beside it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from dspyreg.lifecycle.counting import approved_at, counts_from
from dspyreg.model import moment, names
from dspyreg.policy.facts import CAPTURED, CARRIED, Break, CommandResult, Live

if TYPE_CHECKING:
    from datetime import datetime

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.case import Case
    from dspyreg.model.digest import Digest
    from dspyreg.model.document import Document
    from dspyreg.model.state import NameChange
    from dspyreg.policy.forms import Command


class FactSource(Protocol):
    """Facts that no state has: documents, comparisons, commands, the time."""

    @property
    def now(self) -> datetime:
        """The time of the judgement."""

    def document(self, digest: Digest) -> Document:
        """Return the document of a version."""

    def breaks(self, before: Digest, after: Digest) -> tuple[str, ...]:
        """Return the breaks of one version's contract with another's, in words."""

    def unreadable(self, document: Document) -> str | None:
        """Return why no program can be read from the files of a version; None if one can."""

    def measured(
        self, config: Config, command: Command, program: str, number: int, rung: str
    ) -> CommandResult:
        """Return the result of a command of a configuration that was run on a version."""

    @property
    def hint(self) -> str | None:
        """The key of the hint about commands that were not run, None if all were."""

    def commands(self) -> list[dict[str, Any]]:
        """Return the commands that were run, as an entry keeps them."""

    @property
    def outputs(self) -> tuple[bytes, ...]:
        """The blobs that the entry names: the output of the commands."""


class GateFacts:
    """Facts of a version on its way to a rung and environments, each read when a rule needs it."""

    def __init__(
        self, source: FactSource, case: Case, number: int, rung: str, places: tuple[str, ...]
    ) -> None:
        self._source, self._case, self._number = source, case, number
        self._state, self._program = case.draft, case.program
        self._rung, self._places = rung, places

    def metrics(self) -> dict[str, float]:
        """See ``Facts``."""
        return self._metrics

    @cached_property
    def _metrics(self) -> dict[str, float]:
        return self._state.metrics(self._program, self._number)

    @cached_property
    def _lives(self) -> dict[int, str]:
        """The other versions that are live, and the first environment of each."""
        lives: dict[int, str] = {}
        for place, live in self._case.lives(self._places).items():
            if live != self._number:
                lives.setdefault(live, place)
        return lives

    def unlike(self, metric: str, *values: float) -> str | None:
        """See ``Facts``."""
        return self._case.metrics.unlike(metric, values)

    def live(self) -> tuple[Live, ...]:
        """See ``Facts``."""
        state, program = self._state, self._program
        return tuple(
            Live(label, place, state.metrics(program, number), f"{program}@{label}")
            for number, place in self._lives.items()
            for label in (state.label(program, number),)
        )

    def author(self) -> str:
        """See ``Facts``."""
        return self._document.author

    def changelog(self) -> str | None:
        """See ``Facts``."""
        return self._document.changelog

    def secrets(self) -> str | None:
        """See ``Facts``."""
        return self._document.secrets

    def metadata(self) -> dict[str, Any]:
        """See ``Facts``."""
        return self._document.metadata

    def size(self) -> int:
        """See ``Facts``."""
        return sum(file.size for file in self._document.files)

    def is_any_file(self) -> bool:
        """See ``Facts``."""
        return bool(self._document.any_file)

    def unreadable(self) -> str | None:
        """See ``Facts``. A document with a family was read at registration."""
        return None if self._document.family else self._source.unreadable(self._document)

    @cached_property
    def _document(self) -> Document:
        return self._source.document(self._digest(self._number))

    def _digest(self, number: int) -> Digest:
        return self._state.existing(self._program, number).document

    @cached_property
    def _since(self) -> NameChange | None:
        return counts_from(self._case, self._number, self._rung)

    def approvers(self) -> set[str]:
        """See ``Facts``."""
        prefix = names.prefix("approvals", self._program, self._number, self._rung)
        since = self._since.seq if self._since else 0
        return {
            names.split(each.name)[4]
            for each in self._state.under(prefix)
            if approved_at(self._state, each) > since
        }

    def evidence(self) -> dict[str, bool]:
        """See ``Facts``."""
        since = self._since.seq if self._since else 0
        every = self._state.under(names.prefix("evidence", self._program, self._number))
        ordered = sorted(every, key=lambda each: each.created)
        return {
            names.split(each.name)[3]: each.value["passed"]
            for each in ordered
            if each.created > since
        }

    def breaks(self) -> tuple[Break, ...]:
        """See ``Facts``."""
        own = self._digest(self._number)
        breaks = (
            Break(self._case.label(live), self._source.breaks(self._digest(live), own))
            for live in self._lives
        )
        return tuple(each for each in breaks if each.reasons)

    def knows_types(self) -> bool:
        """See ``Facts``."""
        contract = self._document.contract
        return contract is not None and contract.get("knowledge") in {CAPTURED, CARRIED}

    def age(self) -> float:
        """See ``Facts``."""
        if self._since is None:
            return 0.0
        return (self._source.now - moment.parse(self._since.time)).total_seconds()

    def measured(self, command: Command) -> CommandResult:
        """See ``Facts``."""
        config, program = self._case.config, self._program
        return self._source.measured(config, command, program, self._number, self._rung)
