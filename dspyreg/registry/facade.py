"""The registry as Python callers, the command line and a server see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from dspyreg.model import names
from dspyreg.store.log import Log

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path
    from typing import BinaryIO

    from dspyreg.backends.interface import Store
    from dspyreg.config.value import Config
    from dspyreg.model.digest import Digest
    from dspyreg.model.entry import Entry
    from dspyreg.model.state import State
    from dspyreg.model.version import Version
    from dspyreg.registry.comparing import Compatibility, Difference
    from dspyreg.registry.files import CheckedOut
    from dspyreg.registry.outcome import Outcome
    from dspyreg.registry.prompting import Prompt
    from dspyreg.registry.reading import Board, Page, ProgramSummary, Status
    from dspyreg.registry.resolving import Resolution
    from dspyreg.registry.upgrading import Suggestion, UpgradePath
    from dspyreg.store.gc import Swept
    from dspyreg.store.verify import Verdict

    PathLike = str | os.PathLike[str]
    Paths = PathLike | Sequence[PathLike]

_ANSWERS_KEPT = 1024


def _silent(_: str) -> None:
    """Tell nobody."""


class Registry:
    """A registry of compiled DSPy programs.

    Every method that takes a selector takes its text: ``qa``, ``qa@1.1.0``, ``qa@^1.2``,
    ``qa@production``, ``qa@production~1``, ``qa@stage:staging``, ``qa@#3``, ``qa@b3:1f2e3d``.
    Every method that changes something is durable when it returns, takes ``dry_run``, and
    returns an ``Outcome``. Errors are those of ``dspyreg.errors``.
    """

    def __init__(
        self,
        store: Store,
        *,
        actor: str,
        clock: Callable[[], datetime],
        context: Mapping[str, Any] | None = None,
        provenance: Callable[[], Mapping[str, Any]] = dict,
        caches: Sequence[Path] = (),
        tell: Callable[[str], None] = _silent,
    ) -> None:
        """Open a store in somebody's name. ``tell`` hears what is no error but worth knowing."""
        self.blobs = store.blobs
        self.registry_id, self.where = store.registry_id, store.where
        self.store = store
        self.actor, self.now = actor, clock
        self.context, self.provenance = dict(context or {}), provenance
        self.the_log = Log(store, caches, tell)
        self._answers: dict[str, tuple[Any, Resolution]] = {}
        self._configurations: dict[str | None, Config] = {}

    def close(self) -> None:
        """Bring the caches to the head of the log and let go of them."""
        self.the_log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Changing

    def register(
        self,
        program: str,
        paths: Paths,
        *,
        version: str | None = None,
        bump: str = "auto",
        metrics: Mapping[str, float] | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        changelog: str | None = None,
        contract: Mapping[str, Any] | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        exist_ok: bool = False,
        force: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Store a file, several, or a directory as a new version of a program.

        Raises ``Conflict`` for a label that exists, ``Refused`` without a label for what is
        registered as the latest already (``force`` registers it again), ``NotFound`` for a
        path, ``UsageError`` for names, metrics and files that cannot be taken. What looks like a
        secret is ``Refused``, naming each place, unless ``redact`` takes it out of the states or
        ``allow_secrets`` says that it may be stored. ``contract`` is what was captured from the
        live program; without it, what the saved state tells is inferred.
        """
        from dspyreg.registry import registering

        return registering.register(
            self,
            program,
            paths,
            label=version,
            bump=bump,
            metrics=metrics or {},
            metadata=metadata or {},
            tags=tags,
            changelog=changelog,
            contract=contract,
            redact=redact,
            allow_secrets=allow_secrets,
            exist_ok=exist_ok,
            force=force,
            dry_run=dry_run,
        )

    def promote(
        self,
        selector: str,
        *,
        to: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Move a version one rung up; with ``to`` alone, the newest of the rung below."""
        from dspyreg.registry import moving

        return moving.promote(self, selector, to=to, reason=reason, dry_run=dry_run)

    def demote(
        self,
        selector: str,
        *,
        reason: str | None = None,
        force: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Move a version one rung down. ``force`` withdraws it where it is live and protected."""
        from dspyreg.registry import moving

        return moving.demote(self, selector, reason=reason, force=force, dry_run=dry_run)

    def archive(
        self,
        selector: str,
        *,
        reason: str | None = None,
        force: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Retire a version. ``force`` withdraws it where it is live and protected."""
        from dspyreg.registry import moving

        return moving.archive(self, selector, reason=reason, force=force, dry_run=dry_run)

    def restore(
        self, selector: str, *, reason: str | None = None, dry_run: bool = False
    ) -> Outcome:
        """Bring an archived version back to the first rung."""
        from dspyreg.registry import moving

        return moving.restore(self, selector, reason=reason, dry_run=dry_run)

    def deploy(
        self,
        selector: str,
        *,
        environment: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Make a version live in an environment whose rung it has reached."""
        from dspyreg.registry import moving

        return moving.deploy(
            self, selector, environment=environment, reason=reason, dry_run=dry_run
        )

    def rollback(
        self,
        program: str,
        *,
        environment: str | None = None,
        to: str | None = None,
        reason: str | None = None,
        as_new_version: bool = False,
        force: bool = False,
        dry_run: bool = False,
    ) -> Outcome:
        """Make live again what was live before, or the version named by ``to``."""
        from dspyreg.registry import moving

        return moving.rollback(
            self,
            program,
            environment=environment,
            to=to,
            reason=reason,
            as_new_version=as_new_version,
            force=force,
            dry_run=dry_run,
        )

    def undo(
        self,
        seq: int | None = None,
        *,
        program: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Take an entry back; without ``seq`` the newest that can be, of a program if named."""
        from dspyreg.registry import undoing

        return undoing.undo(self, seq, program=program, reason=reason, dry_run=dry_run)

    def redo(
        self,
        seq: int | None = None,
        *,
        program: str | None = None,
        reason: str | None = None,
        dry_run: bool = False,
    ) -> Outcome:
        """Take an undo back; without ``seq`` your own newest."""
        from dspyreg.registry import undoing

        return undoing.redo(self, seq, program=program, reason=reason, dry_run=dry_run)

    def apply(self, text: str, *, reason: str | None = None, dry_run: bool = False) -> Outcome:
        """Put a configuration document in force, whole. Raises ``Refused``, naming versions."""
        from dspyreg.registry import configuring

        return configuring.apply(self, text, reason=reason, dry_run=dry_run)

    # Reading

    def resolve(self, selector: str, *, at: str | None = None) -> Resolution:
        """Return which version a selector means. While nothing has changed: two stats."""
        if at is None:
            known = self._answers.get(selector)
            if known is not None and self.the_log.is_current(known[0]):
                return known[1]
        from dspyreg.registry import resolving

        head, answer = resolving.resolve(self, selector, at=at)
        if at is None:
            if len(self._answers) >= _ANSWERS_KEPT:
                self._answers.clear()
            self._answers[selector] = head, answer
        return answer

    def show(self, selector: str, *, at: str | None = None) -> Version:
        """Return a version: what was registered, and what has happened to it since."""
        from dspyreg.registry import reading

        return reading.show(self, selector, at=at)

    def programs(
        self, *, limit: int = -1, offset: int = 0, at: str | None = None
    ) -> list[ProgramSummary]:
        """Return the programs, by name: their latest, how many versions, what is live where."""
        from dspyreg.registry import reading

        return reading.programs(self, limit=limit, offset=offset, at=at)[0]

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
        """Return versions, highest first; of every program if none is named. Those that are
        archived are left out unless they are asked for. An unknown program has none.
        """
        from dspyreg.registry import reading

        return reading.versions(
            self, program, stage=stage, archived=archived, limit=limit, offset=offset, at=at
        )

    def status(
        self, program: str, *, environment: str | None = None, at: str | None = None
    ) -> Status:
        """Return where a program stands: what is live, how many versions on which stage."""
        from dspyreg.registry import reading

        return reading.status(self, program, environment=environment, at=at)

    def board(self, *, at: str | None = None) -> Board:
        """Return every stage with the (program, label) of the versions on it, newest first."""
        from dspyreg.registry import reading

        return reading.board(self, at=at)

    def log(
        self, program: str | None = None, *, limit: int = -1, seq: int | None = None
    ) -> list[Entry]:
        """Return entries of the log, newest first."""
        from dspyreg.registry import reading

        return reading.history(self, program, limit=limit, seq=seq)

    # Comparing

    def diff(self, a: PathLike, b: PathLike, *, at: str | None = None) -> Difference:
        """Return what differs between two programs, part by part.

        Each is a selector, or the path of a file or directory that need not be registered: what
        is a path object, has a separator in it, ends in ``.json`` or is a file here.
        """
        from dspyreg.registry import comparing

        return comparing.diff(self, a, b, at=at)

    def compat(self, a: PathLike, b: PathLike, *, at: str | None = None) -> Compatibility:
        """Return whether the callers of ``a`` can use ``b``: selectors or paths, as in ``diff``."""
        from dspyreg.registry import comparing

        return comparing.compat(self, a, b, at=at)

    def upgrade_path(
        self, program: str, from_: str, to: str, *, at: str | None = None
    ) -> UpgradePath:
        """Return the steps from one version of a program to another, through the releases between
        them that are not archived: what breaks at each, what to test. ``from_`` and ``to`` are
        what stands behind the ``@`` of a selector.

        Raises ``UsageError`` if ``to`` comes before ``from_``.
        """
        from dspyreg.registry import upgrading

        return upgrading.upgrade_path(self, program, from_, to, at=at)

    def suggest_bump(
        self, program: str, path: PathLike, *, contract: Mapping[str, Any] | None = None
    ) -> Suggestion:
        """Return which label a file deserves as the next version of a program, and why.

        It is compared with the latest. ``contract`` is one that was captured from a live program.
        """
        from dspyreg.registry import upgrading

        return upgrading.bump(self, program, path, contract=contract)

    def prompt(self, selector: str, *, at: str | None = None) -> Prompt:
        """Return the instructions, fields and demos of a version's predictors.

        Raises ``NotFound`` if no saved state in it can be read.
        """
        from dspyreg.registry import prompting

        return prompting.prompt(self, selector, at=at)

    def configuration(self) -> Config:
        """Return the configuration in force."""
        self.the_log.refresh()
        return self.configuration_of(self.the_log.state())

    def configuration_of(self, state: State) -> Config:
        """Return the configuration that a state names; the built-in one if it names none."""
        from dspyreg.registry import in_force

        value = state.get(names.CONFIG)
        key = None if value is None else value["document"]
        if key not in self._configurations:
            self._configurations[key] = in_force.read(self.blobs, key)
        return self._configurations[key]

    # Bytes

    def read(self, selector: str, path: str | None = None, *, at: str | None = None) -> bytes:
        """Return the bytes of a version's file; ``path`` may be left out if there is one."""
        from dspyreg.registry import files

        with files.opened(self, selector, path, at=at) as file:
            return file.read()

    def opened(self, selector: str, path: str | None = None, *, at: str | None = None) -> BinaryIO:
        """Return a version's file to read from, checked against its digest just now."""
        from dspyreg.registry import files

        return files.opened(self, selector, path, at=at)

    def checkout(
        self,
        selector: str,
        output: str | os.PathLike[str] | None = None,
        *,
        force: bool = False,
        at: str | None = None,
    ) -> CheckedOut:
        """Write a version's files below a directory, byte for byte as they were registered.

        Raises ``Conflict`` if other content is in the way, unless ``force`` says to replace it.
        """
        from dspyreg.registry import files

        return files.checkout(self, selector, output, force=force, at=at)

    # Keeping

    def verify(self, *, repair: bool = True) -> Verdict:
        """Rehash every blob, walk the log, compare the caches with it; mend what can be."""
        from dspyreg.store.verify import verify

        return verify(self.store, self.the_log, repair=repair)

    def gc(
        self,
        *,
        grace: timedelta | None = None,
        undo_window: timedelta | None = None,
        dry_run: bool = False,
    ) -> Swept:
        """Delete the blobs of versions that no longer exist and cannot come back."""
        from dspyreg.registry import collecting

        return collecting.gc(self, grace=grace, undo_window=undo_window, dry_run=dry_run)

    def digest_of_configuration(self, config: Config) -> Digest:
        """Return the digest by which a decision names the configuration it was judged by."""
        from dspyreg.registry import in_force

        return in_force.digest_of(config)

    def lines(self) -> Iterator[bytes]:
        """Return the log as it stands, line by line."""
        return (line.data for line in self.the_log.all_lines())
