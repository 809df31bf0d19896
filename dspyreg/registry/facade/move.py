"""Methods of the registry: moves between stages and environments, and their undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.registry.facade import use
from dspyreg.registry.facade.family import MethodFamily
from dspyreg.registry.transaction.operation import operation
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    from dspyreg.registry.transaction.outcome import Outcome


class MoveMethods(MethodFamily):
    """Moves between stages and environments, and their undo."""

    @operation("promote")
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
        options = ChangeOptions(reason, force, dry_run, operation_id)
        return use.promote.promote(self.context, selector, options, to=to)

    @operation("demote")
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
        """Move a version one rung down. ``force`` also withdraws it from protected environments."""
        options = ChangeOptions(reason, force, dry_run, operation_id)
        return use.promote.demote(self.context, selector, options)

    @operation("deploy")
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
        options = ChangeOptions(reason, force, dry_run, operation_id)
        return use.deploy.deploy(
            self.context, selector, options, environment=environment, select=select
        )

    @operation("rollback")
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
        """Make the previous version live again, or the version named by ``to``."""
        options = ChangeOptions(reason, force, dry_run, operation_id)
        return use.deploy.rollback(
            self.context,
            program,
            options,
            environment=environment,
            to=to,
            as_new_version=as_new_version,
        )

    @operation("archive")
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
        """Retire a version. ``force`` also withdraws it from protected environments."""
        options = ChangeOptions(reason, force, dry_run, operation_id)
        return use.promote.archive(self.context, selector, options)

    @operation("restore")
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
        options = ChangeOptions(reason, dry_run=dry_run, operation_id=operation_id)
        return use.promote.restore(self.context, selector, options)

    @operation("undo")
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
        """Undo an entry; without ``seq`` the newest that can be undone, of a program if named."""
        options = ChangeOptions(reason, dry_run=dry_run, operation_id=operation_id)
        return use.undo.undo(self.context, seq, options, program=program)

    @operation("redo")
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
        """Undo an undo; without ``seq`` the actor's newest."""
        options = ChangeOptions(reason, dry_run=dry_run, operation_id=operation_id)
        return use.undo.redo(self.context, seq, options, program=program)
