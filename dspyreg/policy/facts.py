"""What a rule may look at. Each fact is asked for only if a policy demands something of it."""

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from dspyreg.config.policies import Command


class Live(NamedTuple):
    """A version that is live where this one is to go: its label, its newest metrics, and
    its name with that of the program.
    """

    label: str
    environment: str
    metrics: Mapping[str, float]
    name: str


class Break(NamedTuple):
    """What callers of a live version would stumble over, in words."""

    live: str
    reasons: tuple[str, ...]


class Measured(NamedTuple):
    """What a command of the user's came to; ``ran`` is False if it was not run."""

    passed: bool
    message: str
    ran: bool = True


class Facts(Protocol):
    """A version, as of one state of the registry and one moment."""

    def metrics(self) -> Mapping[str, float]:
        """Return the newest value of each of its metrics."""

    def unlike(self, metric: str, *values: float) -> str | None:
        """Return why values of a metric cannot be compared, None if they can."""

    def live(self) -> tuple[Live, ...]:
        """Return what is live where it is to go, without itself."""

    def author(self) -> str:
        """Return who registered it."""

    def approvers(self) -> Set[str]:
        """Return who approved it for this rung since it entered the one below."""

    def evidence(self) -> Mapping[str, bool]:
        """Return the evidence since then by name, and whether the newest of each passed."""

    def changelog(self) -> str | None:
        """Return what was written about it at registration."""

    def breaks(self) -> tuple[Break, ...]:
        """Return where its contract breaks with what is live."""

    def knows_types(self) -> bool:
        """Was its contract captured from the live program?"""

    def secrets(self) -> str | None:
        """Return ``allowed`` if it was registered although it holds what looks like a secret."""

    def metadata(self) -> Mapping[str, Any]:
        """Return what its author said about it."""

    def size(self) -> int:
        """Return how many bytes its files have."""

    def is_any_file(self) -> bool:
        """Was it registered on purpose as another file than a program?"""

    def unreadable(self) -> str | None:
        """Return why no program can be read from its files; None if one can."""

    def age(self) -> float:
        """Return the seconds since it entered the rung below."""

    def measured(self, command: "Command") -> Measured:
        """Return what a command came to that was run on it."""
