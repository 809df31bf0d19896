"""What a change came to."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dspyreg.model.entry import Entry
    from dspyreg.model.version import Version
    from dspyreg.registry.transaction.deployment_view import DeploymentView


class Outcome:
    """What a change came to: its entry, the version it is about, the deployments it made.

    ``entry`` is None if there was nothing to do; then a notice says why. In a dry run its
    ``seq`` is 0. ``versions`` are all that an undo or redo touched. They and the deployments are
    made when asked for, as of the entry. ``label(program, number)`` names any version that the
    entries speak of. It is ``repeated`` if the same request under the same operation id had been
    carried out before: then ``entry`` is the first one of that.
    """

    def __init__(
        self,
        entries: "tuple[Entry, ...]",
        notices: tuple[str, ...],
        deployed: "Callable[[], tuple[DeploymentView, ...]]",
        read: "Callable[[], list[Version]]",
        label: Callable[[str, int], str],
        *,
        repeated: bool = False,
    ) -> None:
        self.entries = entries
        self.notices = notices
        self._deployed, self._read = deployed, read
        self.label = label
        self.repeated = repeated

    @property
    def entry(self) -> "Entry | None":
        """The entry, the first one where there are several; None if there was nothing to do."""
        return self.entries[0] if self.entries else None

    @cached_property
    def deployments(self) -> "tuple[DeploymentView, ...]":
        """The deployments that the change made."""
        return self._deployed()

    @cached_property
    def versions(self) -> "list[Version]":
        """The versions that the change is about."""
        return self._read()

    @property
    def version(self) -> "Version | None":
        """The version that the change is about; None if it is about none that exists."""
        return self.versions[0] if self.versions else None

    def to_json(self) -> dict[str, Any]:
        """The document of ``--json``."""
        return {
            "entry": self.entry.to_json() if self.entry else None,
            "version": self.version.to_json() if self.version else None,
            "versions": [version.to_json() for version in self.versions],
            "deployments": [deployment._asdict() for deployment in self.deployments],
            "notices": list(self.notices),
        }
