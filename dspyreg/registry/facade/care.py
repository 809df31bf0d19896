"""Methods of the registry: configuration, trust, verification and gc."""

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
    """Configuration, trust, verification and gc."""

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
        """Replace the configuration. Raises ``Refused``, naming versions that it would break.

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
        """Trust the commands that ``trust_report`` showed under this ``digest``, and the place of
        the store. ``place_only`` trusts no commands.

        Raises ``Conflict`` if the configuration in force starts other commands.
        """
        return use.trust.trust(self.context, digest, place_only=place_only, dry_run=dry_run)

    @reading
    def trust_report(self) -> TrustReport:
        """Return the commands that the configuration starts, and whether the user trusts them."""
        return use.trust.report(self.context)

    def verify(self, *, repair: bool = True) -> VerifyReport:
        """Hash every blob, walk the log and compare the caches with it. ``repair`` fixes caches."""
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
