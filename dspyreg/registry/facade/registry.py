"""The registry as Python callers, the command line and a server see it."""

from __future__ import annotations

import sys
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dspyreg.registry.transaction import appended, screening
from dspyreg.registry.transaction.options import Options

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta
    from pathlib import Path
    from typing import BinaryIO

    from dspyreg.config.value import Config
    from dspyreg.model.entry import Entry
    from dspyreg.model.version import Version
    from dspyreg.registry.analyse.compare import Comparison
    from dspyreg.registry.analyse.diff import Compatibility, Difference
    from dspyreg.registry.analyse.plan import DeploymentPlan
    from dspyreg.registry.analyse.prompt import Prompt
    from dspyreg.registry.analyse.upgrade import Suggestion, UpgradePath
    from dspyreg.registry.artifacts.checkout import CheckedOut
    from dspyreg.registry.artifacts.files import PathLike, Paths
    from dspyreg.registry.context import Context, Listener
    from dspyreg.registry.gate.check import Decision
    from dspyreg.registry.read.evidence import EvidenceList
    from dspyreg.registry.read.history import Measurements, Trends
    from dspyreg.registry.read.resolve import Resolution
    from dspyreg.registry.read.status import Board, Status
    from dspyreg.registry.read.versions import Page, ProgramSummary
    from dspyreg.registry.transaction.outcome import Outcome
    from dspyreg.registry.transaction.trust import TrustReport
    from dspyreg.store.gc import Swept
    from dspyreg.store.verify import VerifyReport


_Method = TypeVar("_Method", bound="Callable[..., Any]")

_ANSWERS_KEPT = 1024


def _told(operation: str) -> Callable[[_Method], _Method]:
    """Screen the words of a change for secrets, as ``redact`` and ``allow_secrets`` say. Emit
    events around it, and let its error say what had happened until then; a dry run does neither.
    """

    def of(method: _Method) -> _Method:
        @wraps(method)
        def told(self: Registry, *given: Any, **asked: Any) -> Any:
            # To look for the actor's name takes files, and no lock shall wait for them.
            asked = screening.screened_call(asked, self.actor)
            if asked.get("dry_run"):
                with self.context.operation():
                    return method(self, *given, **asked)
            with appended.described(operation), self.context.operation():
                if not self._is_heard():
                    return method(self, *given, **asked)
                from dspyreg.registry.transaction import events

                act = partial(method, self, *given, **asked)
                subject = given[0] if given else asked.get("selector", asked.get("program"))
                return events.emit_around(
                    self.context, operation, act, subject=subject, options=asked
                )

        return told  # type: ignore[return-value]

    return of


def _reads(method: _Method) -> _Method:
    """Answer from one look at the log."""

    @wraps(method)
    def answer(self: Registry, *args: Any, **options: Any) -> Any:
        with self.context.operation():
            return method(self, *args, **options)

    return answer  # type: ignore[return-value]


class Registry:
    """A registry of compiled DSPy programs.

    Every method that takes a selector takes its text: ``qa``, ``qa@1.1.0``, ``qa@^1.2``,
    ``qa@production``, ``qa@production~1``, ``qa@stage:staging``, ``qa@#3``, ``qa@b3:1f2e3d``.
    Every method that changes something is durable when it returns, takes ``dry_run``, and
    returns an ``Outcome``. What looks like a secret in the words that one leaves in the log (a
    reason, a note) is ``Refused``; ``redact`` keeps the words without it, ``allow_secrets`` as
    they are. Errors are those of ``dspyreg.errors``; ``error.entries`` are what had happened
    before.

    ``operation_id`` is a text of the caller's choice. The same request of the same actor under the
    same one is carried out once: repeated, its outcome is the entry that it was, with the notice
    ``already: entry 12``. Raises ``Conflict`` if it stands for another request.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._answers: dict[str, tuple[Any, Resolution]] = {}

    @property
    def listener(self) -> Listener | None:
        """What hears of each event as it comes; None by default."""
        return self.context.listener

    @listener.setter
    def listener(self, listener: Listener | None) -> None:
        self.context.listener = listener

    @property
    def registry_id(self) -> str:
        """The id of the registry, the same in every copy of it."""
        return self.context.registry_id

    @property
    def location(self) -> str:
        """The address of the store: a directory, for a local one."""
        return self.context.location

    @property
    def actor(self) -> str:
        """The name that changes are made in."""
        return self.context.actor

    def close(self) -> None:
        """Bring the caches to the head of the log and let go of them."""
        self.context.close()

    def _is_heard(self) -> bool:
        """Does anybody listen to events: a ``listener``, a handler of the logger ``dspyreg``?"""
        if self.listener is not None:
            return True
        logging = sys.modules.get("logging")  # who has not imported it has no handler
        if logging is None:
            return False
        logger = logging.getLogger("dspyreg")
        return bool(logger.hasHandlers() and logger.isEnabledFor(logging.ERROR))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Changing

    @_told("register")
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
        settings: Mapping[str, Any] | None = None,
        parent: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        allow_pickle: bool = False,
        any_file: bool = False,
        exist_ok: bool = False,
        force: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Store a file, several, or a directory as a new version of a program.

        Raises ``Conflict`` for a label that exists, ``Refused`` without a label for what is
        registered as the latest already (``force`` registers it again), ``NotFound`` for a
        path, ``UsageError`` for names, metrics and files that cannot be taken. ``exist_ok``
        accepts the same content again: measurements and tags that are new are recorded on the
        version that is there, and a notice names what is not. What the configuration demands of a
        registration is ``Refused`` with every finding that does not pass; ``force`` with a
        ``reason`` overrules it. What no program can be read from is ``Refused`` if it is
        called ``.json`` or ``.pkl``, or the latest version is a program, unless ``any_file`` says
        that it is meant. What looks like a secret is ``Refused``, naming each place, unless
        ``redact`` takes it out of the states and words, or ``allow_secrets`` says that it may be
        stored. ``contract`` is what was captured from the live program; without it, what the saved
        state tells is inferred. ``settings`` are what DSPy does not save of it, as
        ``dspyreg.register`` captures them. ``parent`` is the label of the version that this one was
        made from; by default the one that the paths are a checkout of, or the latest; ``NotFound``
        if there is none. A pickled state
        tells nothing unless ``allow_pickle`` says that it may be read: examples, dates and
        containers are built from it, nothing that it names is imported or called, anything else
        is refused.
        """
        from dspyreg.lifecycle.request import Request
        from dspyreg.registry.change import register

        request = Request(
            program,
            self.context.now(),
            label=version,
            bump=bump,
            metrics=metrics or {},
            metadata=metadata or {},
            tags=tuple(tags),
            changelog=changelog,
            contract=contract,
            settings=settings,
            parent=parent,
            any_file=any_file,
            exist_ok=exist_ok,
        )
        options = Options(reason, force, dry_run, operation_id, redact, allow_secrets)
        return register.register(self.context, request, paths, options, allow_pickle=allow_pickle)

    def register_result(
        self,
        result: Mapping[str, Any],
        program: str | None = None,
        paths: Paths = (),
        *,
        beside: Path | None = None,
        metrics: Mapping[str, float] | None = None,
        metadata: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Outcome:
        """Register what an optimizer's result tells: its scores, metadata, and where they are not
        given the name of the program and its file, which is looked for ``beside`` it.

        ``more`` is what ``register`` takes. Raises what that raises, ``UsageError`` where the
        result does not tell what is missing, ``Refused`` without a name if
        ``integration.auto_register_optimizations`` is off.
        """
        from dspyreg.registry.change import register_result

        told = register_result.arguments(self.context, result, program, paths, beside=beside)
        return self.register(
            told.program,
            told.paths,
            metrics={**told.metrics, **(metrics or {})},
            metadata={**told.metadata, **(metadata or {})},
            **more,
        )

    @_told("promote")
    def promote(
        self,
        selector: str,
        *,
        to: str | None = None,
        reason: str | None = None,
        force: bool = False,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Move a version one rung up; with ``to`` alone, the newest of the rung below.

        Without ``to`` a version leaves the first rung only; every higher one is named, so that a
        repeated call does not climb.

        Raises ``Refused`` with every finding of the policies that does not pass; ``force``, which
        needs a ``reason``, overrules them, and the entry keeps what it overruled.
        """
        from dspyreg.registry.change import promote

        options = Options(reason, force, dry_run, operation_id)
        return promote.promote(self.context, selector, options, to=to)

    @_told("demote")
    def demote(
        self,
        selector: str,
        *,
        reason: str | None = None,
        force: bool = False,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Move a version one rung down. ``force`` withdraws it where it is live and protected."""
        from dspyreg.registry.change import promote

        options = Options(reason, force, dry_run, operation_id)
        return promote.demote(self.context, selector, options)

    @_told("archive")
    def archive(
        self,
        selector: str,
        *,
        reason: str | None = None,
        force: bool = False,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Retire a version. ``force`` withdraws it where it is live and protected."""
        from dspyreg.registry.change import promote

        options = Options(reason, force, dry_run, operation_id)
        return promote.archive(self.context, selector, options)

    @_told("restore")
    def restore(
        self,
        selector: str,
        *,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Bring an archived version back to the first rung, a deprecated one to the rung below
        the top.
        """
        from dspyreg.registry.change import promote

        options = Options(reason, dry_run=dry_run, operation_id=operation_id)
        return promote.restore(self.context, selector, options)

    @_told("deploy")
    def deploy(
        self,
        selector: str,
        *,
        environment: str | None = None,
        select: str | None = None,
        reason: str | None = None,
        force: bool = False,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Make a version live in an environment whose rung it has reached.

        What the environment demands is judged as by ``promote``, and ``force`` overrules it. Of a
        program without a version, ``select`` chooses by score: ``conservative`` (the best, if it
        is enough better than what is live), ``aggressive`` or ``best_score`` (the best), ``manual``
        (nobody but a person). Without it, the configured strategy, else the highest number.
        """
        from dspyreg.registry.change import deploy

        options = Options(reason, force, dry_run, operation_id)
        return deploy.deploy(
            self.context, selector, options, environment=environment, select=select
        )

    @_told("rollback")
    def rollback(
        self,
        program: str,
        *,
        environment: str | None = None,
        to: str | None = None,
        reason: str | None = None,
        as_new_version: bool = False,
        force: bool = False,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Make live again what was live before, or the version named by ``to``."""
        from dspyreg.registry.change import deploy

        options = Options(reason, force, dry_run, operation_id)
        return deploy.rollback(
            self.context,
            program,
            options,
            environment=environment,
            to=to,
            as_new_version=as_new_version,
        )

    @_told("score")
    def score(
        self,
        selector: str,
        metrics: Mapping[str, float],
        *,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Append measurements to a version; the newest value of each metric counts.

        Raises ``UsageError`` for what is not a finite number.
        """
        from dspyreg.registry.change import measurements

        options = Options(
            reason, dry_run=dry_run, operation_id=operation_id, allow_secrets=allow_secrets
        )
        return measurements.score(self.context, selector, metrics, options)

    @_told("approve")
    def approve(
        self,
        selector: str,
        *,
        to: str | None = None,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Approve a version for a rung, the next one up without ``to``, in the actor's name.

        It counts until the version comes to the rung below anew; one person counts once. Raises
        ``Refused`` while the version has not reached the rung below.
        """
        from dspyreg.registry.change import record

        options = Options(reason, dry_run=dry_run, operation_id=operation_id)
        return record.approve(self.context, selector, options, to=to)

    @_told("evidence")
    def add_evidence(
        self,
        selector: str,
        name: str,
        *,
        passed: bool = True,
        file: PathLike | None = None,
        note: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Append evidence to a version under a name; the newest of a name counts. A ``file`` is
        stored and kept for ever.
        """
        from dspyreg.registry.change import record

        options = Options(
            note, dry_run=dry_run, operation_id=operation_id, allow_secrets=allow_secrets
        )
        return record.add_evidence(self.context, selector, name, options, passed=passed, file=file)

    @_told("undo")
    def undo(
        self,
        seq: int | None = None,
        *,
        program: str | None = None,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Take an entry back; without ``seq`` the newest that can be, of a program if named."""
        from dspyreg.registry.change import undo

        options = Options(reason, dry_run=dry_run, operation_id=operation_id)
        return undo.undo(self.context, seq, options, program=program)

    @_told("redo")
    def redo(
        self,
        seq: int | None = None,
        *,
        program: str | None = None,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Take an undo back; without ``seq`` your own newest."""
        from dspyreg.registry.change import undo

        options = Options(reason, dry_run=dry_run, operation_id=operation_id)
        return undo.redo(self.context, seq, options, program=program)

    @_told("config")
    def apply(
        self,
        text: str,
        *,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Put a configuration document in force, whole. Raises ``Refused``, naming versions."""
        from dspyreg.registry.change import configure

        options = Options(
            reason, dry_run=dry_run, operation_id=operation_id, allow_secrets=allow_secrets
        )
        return configure.apply(self.context, text, options)

    def trust(
        self, digest: str | None, *, place_only: bool = False, dry_run: bool = False
    ) -> TrustReport:
        """Let the configuration start what ``trust_report`` showed, which ``digest`` names, and
        use the store where it is found. ``place_only`` leaves its commands alone.

        Raises ``Conflict`` if the configuration in force starts something else.
        """
        from dspyreg.registry.transaction import trust

        return trust.trust(self.context, digest, place_only=place_only, dry_run=dry_run)

    # Reading

    @_reads
    def trust_report(self) -> TrustReport:
        """Return what the configuration in force can start, and whether the user trusts that."""
        from dspyreg.registry.transaction import trust

        return trust.report(self.context)

    def resolve(self, selector: str, *, at: str | None = None) -> Resolution:
        """Return which version a selector means. While nothing has changed: two stats."""
        if at is None:
            known = self._answers.get(selector)
            if known is not None and self.context.entries.is_current(known[0]):
                return known[1]
        from dspyreg.registry.read import resolve

        head, answer = resolve.resolve(self.context, selector, at=at)
        if at is None:
            if len(self._answers) >= _ANSWERS_KEPT:
                self._answers.clear()
            self._answers[selector] = head, answer
        return answer

    @_reads
    def show(self, selector: str, *, at: str | None = None) -> Version:
        """Return a version: what was registered, and what has happened to it since."""
        from dspyreg.registry.read import versions

        return versions.show(self.context, selector, at=at)

    @_reads
    def programs(
        self, *, limit: int = -1, offset: int = 0, at: str | None = None
    ) -> list[ProgramSummary]:
        """Return the programs, by name: their latest, how many versions, what is live where."""
        from dspyreg.registry.read import versions

        return versions.programs(self.context, limit=limit, offset=offset, at=at)[0]

    @_reads
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
        from dspyreg.registry.read import versions

        return versions.versions(
            self.context, program, stage=stage, archived=archived, limit=limit, offset=offset, at=at
        )

    @_reads
    def status(
        self, program: str, *, environment: str | None = None, at: str | None = None
    ) -> Status:
        """Return where a program stands: what is live, how many versions on which stage."""
        from dspyreg.registry.read import status

        return status.status(self.context, program, environment=environment, at=at)

    @_reads
    def board(self, *, at: str | None = None) -> Board:
        """Return every stage with the (program, label) of the versions on it, newest first."""
        from dspyreg.registry.read import status

        return status.board(self.context, at=at)

    @_reads
    def log(
        self,
        program: str | None = None,
        *,
        limit: int = -1,
        seq: int | None = None,
        at: str | None = None,
    ) -> list[Entry]:
        """Return entries of the log, newest first."""
        from dspyreg.registry.read import log

        return log.newest(self.context, program, limit=limit, seq=seq, at=at)

    @_reads
    def check(
        self,
        selector: str,
        *,
        to: str | None = None,
        environment: str | None = None,
        at: str | None = None,
    ) -> Decision:
        """Return whether a version may be promoted, or with ``environment`` deployed, and every
        finding on the way. Writes nothing. A command of the policy is run, if it is trusted.
        """
        from dspyreg.registry.gate import check

        return check.check(self.context, selector, to=to, environment=environment, at=at)

    @_reads
    def evidence(self, selector: str, *, at: str | None = None) -> EvidenceList:
        """Return the evidence on a version, oldest first."""
        from dspyreg.registry.read import evidence

        return evidence.evidence(self.context, selector, at=at)

    @_reads
    def evidence_file(self, selector: str, name: str, *, at: str | None = None) -> bytes:
        """Return the bytes of the newest file that is evidence under a name."""
        from dspyreg.registry.read import evidence

        return evidence.evidence_file(self.context, selector, name, at=at)

    # Measuring

    @_reads
    def history(
        self,
        program: str,
        *,
        metric: str | None = None,
        since: str | None = None,
        interval: str | None = None,
        limit: int = 1000,
        at: str | None = None,
    ) -> Measurements:
        """Return what was measured of a program's versions: of one metric, else their scores.

        ``since`` is a duration (``30d``), a date or a time; ``interval`` is ``day`` for averages.
        ``limit`` keeps the newest versions and measurements, -1 all; trends and days are of all.
        Raises ``NotFound`` for a metric that was never measured.
        """
        from dspyreg.registry.read import history

        return history.history(
            self.context, program, metric=metric, since=since, interval=interval, limit=limit, at=at
        )

    @_reads
    def trends(self, program: str, *, since: str = "90d", at: str | None = None) -> Trends:
        """Return where each metric of a program stands, and which way it goes."""
        from dspyreg.registry.read import history

        return history.trends(self.context, program, since=since, at=at)

    @_reads
    def compare(self, a: str, b: str, *, at: str | None = None) -> Comparison:
        """Return which of two versions is better, and what else differs; both are selectors."""
        from dspyreg.registry.analyse import compare

        return compare.compare(self.context, a, b, at=at)

    @_reads
    def plan(
        self, selector: str, *, environment: str | None = None, at: str | None = None
    ) -> DeploymentPlan:
        """Return what deploying a version would come to: whether that is safe, and why not.

        A command of the policy is run, if it is trusted.
        """
        from dspyreg.registry.analyse import plan

        return plan.plan(self.context, selector, environment=environment, at=at)

    # Comparing

    @_reads
    def diff(
        self, a: PathLike, b: PathLike, *, at: str | None = None, allow_pickle: bool = False
    ) -> Difference:
        """Return what differs between two programs, part by part.

        Each is a selector, or the path of a file or directory that need not be registered: what
        is a path object, has a separator in it, ends in ``.json`` or is a file here. With
        ``allow_pickle`` pickled states are read, here and below, as ``register`` reads them.
        """
        from dspyreg.registry.analyse import diff

        return diff.diff(self.context, a, b, at=at, allow_pickle=allow_pickle)

    @_reads
    def compat(
        self, a: PathLike, b: PathLike, *, at: str | None = None, allow_pickle: bool = False
    ) -> Compatibility:
        """Return whether the callers of ``a`` can use ``b``: selectors or paths, as in ``diff``."""
        from dspyreg.registry.analyse import diff

        return diff.compat(self.context, a, b, at=at, allow_pickle=allow_pickle)

    @_reads
    def upgrade_path(
        self,
        program: str,
        from_: str,
        to: str,
        *,
        at: str | None = None,
        allow_pickle: bool = False,
    ) -> UpgradePath:
        """Return the steps from one version of a program to another, through the releases between
        them that are not archived: what breaks at each, what to test. ``from_`` and ``to`` are
        what stands behind the ``@`` of a selector.

        Raises ``UsageError`` if ``to`` comes before ``from_``.
        """
        from dspyreg.registry.analyse import upgrade

        return upgrade.upgrade_path(
            self.context, program, from_, to, at=at, allow_pickle=allow_pickle
        )

    @_reads
    def suggest_bump(
        self,
        program: str,
        path: PathLike,
        *,
        contract: Mapping[str, Any] | None = None,
        allow_pickle: bool = False,
    ) -> Suggestion:
        """Return which label a file deserves as the next version of a program, and why.

        It is compared with the latest. ``contract`` is one that was captured from a live program.
        """
        from dspyreg.registry.analyse import upgrade

        return upgrade.bump(
            self.context, program, path, contract=contract, allow_pickle=allow_pickle
        )

    @_reads
    def prompt(self, selector: str, *, at: str | None = None, allow_pickle: bool = False) -> Prompt:
        """Return the instructions, fields and demos of a version's predictors.

        Raises ``NotFound`` if no saved state in it can be read.
        """
        from dspyreg.registry.analyse import prompt

        return prompt.prompt(self.context, selector, at=at, allow_pickle=allow_pickle)

    @_reads
    def configuration(self) -> Config:
        """Return the configuration in force."""
        return self.context.configuration()

    # Bytes

    @_reads
    def read(self, selector: str, path: str | None = None, *, at: str | None = None) -> bytes:
        """Return the bytes of a version's file; ``path`` may be left out if there is one."""
        with self.opened(selector, path, at=at) as file:
            return file.read()

    @_reads
    def opened(self, selector: str, path: str | None = None, *, at: str | None = None) -> BinaryIO:
        """Return a version's file to read from, checked against its digest just now."""
        from dspyreg.registry.artifacts import checkout

        return checkout.opened(self.context, selector, path, at=at)

    @_reads
    def checkout(
        self,
        selector: str,
        output: str | os.PathLike[str] | None = None,
        *,
        force: bool = False,
        link: bool = False,
        at: str | None = None,
    ) -> CheckedOut:
        """Write a version's files below a directory, byte for byte as they were registered.

        A directory that is new, or that a checkout made, holds that version and nothing else
        afterwards. ``output`` may be a file (``live.json``) where the version is one file. With
        ``link`` it is a symbolic link, which is moved to a directory of the version at once.
        Raises ``Conflict`` if other content is in the way, unless ``force`` says to replace it.
        """
        from dspyreg.registry.artifacts.checkout import Checkout

        wanted = Checkout(self.context, selector, output, at=at, link=link)
        return wanted.carry_out(force=force)

    # Keeping

    def verify(self, *, repair: bool = True) -> VerifyReport:
        """Rehash every blob, walk the log, compare the caches with it; mend what can be."""
        from dspyreg.registry.read import configuration
        from dspyreg.store.verify import verify

        known = partial(configuration.known_by, self.context.blobs)
        return verify(self.context.store, self.context.entries, repair=repair, known=known)

    @_told("gc")
    def gc(
        self,
        *,
        grace: timedelta | None = None,
        undo_window: timedelta | None = None,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Swept:
        """Delete the blobs of versions that no longer exist and cannot come back."""
        from dspyreg.registry.change import gc

        options = Options(dry_run=dry_run, operation_id=operation_id)
        return gc.gc(self.context, options, grace=grace, undo_window=undo_window)

    def lines(self) -> Iterator[bytes]:
        """Return the log as it stands, line by line."""
        return (line.data for line in self.context.entries.all_lines())
