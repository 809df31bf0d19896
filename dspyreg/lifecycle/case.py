"""A case: a program, the draft that would change it, and the configuration in force."""

from typing import TYPE_CHECKING, NamedTuple

from dspyreg.lifecycle.draft import Draft, Plan

if TYPE_CHECKING:
    from dspyreg.config.value import Config
    from dspyreg.model.metrics import Metrics


class Case(NamedTuple):
    """A program in a draft, under a configuration."""

    draft: Draft
    config: "Config"
    program: str

    @property
    def metrics(self) -> "Metrics":
        """The way to read the metrics of the program."""
        return self.config.metrics_of(self.program)

    def label(self, number: int) -> str:
        """Return the label of a version."""
        return self.draft.label(self.program, number)

    def name(self, number: int) -> str:
        """Return a version as people write it: PROGRAM@LABEL."""
        return f"{self.program}@{self.label(number)}"

    def stage(self, number: int) -> str:
        """Return the stage of a version."""
        return self.draft.stage(self.program, number)

    def live(self, environment: str) -> int | None:
        """Return the version that is live in an environment."""
        return self.draft.pointer(self.program, environment).live

    def lives(self, environments: "tuple[str, ...]") -> dict[str, int]:
        """Return the versions that are live in environments, by environment."""
        lives = {name: self.live(name) for name in environments}
        return {name: number for name, number in lives.items() if number is not None}

    def already(self, number: int, reason: str) -> Plan:
        """Return the plan that changes nothing because of the reason."""
        return Plan("", self.program, number, self.label(number), already=f"already: {reason}")

    def going_live(self, operation: str, number: int, notices: tuple[str, ...] = ()) -> Plan:
        """Return the plan of an operation that makes a version live: its bytes must be whole."""
        snapshot = self.draft.existing(self.program, number)
        serves = (snapshot.document,)
        return Plan(operation, self.program, number, snapshot.label, notices=notices, serves=serves)
