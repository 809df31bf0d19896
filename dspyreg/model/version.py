"""A version as people see it."""

from typing import Any, NamedTuple, Self

from dspyreg.model.digest import Digest
from dspyreg.model.document import File, digest_or_none, file_of


class Transition(NamedTuple):
    """One change of a version's stage."""

    seq: int
    timestamp: str
    actor: str
    from_stage: str | None
    to_stage: str | None
    reason: str | None


class Version(NamedTuple):
    """A version as people see it: what was registered, what has happened to it since.

    ``metrics`` holds the newest value of each; ``score`` is that of the primary metric.
    ``promoted_at`` and ``promoted_by`` tell of the last promotion that stands. ``settings`` are
    what DSPy does not save of a live program; None where they are not known.
    """

    program: str
    label: str
    number: int
    digest: Digest
    files_digest: Digest | None
    program_digest: Digest | None
    format: str | None
    stage: str
    created_at: str | None
    created_by: str | None
    promoted_at: str | None
    promoted_by: str | None
    is_deployed: bool
    live_in: tuple[str, ...]
    score: float | None
    metrics: dict[str, float]
    tags: tuple[str, ...]
    metadata: dict[str, Any]
    changelog: str | None
    previous_version: str | None
    change_type: str | None
    files: tuple[File, ...]
    contract: Any
    settings: dict[str, Any] | None
    context: dict[str, Any]
    transitions: tuple[Transition, ...]

    def __str__(self) -> str:
        return f"{self.program}@{self.label}"

    def to_json(self) -> dict[str, Any]:
        """The version object of ``--json``."""
        return {
            **self._asdict(),
            "files": [file._asdict() for file in self.files],
            "transitions": [transition._asdict() for transition in self.transitions],
        }

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return the version of a version object."""
        typed: dict[str, Any] = {
            "digest": Digest.parse(told["digest"]),
            "files_digest": digest_or_none(told["files_digest"]),
            "program_digest": digest_or_none(told["program_digest"]),
            "live_in": tuple(told["live_in"]),
            "tags": tuple(told["tags"]),
            "files": tuple(file_of(f) for f in told["files"]),
            "transitions": tuple(Transition(**t) for t in told["transitions"]),
        }
        return cls(**{name: typed[name] if name in typed else told[name] for name in cls._fields})
