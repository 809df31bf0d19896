"""Moves of versions between stages and environments, and taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.registry.facade import use
from dspyreg.registry.facade.family import Family
from dspyreg.registry.transaction.operation import operation

if TYPE_CHECKING:
    from dspyreg.registry.transaction.outcome import Outcome


class Move(Family):
    """Moves of versions between stages and environments, and taking them back."""

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
        return use.move.promote(
            self.context,
            selector,
            to=to,
            reason=reason,
            force=force,
            dry_run=dry_run,
            operation_id=operation_id,
        )

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
        """Move a version one rung down. ``force`` withdraws it where it is live and protected."""
        return use.move.demote(
            self.context,
            selector,
            reason=reason,
            force=force,
            dry_run=dry_run,
            operation_id=operation_id,
        )

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
        return use.move.deploy(
            self.context,
            selector,
            environment=environment,
            select=select,
            reason=reason,
            force=force,
            dry_run=dry_run,
            operation_id=operation_id,
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
        """Make live again what was live before, or the version named by ``to``."""
        return use.move.rollback(
            self.context,
            program,
            environment=environment,
            to=to,
            reason=reason,
            as_new_version=as_new_version,
            force=force,
            dry_run=dry_run,
            operation_id=operation_id,
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
        """Retire a version. ``force`` withdraws it where it is live and protected."""
        return use.move.archive(
            self.context,
            selector,
            reason=reason,
            force=force,
            dry_run=dry_run,
            operation_id=operation_id,
        )

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
        return use.move.restore(
            self.context,
            selector,
            reason=reason,
            dry_run=dry_run,
            operation_id=operation_id,
        )

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
        """Take an entry back; without ``seq`` the newest that can be, of a program if named."""
        return use.undo.undo(
            self.context,
            seq,
            program=program,
            reason=reason,
            dry_run=dry_run,
            operation_id=operation_id,
        )

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
        """Take an undo back; without ``seq`` your own newest."""
        return use.undo.redo(
            self.context,
            seq,
            program=program,
            reason=reason,
            dry_run=dry_run,
            operation_id=operation_id,
        )
