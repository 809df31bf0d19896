"""The facts that a gate judges, gathered from a state."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from dspyreg.lifecycle.gates import counts_from, given_at
from dspyreg.model import moment, names
from dspyreg.policy.facts import CAPTURED, CARRIED, Break, CommandResult, Live

if TYPE_CHECKING:
    from datetime import datetime

    from dspyreg.config.value import Config
    from dspyreg.lifecycle.gates import Demand
    from dspyreg.model.digest import Digest
    from dspyreg.model.document import Document
    from dspyreg.model.state import State, Step
    from dspyreg.policy.forms import Command


class Look(Protocol):
    """What a gate must know that no state tells."""

    @property
    def now(self) -> datetime:
        """When the judgement is made."""

    def document(self, digest: Digest) -> Document:
        """Return the document of a version."""

    def breaks(self, before: Digest, after: Digest) -> tuple[str, ...]:
        """Return in words where one version's contract breaks with another's."""

    def unreadable(self, document: Document) -> str | None:
        """Return why no program can be read from the files of a version; None if one can."""

    def measured(
        self, config: Config, command: Command, program: str, number: int, rung: str
    ) -> CommandResult:
        """Return what a command of a configuration came to that was run on a version."""

    @property
    def hint(self) -> str | None:
        """What to do about commands that were not run, None if all were."""

    def commands(self) -> list[dict[str, Any]]:
        """Return what an entry tells of the commands that were run."""

    @property
    def outputs(self) -> tuple[bytes, ...]:
        """The blobs that it names: what the commands wrote."""


class Gathered:
    """The facts of a version, each read from the state when it is asked for."""

    def __init__(
        self, look: Look, state: State, config: Config, program: str, number: int, demand: Demand
    ) -> None:
        self._look, self._state, self._config = look, state, config
        self._program, self._number = program, number
        self._rung, self._places = demand.rung, demand.places

    def metrics(self) -> dict[str, float]:
        """See ``Facts``."""
        return self._metrics

    @cached_property
    def _metrics(self) -> dict[str, float]:
        return self._state.metrics(self._program, self._number)

    @cached_property
    def _lives(self) -> dict[int, str]:
        """The versions that are live there, and the first place of each."""
        found: dict[int, str] = {}
        for place in self._places:
            live = self._state.pointer(self._program, place).live
            if live is not None and live != self._number:
                found.setdefault(live, place)
        return found

    def unlike(self, metric: str, *values: float) -> str | None:
        """See ``Facts``."""
        return self._config.metrics_of(self._program).unlike(metric, values)

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
        """See ``Facts``. Of what was read at registration the document tells the family."""
        return None if self._document.family else self._look.unreadable(self._document)

    @cached_property
    def _document(self) -> Document:
        return self._look.document(self._digest(self._number))

    def _digest(self, number: int) -> Digest:
        return self._state.existing(self._program, number).document

    @cached_property
    def _since(self) -> Step | None:
        return counts_from(self._state, self._config, self._program, self._number, self._rung)

    def approvers(self) -> set[str]:
        """See ``Facts``."""
        prefix = names.prefix("approvals", self._program, self._number, self._rung)
        since = self._since.seq if self._since else 0
        found = self._state.under(prefix)
        return {names.split(each.name)[4] for each in found if given_at(self._state, each) > since}

    def evidence(self) -> dict[str, bool]:
        """See ``Facts``."""
        since = self._since.seq if self._since else 0
        found = self._state.under(names.prefix("evidence", self._program, self._number))
        ordered = sorted(found, key=lambda each: each.created)
        return {
            names.split(each.name)[3]: each.value["passed"]
            for each in ordered
            if each.created > since
        }

    def breaks(self) -> tuple[Break, ...]:
        """See ``Facts``."""
        here = self._digest(self._number)
        found = (
            (self._state.label(self._program, live), self._look.breaks(self._digest(live), here))
            for live in self._lives
        )
        return tuple(Break(label, reasons) for label, reasons in found if reasons)

    def knows_types(self) -> bool:
        """See ``Facts``."""
        contract = self._document.contract
        return contract is not None and contract.get("knowledge") in {CAPTURED, CARRIED}

    def age(self) -> float:
        """See ``Facts``."""
        if self._since is None:
            return 0.0
        return (self._look.now - moment.parse(self._since.time)).total_seconds()

    def measured(self, command: Command) -> CommandResult:
        """See ``Facts``."""
        return self._look.measured(self._config, command, self._program, self._number, self._rung)
