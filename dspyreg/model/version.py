"""A version as people see it."""

from typing import Any, NamedTuple, Self

from dspyreg.model.digest import Digest
from dspyreg.model.document import File, digest_or_none, file_of


class Transition(NamedTuple):
    """A change of a version's stage."""

    seq: int
    timestamp: str
    actor: str
    from_stage: str | None
    to_stage: str | None
    reason: str | None


class Version(NamedTuple):
    """A version as people see it: its registration, and its state since.

    ``metrics`` holds the newest value of each; ``score`` is that of the primary metric.
    ``promoted_at`` and ``promoted_by`` are those of the last promotion that is not undone.
    ``settings`` are those of a live program that DSPy does not save; None if they are not known.
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
        """Return the version object of ``--json``."""
        return {
            **self._asdict(),
            "files": [file._asdict() for file in self.files],
            "transitions": [transition._asdict() for transition in self.transitions],
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """Return the version of a version object."""
        typed: dict[str, Any] = {
            "digest": Digest.parse(members["digest"]),
            "files_digest": digest_or_none(members["files_digest"]),
            "program_digest": digest_or_none(members["program_digest"]),
            "live_in": tuple(members["live_in"]),
            "tags": tuple(members["tags"]),
            "files": tuple(file_of(f) for f in members["files"]),
            "transitions": tuple(Transition(**t) for t in members["transitions"]),
        }
        return cls(**{name: typed.get(name, members[name]) for name in cls._fields})
