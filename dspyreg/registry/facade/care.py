"""The configuration, trust, and the care of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.registry.facade import use
from dspyreg.registry.facade.family import MethodFamily
from dspyreg.registry.transaction.operation import operation, reading
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    from datetime import timedelta

    from dspyreg.config.value import Config
    from dspyreg.registry.read.configuration import ConfigurationInForce
    from dspyreg.registry.transaction.outcome import Outcome
    from dspyreg.registry.transaction.trust import TrustReport
    from dspyreg.store.gc import Swept
    from dspyreg.store.verify import VerifyReport


class CareMethods(MethodFamily):
    """The configuration, trust, and the care of the store."""

    @reading
    def configuration(self) -> Config:
        """Return the configuration in force."""
        return self.context.configuration()

    @reading
    def configuration_in_force(self) -> ConfigurationInForce:
        """Return the configuration in force with its digest and its YAML."""
        return use.configuration.current(self.context)

    @operation("config")
    def apply(
        self,
        text: str,
        *,
        over: ConfigurationInForce | None = None,
        reason: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Put a configuration document in force, whole. Raises ``Refused``, naming versions.

        With ``over``, raises ``Conflict`` if another configuration than that is in force. A text
        that differs from it by nothing but its last line end changes nothing.
        """
        options = ChangeOptions(
            reason, dry_run=dry_run, operation_id=operation_id, allow_secrets=allow_secrets
        )
        return use.configure.apply(self.context, text, options, over=over)

    def trust(
        self, digest: str | None, *, place_only: bool = False, dry_run: bool = False
    ) -> TrustReport:
        """Let the configuration start what ``trust_report`` showed, which ``digest`` names, and
        use the store where it is found. ``place_only`` leaves its commands alone.

        Raises ``Conflict`` if the configuration in force starts something else.
        """
        return use.trust.trust(self.context, digest, place_only=place_only, dry_run=dry_run)

    @reading
    def trust_report(self) -> TrustReport:
        """Return what the configuration in force can start, and whether the user trusts that."""
        return use.trust.report(self.context)

    def verify(self, *, repair: bool = True) -> VerifyReport:
        """Rehash every blob, walk the log, compare the caches with it; mend what can be."""
        return use.verify.verify(self.context, repair=repair)

    @operation("gc")
    def gc(
        self,
        *,
        grace: timedelta | str | None = None,
        undo_window: timedelta | str | None = None,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Swept:
        """Delete the blobs of versions that no longer exist and cannot come back.

        Blobs younger than ``grace`` (24h) stay, and those of versions that an undo within
        ``undo_window`` (90d) can bring back.
        """
        options = ChangeOptions(dry_run=dry_run, operation_id=operation_id)
        return use.gc.gc(self.context, options, grace=grace, undo_window=undo_window)
