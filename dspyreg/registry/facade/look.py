"""Methods of the registry: answers about programs, versions and the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.registry.facade import use
from dspyreg.registry.facade.family import MethodFamily
from dspyreg.registry.transaction.operation import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.model.version import Version
    from dspyreg.registry.read.log import EntryList
    from dspyreg.registry.read.resolve import Resolution
    from dspyreg.registry.read.status import Board, Status
    from dspyreg.registry.read.versions import Page, ProgramPage, ProgramSummary


class LookMethods(MethodFamily):
    """Answers about programs, versions and the log."""

    def resolve(self, selector: str, *, at: str | None = None) -> Resolution:
        """Return the version that a selector means; from memory, while the log has not grown."""
        return use.resolve.resolve(self.context, selector, at=at)

    @reading
    def notices(self, selector: str, *, at: str | None = None) -> tuple[str, ...]:
        """Return the notices about the version that a selector means."""
        return use.resolve.notices(self.context, selector, at=at)

    @reading
    def show(self, selector: str, *, at: str | None = None) -> Version:
        """Return a version with its history."""
        return use.versions.show(self.context, selector, at=at)

    @reading
    def programs(
        self, *, limit: int = -1, offset: int = 0, at: str | None = None
    ) -> list[ProgramSummary]:
        """Return the programs by name: latest label, number of versions, live labels."""
        return use.versions.programs(self.context, limit=limit, offset=offset, at=at).programs

    @reading
    def listing(
        self,
        program: str | None = None,
        *,
        stage: str | None = None,
        archived: bool = False,
        limit: int = -1,
        offset: int = 0,
        at: str | None = None,
    ) -> ProgramPage | Page:
        """Return a page and the total: of programs, or of versions if a program, a stage or
        ``archived`` is given. Raises ``NotFound`` for an unknown program.
        """
        return use.versions.listing(
            self.context, program, stage=stage, archived=archived, limit=limit, offset=offset, at=at
        )

    @reading
    def versions(
        self,
        program: str | None = None,
        *,
        stage: str | None = None,
        archived: bool = False,
        limit: int = -1,
        offset: int = 0,
        at: str | None = None,
    ) -> Page:
        """Return versions, highest first; of every program if none is named. Archived versions are
        included only with ``archived``, or if ``stage`` is ``archived``. An unknown program has
        none.
        """
        return use.versions.versions(
            self.context, program, stage=stage, archived=archived, limit=limit, offset=offset, at=at
        )

    @reading
    def status(
        self, program: str, *, environment: str | None = None, at: str | None = None
    ) -> Status:
        """Return the environments and stages of a program, with their versions."""
        return use.status.status(self.context, program, environment=environment, at=at)

    @reading
    def board(self, *, at: str | None = None) -> Board:
        """Return every stage with the (program, label) of the versions on it, newest first."""
        return use.status.board(self.context, at=at)

    @reading
    def log(
        self,
        program: str | None = None,
        *,
        limit: int = -1,
        seq: int | None = None,
        at: str | None = None,
    ) -> EntryList:
        """Return entries of the log, newest first."""
        return use.log.newest(self.context, program, limit=limit, seq=seq, at=at)

    @reading
    def completions(self, kind: str, text: str) -> list[str]:
        """Return the names of a kind that begin with a text: ``program``, ``selector``, ``label``,
        ``environment``, ``rung`` or ``stage``; none for another kind.
        """
        return use.completion.candidates(self.context, kind, text)

    def lines(self) -> Iterator[bytes]:
        """Return the log, line by line."""
        return (line.data for line in self.context.entries.all_lines())
