"""The evidence on a version, and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import NotFound
from dspyreg.lifecycle.select import select
from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.selector import Selector
from dspyreg.registry.read.resolve import moment_of

if TYPE_CHECKING:
    from dspyreg.model.state import NameChange
    from dspyreg.registry.context import Context


class Evidence(NamedTuple):
    """A piece of evidence on a version; ``file`` is its digest, None if there is none."""

    name: str
    passed: bool
    recorded_at: str
    actor: str
    note: str | None
    file: Digest | None
    file_name: str | None


class EvidenceList(NamedTuple):
    """All evidence on a version, oldest first."""

    program: str
    label: str
    evidence: tuple[Evidence, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``evidence list --json``."""
        return {**self._asdict(), "evidence": [each._asdict() for each in self.evidence]}


def evidence(context: Context, selector: str, *, at: str | None) -> EvidenceList:
    """See ``Registry.evidence``."""
    version = Selector.parse(selector)
    with moment_of(context, at) as moment:
        state = moment.state
        number, _ = select(state, moment.config, version)
        values = state.under(names.prefix("evidence", version.program, number))
        ordered = sorted(values, key=lambda each: each.created)
        listed = [_view(each.name, each.value, state.steps(each.name)[0]) for each in ordered]
        return EvidenceList(version.program, state.label(version.program, number), tuple(listed))


def _view(name: str, value: Any, step: NameChange) -> Evidence:
    file = value.get("file") or {}
    return Evidence(
        name=names.split(name)[3],
        passed=value["passed"],
        recorded_at=step.time,
        actor=step.actor,
        note=value.get("note"),
        file=file.get("blob"),
        file_name=file.get("name"),
    )


def evidence_file(context: Context, selector: str, name: str, *, at: str | None) -> bytes:
    """See ``Registry.evidence_file``."""
    from dspyreg.store.objects import read

    listed = evidence(context, selector, at=at).evidence
    files = [each.file for each in listed if each.name == name and each.file is not None]
    if not files:
        raise NotFound("file", f"of evidence {name} on {selector}")
    return read(context.blobs, Digest.parse(files[-1]))
