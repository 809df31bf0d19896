"""What is measured inside a process: ``python inside.py WHAT …`` prints one number."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ground import a_program

import dspyreg
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable

SEGMENT = 16 << 20
LINE = b"x" * 899 + b"\n"


def warm_resolve(store: str) -> float:
    """Return how many microseconds a warm resolve takes."""
    calls = 20_000
    with dspyreg.open(store) as registry:
        registry.resolve("qa@production")
        begun = time.perf_counter()
        for _ in range(calls):
            registry.resolve("qa@production")
        return (time.perf_counter() - begun) / calls * 1e6


def two_stats(store: str) -> float:
    """Return how many microseconds two looks at the file system take, which a resolve needs."""
    calls, there, gone = 20_000, str(Path(store, "format")), str(Path(store, "none"))
    begun = time.perf_counter()
    for _ in range(calls):
        os.stat(there)
        os.access(gone, os.F_OK)
    return (time.perf_counter() - begun) / calls * 1e6


def rebuild(store: str) -> float:
    """Return how many entries a second an index is built from."""
    for path in Path(store).glob("index.sqlite*"):
        path.unlink()
    with dspyreg.open(store) as registry:
        begun = time.perf_counter()
        seq = registry.resolve("qa").seq
        return seq / (time.perf_counter() - begun)


def appends(directory: str, count: str) -> float:
    """Return how many lines a second can be appended and synced, one by one."""
    fd = os.open(Path(directory, "appended"), os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    begun = time.perf_counter()
    for _ in range(int(count)):
        os.write(fd, LINE)
        os.fdatasync(fd)
    return int(count) / (time.perf_counter() - begun)


def commits(store: str, program: str, count: str) -> float:
    """Return how many deployments a second one process makes durable, one by one; after one that
    imports what the others need.
    """
    with dspyreg.open(store) as registry:
        registry.deploy(f"{program}@#2", environment="staging")
        begun = time.perf_counter()
        for nth in range(int(count)):
            registry.deploy(f"{program}@#{nth % 2 + 1}", environment="staging")
        return int(count) / (time.perf_counter() - begun)


def prepare(store: str, programs: str) -> float:
    """Give a store some programs with two versions in staging each."""
    with dspyreg.open(store) as registry:
        for program in programs.split(","):
            for nth in range(2):
                file = Path(store).with_suffix(".json")
                file.write_text(a_program(f"{program} {nth}"))
                registry.register(program, file)
                registry.promote(f"{program}@#{nth + 1}")
    return 0.0


def commits_together(store: str, processes: str, count: str) -> float:
    """Return how many deployments a second processes make durable together, each in a program of
    its own; from the first that begins to the last that ends.
    """
    command = [sys.executable, __file__, "commits_at", store]
    names = [f"p{nth}" for nth in range(int(processes))]
    start = time.time() + 0.5 * int(processes)
    running = [
        subprocess.Popen([*command, name, count, str(start)], stdout=subprocess.PIPE)
        for name in names
    ]
    ends = [float(process.communicate()[0]) for process in running]
    return int(processes) * int(count) / (max(ends) - start)


def commits_at(store: str, program: str, count: str, start: str) -> float:
    """Begin at a time, make deployments, and return the time at the end; one comes before, which
    imports what the others need.
    """
    with dspyreg.open(store) as registry:
        registry.deploy(f"{program}@#2", environment="staging")
        time.sleep(max(0.0, float(start) - time.time()))
        for nth in range(int(count)):
            registry.deploy(f"{program}@#{nth % 2 + 1}", environment="staging")
        return time.time()


def longest_wait(store: str, processes: str, count: str) -> float:
    """Return how many times the median change the longest one took, of processes that register,
    measure and undo in one program at once.
    """
    command = [sys.executable, __file__, "waits", store]
    start = time.time() + 0.5 * int(processes)
    running = [
        subprocess.Popen(
            [*command, f"w{nth}", count, str(start)], stdout=subprocess.PIPE, text=True
        )
        for nth in range(int(processes))
    ]
    waits = [wait for process in running for wait in json.loads(process.communicate()[0])]
    return max(waits) / statistics.median(waits)


def waits(store: str, name: str, count: str, start: str) -> list[float]:
    """Return how many seconds each change took of one writer among many."""
    file, found = Path(store).with_name(f"{name}.json"), list[float]()
    with dspyreg.open(store, actor=name) as registry:
        registry.score("qa@#1", {"em": 0.0})  # imports the modules that the others need
        time.sleep(max(0.0, float(start) - time.time()))
        for nth in range(int(count)):
            begun = time.perf_counter()
            if nth % 3 == 0:
                file.write_text(a_program(f"{name} {nth}"))
                made = registry.register("qa", file, force=True)
            elif nth % 3 == 1:
                registry.score(f"qa@{made.version.label}", {"em": nth / 100})
            else:
                registry.undo(registry.score("qa@#1", {name: 0.5}).entry.seq)
            found.append(time.perf_counter() - begun)
    return found


def hash_files(directory: str) -> float:
    """Return how many bytes a second all cores hash of the files below a directory."""
    from blake3 import blake3

    files = [path for path in Path(directory).rglob("*") if path.is_file()]
    begun = time.perf_counter()
    for path in files:
        hasher = blake3(max_threads=blake3.AUTO)
        hasher.update_mmap(path)
        hasher.digest()
    return sum(path.stat().st_size for path in files) / (time.perf_counter() - begun)


def state(instructions: str, demos: int) -> dict[str, object]:
    """Return what DSPy saves of a program with one predictor."""
    demo = {"question": "what? " * 20, "reasoning": "Let's think. " * 20, "answer": "4"}
    told = [("Question:", "${question}"), ("Reasoning:", "${reasoning}"), ("Answer:", "${answer}")]
    fields = [{"prefix": prefix, "description": description} for prefix, description in told]
    signature = {"instructions": instructions, "fields": fields}
    return {"generate": {"demos": [demo] * demos, "lm": None, "signature": signature}}


def states(a: str, b: str) -> float:
    """Write two typical states."""
    Path(a).write_text(json.dumps(state("Answer the question in one sentence.", 4)))
    Path(b).write_text(json.dumps(state("Answer the question in one short sentence.", 6)))
    return 0.0


def loads_10_mb() -> float:
    """Return how many seconds ``json.loads`` takes for a state of 10 MB."""
    data = json.dumps(state("Answer.", 24_000)).encode()
    return min(_seconds(json.loads, data) for _ in range(3))


def reads_10_mb() -> float:
    """Return how many seconds that state takes to be understood."""
    from dspyreg.formats.known import read

    data = json.dumps(state("Answer.", 24_000)).encode()
    return min(_seconds(read, data) for _ in range(3))


def _seconds(act: Callable[[bytes], object], data: bytes) -> float:
    begun = time.perf_counter()
    act(data)
    return time.perf_counter() - begun


PIECES = ("a", "eyJ", "://", "x://a:", "Bearer ", "-----BEGIN ", "sk-", "://:", "a.", "xoxb-", "[")


def searches_hostile_text() -> float:
    """Return how many seconds a search for secrets takes in the worst of many texts of 1 MiB."""
    return max(_search(piece * ((1 << 20) // len(piece))) for piece in PIECES)


def searches_prose() -> float:
    """Return how many seconds a search for secrets takes in a harmless text of 1 MiB."""
    text = ("Answer the question in one sentence, and name a source. " * 19_000)[: 1 << 20]
    return min(_search(text) for _ in range(3))


def _search(text: str) -> float:
    from dspyreg.formats import secrets

    begun = time.perf_counter()
    secrets.find_in_texts("text", [text])
    return time.perf_counter() - begun


def gated(store: str, measurements: str) -> float:
    """Make a version live, and another in staging that passes everything, measured very often."""
    file = Path(store).with_suffix(".json")
    metrics = {"accuracy": 0.9, "latency_ms": 100.0, "test_coverage": 0.95}
    for label, demos in (("1.0.0", 2), ("1.1.0", 4)):
        with dspyreg.open(store) as registry:
            file.write_text(json.dumps(state("Answer.", demos)))
            registry.register("qa", file, version=label, metrics=metrics, changelog="faster")
            registry.promote(f"qa@{label}")
            if label == "1.0.0":
                registry.promote(f"qa@{label}", to="production")
    with dspyreg.open(store) as registry:
        for nth in range(int(measurements)):
            registry.score("qa@1.1.0", {"accuracy": 0.9 + nth / 1e6})
        registry.add_evidence("qa@1.1.0", "load_testing")
    for person in ("bob", "eve"):
        with dspyreg.open(store, actor=person) as registry:
            registry.approve("qa@1.1.0")
    return 0.0


def measured(store: str, measurements: str) -> float:
    """Make a version and measure it very often: the lines of its log are written as they are."""
    from dspyreg.backends.local.store import open_store
    from dspyreg.backends.location import Location
    from dspyreg.model import line as lines
    from dspyreg.model import moment, names
    from dspyreg.model.entry import Change, Intent

    file = Path(store).with_suffix(".json")
    file.write_text(json.dumps(state("Answer.", 2)))
    dspyreg.init(store)
    with dspyreg.open(store, actor="ada") as registry:
        registry.register("qa", file, version="1.0.0", metrics={"em": 0.5})
    head = open_store(Location.of(store)).journal.head()
    segment, since = bytearray(), datetime.now(UTC)
    path = Path(store, "log", f"{head.seq + 1:020d}.jsonl")
    for nth in range(int(measurements)):
        operation = Digest.of(str(nth).encode()).hex[:16]
        intent = Intent(
            time=moment.text(since + timedelta(seconds=nth)),
            actor="ada",
            operation="score",
            operation_id=operation,
            program="qa",
            label="1.0.0",
            changes=(Change(names.metric("qa", 1, "em", operation), None, nth % 1000 / 1000),),
        )
        data = lines.compose(intent.members(), head)
        line = lines.parse(data[:-1])
        assert line is not None
        segment += data
        head = line.head
        if len(segment) >= SEGMENT:
            path.write_bytes(segment)
            segment, path = bytearray(), path.with_name(f"{head.seq + 1:020d}.jsonl")
    path.write_bytes(segment)
    return 0.0


MEASURES = {
    each.__name__: each
    for each in (
        warm_resolve,
        two_stats,
        rebuild,
        appends,
        commits,
        prepare,
        commits_together,
        commits_at,
        longest_wait,
        waits,
        hash_files,
        states,
        loads_10_mb,
        reads_10_mb,
        searches_prose,
        searches_hostile_text,
        gated,
        measured,
    )
}

if __name__ == "__main__":
    print(repr(MEASURES[sys.argv[1]](*sys.argv[2:])))
