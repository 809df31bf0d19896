"""Prerequisites of a plan that run outside the lock: a command on a version, a hook's veto."""

from __future__ import annotations

from typing import Protocol


class Prerequisite(Protocol):
    """Work that is too slow for the lock, or that may call this registry itself."""

    @property
    def subject(self) -> object:
        """The work as such; the same for every plan that needs it done once more."""

    def meet(self) -> None:
        """Run it, and keep the result for the next plan. Raises ``Refused``."""


class Unmet(Exception):
    """A plan cannot be made before its prerequisite is met. A planner may raise this."""

    def __init__(self, prerequisite: Prerequisite) -> None:
        super().__init__(prerequisite.subject)
        self.prerequisite = prerequisite
