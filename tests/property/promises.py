"""Invariants that hold after every step, written without the rules under test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dspyreg.errors import RegistryError
from dspyreg.store.index import Index

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dspyreg.config.value import Config, Environment
    from dspyreg.model.entry import Entry
    from dspyreg.registry.facade.registry import Registry

Names = dict[str, Any]
_TABLES = ("entries", "changes", "newest", "versions", "deployments", "digests")


def replayed(entries: Iterable[Entry]) -> Names:
    """Return every name and its value; each change must follow from the one before."""
    names: Names = {}
    for entry in entries:
        for name, old, new in entry.changes:
            assert names.get(name) == old, (entry.seq, name)
            names[name] = new
    return {name: value for name, value in names.items() if value is not None}


def require_writers(entries: list[Entry], names: Names) -> None:
    """Require every name to have the value of its newest effective entry, or none."""
    undone: dict[int, bool] = {}
    for entry in reversed(entries):
        if entry.undoes is not None and not undone.get(entry.seq, False):
            undone[entry.undoes] = True
    wanted: Names = {}
    for entry in entries:
        for name, _, new in entry.changes:
            kept = name.startswith("reserved/")
            if kept or (entry.undoes is None and not undone.get(entry.seq, False)):
                wanted[name] = new
    assert names == {name: value for name, value in wanted.items() if value is not None}


def require_fitting(names: Names, config: Config) -> None:
    """Require live versions to qualify, and labels, tags and deployments to name versions."""
    versions = {tuple(name.split("/")[1:]) for name in names if name.startswith("versions/")}
    for name, value in names.items():
        kind, program, *rest = [*name.split("/"), "", ""]
        if kind in {"stages", "tags", "metrics"}:
            assert (program, rest[0]) in versions, name
        elif kind == "labels":
            assert (program, str(value)) in versions, name
        elif kind == "deployments":
            assert (program, str(value["number"])) in versions, name
            assert value["restores"] is None or _record(program, value["restores"]) in names, name
        elif kind == "environments":
            _require_live(names, config, program, rest[0], value)


def _require_live(
    names: Names, config: Config, program: str, environment: str, pointer: dict[str, Any]
) -> None:
    place = config.environment(environment)
    assert place is not None, environment
    stage = names[f"stages/{program}/{pointer['live']}"]["stage"]
    assert may_be_live(config, stage, place), (pointer, stage, environment)
    record = names[_record(program, pointer["deployment"])]
    assert (record["status"], record["number"]) == ("live", pointer["live"])
    live = [
        name
        for name, value in names.items()
        if name.startswith(f"deployments/{program}/{environment}/") and value["status"] == "live"
    ]
    assert len(live) == 1


def _record(program: str, identity: str) -> str:
    environment, _, operation = identity.rpartition("-")
    return f"deployments/{program}/{environment}/{operation}"


def previous(names: Names, first: dict[str, int], program: str, environment: str) -> int | None:
    """Return the number that one rollback makes live, independently of the rules under test: the
    newest superseded record whose origin is older than that of the live one, of another version
    that is not archived, and that was not rolled back or withdrawn since.
    """
    pointer = names.get(f"environments/{program}/{environment}")
    if pointer is None:
        return None
    prefix = f"deployments/{program}/{environment}/"
    records = sorted((name for name in names if name.startswith(prefix)), key=first.__getitem__)

    def start(name: str) -> int:
        restores = names[name]["restores"]
        return first[name] if restores is None else start(_record(program, restores))

    live = start(_record(program, pointer["deployment"]))
    fits = [
        names[name]["number"]
        for at, name in enumerate(records)
        if names[name]["status"] == "superseded"
        and start(name) < live
        and names[name]["number"] != pointer["live"]
        and names[f"stages/{program}/{names[name]['number']}"]["stage"] != "archived"
        and not any(
            names[later]["number"] == names[name]["number"]
            and names[later]["status"] in {"rolled_back", "withdrawn"}
            for later in records[at:]
        )
    ]
    return fits[-1] if fits else None


def may_be_live(config: Config, stage: str, place: Environment) -> bool:
    """Return whether a version on a stage may be live in an environment, independently of the rules
    under test.
    """
    ladder = [rung.name for rung in config.rungs]
    if stage == "archived" or place.rung is None:
        return stage != "archived"
    stands = len(ladder) - 2 if stage == "deprecated" else ladder.index(stage)
    return stands >= ladder.index(place.rung)


def require_replay(registry: Registry) -> None:
    """Require an index built from scratch to hold the same rows, rendered versions included."""
    fresh = Index(None, registry.context.blobs)
    with fresh.following():
        fresh.follow(registry.context.entries.all_lines())
    registry.context.entries.refresh()
    kept = registry.context.entries.settled().db
    for table in _TABLES:
        rows = set(fresh.db.execute(f"select * from {table}"))  # noqa: S608 - a constant
        assert set(kept.execute(f"select * from {table}")) == rows, table  # noqa: S608
    fresh.close()


def view(registry: Registry, programs: Iterable[str], which: Iterable[str], at: int | None) -> Any:
    """Return the results of all reads, now or as of a seq."""
    moment = None if at is None else str(at)
    told: list[Any] = [registry.programs(at=moment), registry.board(at=moment)]
    told.append([json.loads(text) for text in registry.versions(archived=True, at=moment).texts])
    for program in programs:
        told.append(_asked(lambda program=program: registry.status(program, at=moment)))
        told += [_resolved(registry, program + rest, moment) for rest in which]
    return told


def _resolved(registry: Registry, selector: str, moment: str | None) -> Any:
    answer = _asked(lambda: registry.resolve(selector, at=moment))
    return answer[:-1] if len(answer) > 2 else answer  # the seq differs, and may


def _asked(question: Any) -> Any:
    try:
        return question()
    except RegistryError as error:
        return type(error).__name__, str(error)
