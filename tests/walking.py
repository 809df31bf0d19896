"""Every read of a registry, and every change as a dry run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

SELECTORS = (
    *("qa", "qa@1.0.0", "qa@1.0.1", "qa@2.0.0", "qa@x", "qa@#1", "qa@#2", "qa@#3", "qa@#99"),
    *(
        "qa@production",
        "qa@staging",
        "qa@production~1",
        "qa@stage:staging",
        "qa@^1",
        "qa@b3:000000",
    ),
    *("rag", "ghost", "ghost@#1", "ghost@production"),
)
MOMENTS = ("3", "12", "14", "2026-11-02", "2026-11-01T12:00:05Z")

Question = tuple[str, "Callable[[], Any]"]


def reads(registry: Registry) -> Iterator[Question]:
    """Yield every read, by the words of its command."""
    yield "list", lambda: [page.versions for page in [registry.versions(archived=True)]]
    yield "programs", registry.programs
    yield "board", registry.board
    yield "log", lambda: registry.log(limit=50)
    for program in ("qa", "rag", "ghost"):
        yield f"status {program}", lambda p=program: registry.status(p)
        yield f"history {program}", lambda p=program: registry.history(p, interval="day")
        yield f"trends {program}", lambda p=program: registry.trends(p)
        yield f"log {program}", lambda p=program: registry.log(p)
    for selector in SELECTORS:
        yield f"resolve {selector}", lambda s=selector: registry.resolve(s)
        yield f"show {selector}", lambda s=selector: registry.show(s)
    for selector in SELECTORS[:7]:
        yield f"check {selector}", lambda s=selector: registry.check(s)
        yield f"plan {selector}", lambda s=selector: registry.plan(s)
        yield f"compare {selector}", lambda s=selector: registry.compare("qa@#1", s)
        yield f"diff {selector}", lambda s=selector: registry.diff("qa@#1", s)
        yield f"read {selector}", lambda s=selector: registry.read(s)
        yield f"evidence {selector}", lambda s=selector: registry.evidence(s)
    for at in MOMENTS:
        yield f"resolve --at {at}", lambda at=at: registry.resolve("qa@production", at=at)
        yield f"show --at {at}", lambda at=at: registry.show("qa", at=at)
        yield f"list --at {at}", lambda at=at: registry.versions(archived=True, at=at).versions
        yield f"status --at {at}", lambda at=at: registry.status("qa", at=at)
        yield f"board --at {at}", lambda at=at: registry.board(at=at)
        yield f"history --at {at}", lambda at=at: registry.history("qa", at=at)
    head = registry.context.entries.refresh().seq
    for seq in range(1, head + 1):
        yield f"log --seq {seq}", lambda seq=seq: registry.log(seq=seq)
    yield "config", registry.configuration
    yield "config show", lambda: registry.configuration_in_force().source
    yield "gc", lambda: registry.gc(grace=timedelta(0), undo_window=timedelta(0), dry_run=True)
    yield "verify", lambda: registry.verify(repair=False)


def tries(registry: Registry, file: Path) -> Iterator[Question]:
    """Yield every change as a dry run."""
    dry: dict[str, Any] = {"dry_run": True}
    for selector in ("qa@#1", "qa@#2", "qa@2.0.0", "qa@x", "ghost@#1", "rag@#1"):
        yield f"promote {selector}", lambda s=selector: registry.promote(s, **dry)
        yield f"demote {selector}", lambda s=selector: registry.demote(s, **dry)
        yield f"archive {selector}", lambda s=selector: registry.archive(s, **dry)
        yield f"restore {selector}", lambda s=selector: registry.restore(s, **dry)
        yield f"approve {selector}", lambda s=selector: registry.approve(s, **dry)
        yield f"score {selector}", lambda s=selector: registry.score(s, {"em": 0.9}, **dry)
        yield (
            f"deploy {selector}",
            lambda s=selector: registry.deploy(s, environment="staging", **dry),
        )
    for program in ("qa", "rag", "ghost"):
        yield f"register {program}", lambda p=program: registry.register(p, file, **dry)
        yield f"rollback {program}", lambda p=program: registry.rollback(p, **dry)
        yield (
            f"rollback {program} --as-new-version",
            lambda p=program: registry.rollback(p, as_new_version=True, **dry),
        )
        yield f"undo {program}", lambda p=program: registry.undo(program=p, **dry)
    yield "rollback --to", lambda: registry.rollback("qa", to="1.0.0", **dry)
    yield "apply", lambda: registry.apply("metrics: {primary: em}\n", **dry)
    yield "undo", lambda: registry.undo(**dry)
    yield "redo", lambda: registry.redo(**dry)
    head = registry.context.entries.refresh().seq
    for seq in range(11, head + 1):
        yield f"undo {seq}", lambda seq=seq: registry.undo(seq, **dry)
        yield f"redo {seq}", lambda seq=seq: registry.redo(seq, **dry)


def undoing(registry: Registry) -> Iterator[Question]:
    """Yield undos of the entries from the end on, each followed by reads."""
    for seq in range(registry.context.entries.refresh().seq, 11, -1):
        yield f"undo {seq}!", lambda seq=seq: registry.undo(seq)
    yield "status qa", lambda: registry.status("qa")
    yield "verify", lambda: registry.verify(repair=False)
