"""A disk that fails while gc deletes: the deleted blobs and the entry are reported."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from builders import a_local_registry
from strace_runs import STRACE, Call, Desk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Copied = Callable[[Path], Desk]

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")
GC = ("gc", "--yes", "--grace", "0s", "--undo-window", "0s")


def littered(desk: Desk) -> Desk:
    """Undo a registration, so that gc has two blobs to delete."""
    for words in ("register gone fourth/b.json", "undo"):
        done = desk.run(*words.split())
        assert done.status == 0, done.stderr
    return desk


def deletes_a_blob(call: Call) -> bool:
    is_blob = call.paths == ("objects/*",) and "tmp-" not in call.named[0]
    return call.name.startswith("unlink") and is_blob


def test_an_interrupted_gc_reports_how_many_blobs_it_deleted_and_its_entry(
    copied: Copied, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    desks = [littered(copied(tmp_path / name)) for name in ("recorded", "first", "second")]
    now = desks[0].environment() | {"DSPYREG_NOW": "2027-01-01T00:00:00Z"}  # nothing is held back

    def later(desk: Desk) -> dict[str, str]:
        places = {"DSPYREG_STORE": str(desk.store), "XDG_CACHE_HOME": str(desk.root / "cache")}
        return {**now, **places}

    monkeypatch.setattr(Desk, "environment", later)
    deletions = [call for call in desks[0].record(*GC) if deletes_a_blob(call)]
    assert len(deletions) == 2
    for nth, (desk, call) in enumerate(zip(desks[1:], deletions, strict=True)):
        ran, hit = desk.fail(call, "error=EIO", *GC)
        assert hit is not None
        assert ran.status == 8
        told = rf"error: cannot delete .*; {nth} of 2 blobs were deleted; it happened: entry 11\n"
        assert re.match(told, ran.stderr)
        assert desk.run(*GC).status == 0
        with a_local_registry(desk.store) as registry:
            assert registry.verify(repair=False).ok
