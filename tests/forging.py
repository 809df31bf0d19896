"""Logs that are well formed, hashed and chained, with senseless entries."""

from __future__ import annotations

import json
import shutil
from functools import cache
from typing import TYPE_CHECKING, Any

from builders import Programs, a_local_registry
from hypothesis import strategies as st

from dspyreg.model import canonical
from dspyreg.model.digest import Digest
from dspyreg.model.line import compose, genesis, parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NONE = "b3:" + "0" * 64
SEGMENT = "log/00000000000000000001.jsonl"
HUGE = "1" + "0" * 4000


class Raw(str):
    """JSON text to be written unchanged."""


def spelled(value: Any) -> str:
    """Return JSON text, with ``Raw`` unchanged."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{spelled(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(spelled, value)) + "]"
    return json.dumps(value)


def members(**told: Any) -> dict[str, Any]:
    """Return the members of a sensible entry, with these replaced; a member ``...`` is omitted."""
    usual = {
        "time": "2026-11-02T12:00:00.000000Z",
        "actor": "mallory",
        "operation": "register",
        "operation_id": "00112233445566ff",
        "program": "qa",
        "changes": [],
    }
    return {key: value for key, value in {**usual, **told}.items() if value is not ...}


def change(name: Any, new: Any = None, old: Any = None) -> dict[str, Any]:
    """Return a change."""
    return {"name": name, "old": old, "new": new}


def append(store: Path, *entries: dict[str, Any] | bytes) -> None:
    """Append entries to a log, correctly chained; ``bytes`` are a complete intent."""
    log, head = store / SEGMENT, genesis((store / "format").read_bytes().split(b"\n")[0] + b"\n")
    lines = log.read_bytes().splitlines()
    if lines:
        last = parse(lines[-1])
        assert last is not None
        head = last.head
    with open(log, "ab") as file:
        for entry in entries:
            intent = entry if isinstance(entry, bytes) else spelled(entry)[1:-1].encode()
            line = compose(intent, head)
            file.write(line)
            made = parse(line[:-1])
            assert made is not None
            head = made.head


def blob(store: Path, data: bytes) -> str:
    """Put a blob into a store, and return its digest."""
    digest = Digest.of(data)
    path = store / "objects" / digest.hex[:2] / digest.hex[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return digest


def sensible(directory: Path) -> Path:
    """Create a registry with a short history of two programs."""
    store = directory / "store"
    with a_local_registry(store) as registry:
        programs = Programs(registry, directory)
        programs.register("qa", metrics={"em": 0.5}, tags=["nightly"])
        registry.promote("qa@1.0.0")
        registry.promote("qa@1.0.0", to="production")
        programs.register("qa", metrics={"em": 0.75})
        registry.promote("qa@1.0.1")
        registry.promote("qa@1.0.1", to="production")
        registry.score("qa@1.0.1", {"em": 0.8})
        programs.register("rag")
        registry.approve("rag@1.0.0")
        registry.rollback("qa", reason="slow")
        registry.undo()
    return store


def copied(store: Path, to: Path) -> Path:
    """Return a copy of a registry without its caches."""
    shutil.copytree(store, to, ignore=shutil.ignore_patterns("index.sqlite*", "refs", "synced"))
    return to


@cache
def documents() -> tuple[bytes, ...]:
    """Return blobs that resemble version documents or configurations without being valid."""
    file = {"path": "program.json", "digest": NONE, "size": 1}
    usual = {
        "format": 1,
        "program": "qa",
        "author": "m",
        "time": "2026-11-02T12:00:00.000000Z",
        "metadata": {},
        "changelog": None,
        "parent": None,
        "change_type": None,
        "context": {},
    }
    paths = (
        "../x",
        "/etc/x",
        "a/../b",
        "",
        ".",
        "a//b",
        "x\\y",
        "con\x00",
        "é" * 600,
        ".git/hooks/x",
    )
    versions: list[Any] = [
        *({**usual, "files": [{**file, "path": path}]} for path in paths),
        *({**usual, "files": [{**file, "size": size}]} for size in (-1, 1.5, "1", 10**30, None)),
        *({**usual, "files": files} for files in (None, {}, [1], [file, file], 5)),
        *({**usual, "files": [file], "metadata": told} for told in (None, [], 5, "x")),
        *({**usual, "files": [file], "context": told} for told in (None, [], 5)),
        *({**usual, "files": [file], "contract": told} for told in ([], 5, {"predictors": 1}, {})),
        *({**usual, "files": [file], key: 5} for key in ("author", "time", "changelog", "parent")),
        *({**usual, "files": [], "format": told} for told in (2, "1", None, True)),
        {**usual, "files": [file, {**file, "path": "program.json/x"}]},
    ]
    other = [None, 5, [], {}, "x", {"format": 1}, {"format": 1, "stages": [], "environments": []}]
    rungs = [{"name": "development"}, {"name": "staging"}]
    configs: list[Any] = [
        {"format": 1, "stages": [{"name": name}, {"name": "x"}], "environments": []}
        for name in (None, 5, "../..", "", "x", ["a"])
    ]
    for key, value in (
        ("metrics", {"primary": ["em"]}),
        ("metrics", {"tie": "x"}),
        ("hooks", {"before": {"promote": [5]}}),
        ("hooks", {"timeout": "x"}),
        ("versioning", {"strategy": "x"}),
        ("versioning", {"max_versions": -1}),
        ("policies", {"staging": {"metrics": [{"metric": 5, "comparison": "?", "value": "x"}]}}),
        ("policies", {"staging": 5}),
        ("programs", [{"name": "qa", "metrics": {"primary": 5}}]),
        ("default_environment", "nowhere"),
    ):
        configs.append({"format": 1, "stages": rungs, "environments": [], key: value})
    raw = (b"", b"\xff\xfe", b"[" * 5000, b'{"format":1e999}', b'"\\ud800"', b"1" * 5000)
    return (*(canonical.dumps(each) for each in (*versions, *other, *configs)), *raw)


JUNK: list[Any] = [
    *(None, True, False, 0, -1, 1, 2, 99, 10**30, 1.5, "", "x", "1; drop", "../..", "\u0000"),
    *([], [1], {}, {"a": 1}, NONE, "b3:xyz", Raw("1e999"), Raw(HUGE), Raw("-1e999")),
    *(Raw('"\\ud800"'), Raw("[" * 600 + "]" * 600), {"blob": NONE}, {"blob": 5}, {"blob": "x"}),
    *("x" * 300, "a\nb", "\x1b[31m", {"live": "1; drop", "deployment": None, "canary": None}),
]
SEGMENTS = [
    *("qa", "rag", "QA", "ghost", "../..", "..", ".", "", "con", "%2e%2e", "%zz", "%C3", "a%2Fb"),
    *("1", "2", "3", "99", "0", "-1", "01", "1e3", "x" * 300, "1.0.0", "1.0.1", "9.9.9"),
    *("production", "staging", "nowhere", "em", "00112233445566ff", "name", "number", "label"),
    *(".name", "\x1b[31m", "a\nb", "é", "~"),
]
KINDS = [
    *("versions", "labels", "stages", "environments", "deployments", "metrics", "approvals"),
    *("evidence", "tags", "reserved", "tomorrow"),
]

junk = st.sampled_from(JUNK)


def _mostly(usual: Any) -> st.SearchStrategy[Any]:
    """Draw a value that is sensible in most cases."""
    return st.one_of(st.just(usual), st.just(usual), st.just(usual), junk)


def _object(**told: Any) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.fixed_dictionaries({key: _mostly(value) for key, value in told.items()}), junk
    )


digests = st.sampled_from([NONE, *(f"blob:{nth}" for nth in range(200))])
numbers = st.sampled_from([1, 2, 3, 99, 2**53, 2**53 + 1])
programs = st.sampled_from(["qa", "qa", "rag", "ghost", "../.."])


@st.composite
def changes(draw: st.DrawFn) -> list[Any]:
    """Draw some changes, which may belong together."""
    program, number = draw(programs), draw(numbers)
    label = draw(st.sampled_from(["1.0.0", "1.0.1", "2.0.0", "x", "é", "a/b"]))
    place = draw(st.sampled_from(["production", "staging", "nowhere", "..", "a/b"]))
    op = draw(st.sampled_from(["00112233445566ff", "1", "..", "x/y"]))
    version = draw(_object(label=label, document=draw(digests)))
    deployment = _object(
        number=number, status="live", strategy="replace", percent=100, reason=None,
        rollback_from=None, restores=None,
    )  # fmt: skip
    known = {
        f"versions/{program}/{number}": st.just(version),
        f"labels/{program}/{label}": _mostly(number),
        f"stages/{program}/{number}": _object(
            stage=draw(st.sampled_from(["staging", "production", "archived", "moon"])), reason=None
        ),
        f"environments/{program}/{place}": _object(
            live=number, deployment=f"{place}-{op}", canary=None
        ),
        f"deployments/{program}/{place}/{op}": deployment,
        f"metrics/{program}/{number}/em/{op}": _mostly(0.5),
        f"approvals/{program}/{number}/staging/eve": _object(operation_id=op, reason=None),
        f"evidence/{program}/{number}/x/{op}": _object(passed=True, note=None),
        f"tags/{program}/{number}/night": _mostly(True),
        f"reserved/{program}/number": _mostly(number),
        f"reserved/{program}/label/{label}": _mostly(NONE),
        f"reserved/.name/{program}": _mostly(program),
        "config": _object(document=draw(digests), source=draw(digests)),
    }
    some = draw(st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=6))
    found: list[Any] = [
        change(name, draw(known[name]), draw(st.one_of(st.none(), st.none(), junk)))
        for name in some
    ]
    if draw(st.booleans()):
        path = [
            draw(st.sampled_from(KINDS)),
            *draw(st.lists(st.sampled_from(SEGMENTS), max_size=5)),
        ]
        found.append(change("/".join(path), draw(junk), draw(junk)))
    if draw(st.integers(0, 5)) == 0:
        found.append(draw(junk))
    if draw(st.integers(0, 8)) == 0:
        found.append(change(draw(junk), draw(junk)))
    return found


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any] | bytes:
    """Draw an entry, usually with something senseless in it."""
    if draw(st.integers(0, 15)) == 0:
        return draw(
            st.sampled_from(
                [b"x", b'"a":1}{', b"}", b'"a":', b'"a":"\xff"', b'"changes":NaN', b'"a":1}garbage']
            )
        )
    told: dict[str, Any] = {"changes": draw(changes())}
    for member in draw(
        st.lists(
            st.sampled_from(
                [
                    *("time", "actor", "operation", "operation_id", "program", "label", "outcome"),
                    *("reason", "forced", "changes", "evidence", "undoes", "context", "expects"),
                ]
            ),
            max_size=2,
        )
    ):
        told[member] = draw(st.one_of(junk, st.just(...)))
    if draw(st.integers(0, 3)) == 0:
        told["undoes"] = draw(st.integers(-1, 20))
    told["operation"] = told.get(
        "operation", draw(st.sampled_from(["register", "undo", "gc", "x"]))
    )
    return members(**told)


logs = st.lists(entries(), min_size=1, max_size=6)


def forge(store: Path, log: Iterable[dict[str, Any] | bytes]) -> None:
    """Append entries whose digests name blobs of something else."""
    every = documents()

    def named(value: Any) -> Any:
        if isinstance(value, Raw):
            return value
        if isinstance(value, str) and value.startswith("blob:"):
            return blob(store, every[int(value[5:]) % len(every)])
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items()}
        return [named(each) for each in value] if isinstance(value, list) else value

    append(store, *(each if isinstance(each, bytes) else named(each) for each in log))
