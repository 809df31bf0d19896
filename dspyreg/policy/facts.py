"""Facts that rules look at, each of them read only if a policy demands something of it."""

from collections.abc import Mapping, Set
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from dspyreg.policy.forms import Command

# Knowledge of a contract: captured from the live program, or carried over from one that was.
CAPTURED: Final = "captured"
CARRIED: Final = "carried"


class Live(NamedTuple):
    """A version that is live where another is to go; ``name`` is PROGRAM@LABEL."""

    label: str
    environment: str
    metrics: Mapping[str, float]
    name: str


class Break(NamedTuple):
    """A live version whose callers would break, and the reasons in words."""

    live: str
    reasons: tuple[str, ...]


class CommandResult(NamedTuple):
    """The result of a command of the user's own; ``ran`` is False if it was not run."""

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
        """Return the other versions that are live where it is to go."""

    def author(self) -> str:
        """Return the name of the person who registered it."""

    def approvers(self) -> Set[str]:
        """Return the people who approved it for this rung since it entered the one below."""

    def evidence(self) -> Mapping[str, bool]:
        """Return by name whether the newest evidence since then passed."""

    def changelog(self) -> str | None:
        """Return the changelog of its registration."""

    def breaks(self) -> tuple[Break, ...]:
        """Return the breaks of its contract with what is live."""

    def knows_types(self) -> bool:
        """Return whether the types in its contract are known."""

    def secrets(self) -> str | None:
        """Return ``allowed`` if it was registered although it seems to hold a secret."""

    def metadata(self) -> Mapping[str, Any]:
        """Return its author's metadata."""

    def size(self) -> int:
        """Return the bytes of its files."""

    def is_any_file(self) -> bool:
        """Return whether it was registered on purpose as another file than a program."""

    def unreadable(self) -> str | None:
        """Return why no program can be read from its files; None if one can."""

    def age(self) -> float:
        """Return the seconds since it entered the rung below."""

    def measured(self, command: "Command") -> CommandResult:
        """Return the result of a command that was run on it."""
