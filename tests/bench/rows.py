"""The rows of DESIGN's table of speed: each measures something beside its floor."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, NamedTuple

from ground import GIB, Ground, Process, a_program, medians

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RUNS = 11
MIB = 1 << 20
GIGABYTES = 8  # several seconds of hashing, or the start of a process counts as well
MEASUREMENTS = 10_000
WRITERS = 64
TEN_RULES = """\
policies:
  production:
    metrics: ["accuracy >= 0.5", "latency_ms <= 200"]
    against_live: ["accuracy >= -2%"]
    min_test_coverage: 0.9
    required_approvals: 2
    required_evidence: [load_testing]
    changelog: true
    contract: compatible
    secrets: none
    min_age: 0s
"""


class Row(NamedTuple):
    """One line of the table. ``ratio`` is measured to floor, or to the target without one."""

    name: str
    target: str
    floor: str
    measured: str
    ratio: float
    met: bool


def commands(ground: Ground) -> Iterator[Row]:
    """Whole commands against a hello world, and on a large store against a small one."""
    for name, limit, words in _commands(ground):
        yield from _command(ground, name, limit, words)


def _commands(ground: Ground) -> list[tuple[str, float, Callable[[Path], tuple[str, ...]]]]:
    waiting = {store: _in_development(ground, store) for store in (ground.small, ground.large)}

    def promote(store: Path) -> tuple[str, ...]:
        return "promote", f"qa@{waiting[store].pop()}"

    return [
        ("resolve", 1.2, lambda _: ("resolve", "qa@production")),
        ("promote", 1.35, promote),
        ("rollback", 1.35, lambda _: ("rollback", "qa", "--env", "production")),
        ("log -n 20", 1.35, lambda _: ("log", "-n", "20")),
        ("status", 1.35, lambda _: ("status", "qa")),
        ("--help", 1.35, lambda _: ("--help",)),
    ]


def _in_development(ground: Ground, store: Path) -> list[str]:
    """Labels that can be promoted, highest first."""
    page = ground.told(store, "list", "qa", "--stage", "development", "--limit", 500, "--json")
    return [version["label"] for version in json.loads(page)["versions"]]


def _command(
    ground: Ground, name: str, limit: float, words: Callable[[Path], tuple[str, ...]]
) -> Iterator[Row]:
    hello, small, large = medians(
        RUNS,
        lambda: ground.run(ground.hello).seconds,
        lambda: ground.dspyreg(ground.small, *words(ground.small)).seconds,
        lambda: ground.dspyreg(ground.large, *words(ground.large)).seconds,
    )
    floor = f"typer hello world {_ms(hello)}"
    yield Row(name, f"≤ {limit} ×", floor, _ms(large), large / hello, large <= limit * hello)
    floor = f"on a small store {_ms(small)}"
    yield Row(f"{name}, flat", "≤ 1.1 ×", floor, _ms(large), large / small, large <= 1.1 * small)


def flat(ground: Ground) -> Iterator[Row]:
    """What else must not grow with the store: the next release, and a registration."""
    waiting = {store: _in_development(ground, store) for store in (ground.small, ground.large)}
    file = ground.directory / "program.json"

    def release(store: Path) -> float:
        ground.dspyreg(store, "promote", f"qa@{waiting[store].pop()}")
        return ground.dspyreg(store, "promote", "qa", "--to", "production").seconds

    def register(store: Path) -> float:
        file.write_text(a_program(f"{len(waiting[store])} {store}"))
        waiting[store].append("")
        return ground.dspyreg(store, "register", "qa", file).seconds

    for name, act in (("promote --to production", release), ("register", register)):
        small, large = medians(RUNS, lambda a=act: a(ground.small), lambda a=act: a(ground.large))
        floor = f"on a small store {_ms(small)}"
        ratio = large / small
        yield Row(f"{name}, flat", "≤ 1.1 ×", floor, _ms(large), ratio, ratio <= 1.1)


def gates(ground: Ground) -> Iterator[Row]:
    """Ten rules over a version of very many measurements: a check, and a promotion."""
    store, policy = ground.fresh_store(), ground.directory / "policy.yaml"
    ground.inside("inside.py", "gated", store, MEASUREMENTS)
    policy.write_text(TEN_RULES)
    ground.dspyreg(store, "config", "apply", policy, "--yes")

    def promote() -> float:
        took = ground.dspyreg(store, "promote", "qa@1.1.0", "--to", "production").seconds
        ground.dspyreg(store, "undo", "--yes")
        return took

    hello, check, promotion = medians(
        RUNS,
        lambda: ground.run(ground.hello).seconds,
        lambda: ground.dspyreg(store, "check", "qa@1.1.0").seconds,
        promote,
    )
    floor = f"typer hello world {_ms(hello)}"
    for name, took in (("check, ten rules", check), ("promote, ten rules", promotion)):
        yield Row(name, "≤ 1.35 ×", floor, _ms(took), took / hello, took <= 1.35 * hello)
    shutil.rmtree(store)


def understanding(ground: Ground) -> Iterator[Row]:
    """Programs that are understood: a diff of two, and a state of 10 MB."""
    a, b = ground.directory / "a.json", ground.directory / "b.json"
    ground.inside("inside.py", "states", a, b)
    hello, diff = medians(
        RUNS,
        lambda: ground.run(ground.hello).seconds,
        lambda: ground.dspyreg(ground.directory / "none", "diff", a, b).seconds,
    )
    floor = f"typer hello world {_ms(hello)}"
    yield Row("diff", "≤ 1.6 ×", floor, _ms(diff), diff / hello, diff <= 1.6 * hello)
    loads, read = medians(
        5,
        lambda: float(ground.inside("inside.py", "loads_10_mb")),
        lambda: float(ground.inside("inside.py", "reads_10_mb")),
    )
    floor = f"json.loads {_ms(loads)}"
    yield Row("a state of 10 MB", "≤ 3 ×", floor, _ms(read), read / loads, read <= 3 * loads)


def completion(ground: Ground) -> Iterator[Row]:
    """The words that a shell offers for the beginning of a selector."""
    words = ("__complete", "--store", str(ground.large), "selector", "qa@")
    hello, took = medians(
        RUNS,
        lambda: ground.run(ground.hello).seconds,
        lambda: ground.run([ground.script, *words]).seconds,
    )
    floor = f"typer hello world {_ms(hello)}"
    yield Row("completion", "≤ 1.35 ×", floor, _ms(took), took / hello, took <= 1.35 * hello)


def hostile(ground: Ground) -> Iterator[Row]:
    """A search for secrets in the texts that patterns find hardest: no quadratic search."""
    prose = float(ground.inside("inside.py", "searches_prose"))
    worst = float(ground.inside("inside.py", "searches_hostile_text"))
    floor = f"in prose {_ms(prose)}"
    ratio = worst / prose
    yield Row("search of a hostile MiB", "≤ 50 ×", floor, _ms(worst), ratio, ratio <= 50)


def demo(ground: Ground) -> Iterator[Row]:
    """The tour of the README."""
    hello, tour = medians(
        5, lambda: ground.run(ground.hello).seconds, lambda: _tour(ground).seconds
    )
    floor = f"typer hello world {_ms(hello)}"
    yield Row("demo", "≤ 10 ×", floor, _ms(tour), tour / hello, tour <= 10 * hello)


def _tour(ground: Ground) -> Process:
    return ground.run([ground.script, "demo"])


def lists(ground: Ground) -> Iterator[Row]:
    """All versions of a program as JSON."""
    words = ("list", "qa", "--limit", "10000", "--json")
    hello, took = medians(
        RUNS,
        lambda: ground.run(ground.hello).seconds,
        lambda: ground.dspyreg(ground.large, *words).seconds,
    )
    ratio = took / hello
    floor = f"hello world {_ms(hello)}"
    yield Row("list of 10,000 as JSON", "≤ 8 ×", floor, _ms(took), ratio, ratio <= 8)


def gigabytes(ground: Ground) -> Iterator[Row]:
    """A file of 1 GiB is registered, beside ``cp`` and a sync of the copy."""
    source, copy, peaks = ground.gigabyte, ground.directory / "copy.bin", list[int]()

    def register() -> float:
        store = (
            ground.fresh_store()
        )  # replacing a blob frees the old one, which is not measured here
        took = ground.dspyreg(store, "register", "qa", source)
        peaks.append(took.peak)
        shutil.rmtree(store)
        return took.seconds

    def plain_copy() -> float:
        took = ground.run(["sh", "-c", f"cp '{source}' '{copy}' && sync '{copy}'"])
        copy.unlink()
        return took.seconds

    floor, took = medians(7, plain_copy, register)
    yield Row(
        "register 1 GiB",
        "≤ 1.3 ×",
        f"cp + fsync {_ms(floor)}",
        _ms(took),
        took / floor,
        took <= 1.3 * floor,
    )
    small = ground.directory / "program.json"
    small.write_text(a_program())
    store = ground.fresh_store()
    least = ground.dspyreg(store, "register", "small", small).peak
    own = max(peaks) - least
    target, shown = f"≤ {64} MiB", f"{own / MIB:.0f} MiB"
    floor_shown = f"a small file {least / MIB:.0f} MiB"
    yield Row(
        "register 1 GiB, memory", target, floor_shown, shown, own / (64 * MIB), own <= 64 * MIB
    )
    shutil.rmtree(store)


def files(ground: Ground) -> Iterator[Row]:
    """A directory of very many files is registered, beside ``cp -r`` and a sync."""
    source, copy = ground.many_files, ground.directory / "copy"

    def register() -> float:
        store = ground.fresh_store()
        took = ground.dspyreg(store, "register", "many", source).seconds
        shutil.rmtree(store)
        return took

    def plain_copy() -> float:
        took = ground.run(["sh", "-c", f"cp -r '{source}' '{copy}' && sync"]).seconds
        shutil.rmtree(copy)
        return took

    floor, took = medians(3, plain_copy, register)
    shown = f"cp -r + sync {floor:.1f} s"
    ratio = took / floor
    yield Row("register 100,000 files", "≤ 3 ×", shown, f"{took:.1f} s", ratio, ratio <= 3)


def measurements(ground: Ground) -> Iterator[Row]:
    """A version that was measured a million times: an undo beside a score, and the memory that
    answers take beside that of a small store.
    """
    store, small = ground.measured, ground.small
    built = ground.dspyreg(store, "resolve", "qa").peak
    yield Row(
        "rebuild, memory", "≤ 150 MiB", "", _mib(built), built / (150 * MIB), built <= 150 * MIB
    )
    undo, score = medians(
        RUNS,
        lambda: ground.dspyreg(store, "undo", "--yes").seconds,
        lambda: ground.dspyreg(store, "score", "qa", "em=0.4").seconds,
    )
    ratio = undo / score
    yield Row("undo of a score", "≤ 2 ×", f"score {_ms(score)}", _ms(undo), ratio, ratio <= 2)
    for name, words in (
        ("score", ("score", "qa", "em=0.4")),
        ("undo", ("undo", "--yes")),
        ("history", ("history", "qa", "--json")),
    ):
        least, most = (ground.dspyreg(each, *words).peak for each in (small, store))
        floor, ratio = f"small store {_mib(least)}", most / least
        yield Row(f"{name}, memory", "≤ 1.5 ×", floor, _mib(most), ratio, ratio <= 1.5)


def _mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB"


def warm(ground: Ground) -> Iterator[Row]:
    """A resolve in a process that serves."""
    stats, took = medians(
        5,
        lambda: float(ground.inside("inside.py", "two_stats", ground.large)),
        lambda: float(ground.inside("inside.py", "warm_resolve", ground.large)),
    )
    ratio = took / stats
    yield Row(
        "resolve, warm", "≤ 2 ×", f"two stats {stats:.1f} µs", f"{took:.1f} µs", ratio, ratio <= 2
    )


def commits(ground: Ground) -> Iterator[Row]:
    """Durable commits: deployments, one after another and by sixteen processes at once."""
    alone, together = ground.fresh_store(), ground.fresh_store()
    ground.inside("inside.py", "prepare", alone, "p0")
    ground.inside("inside.py", "prepare", together, ",".join(f"p{nth}" for nth in range(16)))

    def measure(*words: object) -> float:
        return float(ground.inside("inside.py", *words))

    appends, one, many = medians(
        5,
        lambda: measure("appends", ground.directory, 2000),
        lambda: measure("commits", alone, "p0", 2000),
        lambda: measure("commits_together", together, 16, 150),
    )
    for name, least, rate in (
        ("commits, one process", 0.10, one),
        ("commits, 16 processes", 0.06, many),
    ):
        floor, ratio = f"{appends:,.0f} appends/s", rate / appends
        yield Row(name, f"≥ {least:.2f} ×", floor, f"{rate:,.0f}/s", ratio, ratio >= least)
    shutil.rmtree(alone)
    shutil.rmtree(together)


def waits(ground: Ground) -> Iterator[Row]:
    """The longest wait of a writer beside many others, measured to the median of all waits."""
    store = ground.fresh_store()
    ground.inside("inside.py", "prepare", store, "qa")
    ratio = float(ground.inside("inside.py", "longest_wait", store, WRITERS, 30))
    target = f"≤ 20 × the median, {WRITERS} processes"
    yield Row("longest wait", target, "", f"{ratio:.1f} ×", ratio, ratio <= 20)
    shutil.rmtree(store)


def rebuild(ground: Ground) -> Iterator[Row]:
    """The index built anew from the whole log."""
    hello, rate = medians(
        5,
        lambda: ground.run(ground.hello).seconds,
        lambda: float(ground.inside("inside.py", "rebuild", ground.large)),
    )
    floor, ratio = f"700 entries in a hello world of {_ms(hello)}", rate * hello / 700
    yield Row("index rebuilt", "≥ 1 ×", floor, f"{rate:,.0f}/s", ratio, ratio >= 1)


def verify(ground: Ground) -> Iterator[Row]:
    """Every byte of the blobs checked again, beside ``b3sum`` on the same files. Several of them:
    what is measured is the hashing, not the start of a process.
    """
    store = ground.fresh_store()
    for nth in range(GIGABYTES):
        with open(ground.gigabyte, "r+b") as file:
            file.write(bytes([nth]))
        ground.dspyreg(store, "register", "qa", ground.gigabyte)
    objects = store / "objects"
    names = [str(path) for path in objects.glob("*/*")]
    b3sum = shutil.which("b3sum")

    def floor() -> float:
        if b3sum is not None:
            return GIGABYTES * GIB / ground.run([b3sum, *names]).seconds
        return float(ground.inside("inside.py", "hash_files", objects))

    def checked() -> float:
        return GIGABYTES * GIB / ground.dspyreg(store, "verify").seconds

    speed, rate = medians(5, floor, checked)
    kind = "b3sum" if b3sum else "blake3 on all cores"
    shown = f"{kind} {speed / GIB:.2f} GiB/s"
    ratio = rate / speed
    yield Row(
        f"verify {GIGABYTES} GiB", "≥ 0.6 ×", shown, f"{rate / GIB:.2f} GiB/s", ratio, ratio >= 0.6
    )
    shutil.rmtree(store)


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms"


ROWS: dict[str, Callable[[Ground], Iterator[Row]]] = {
    "commands": commands,
    "gates": gates,
    "understanding": understanding,
    "flat": flat,
    "completion": completion,
    "hostile": hostile,
    "demo": demo,
    "list": lists,
    "gigabytes": gigabytes,
    "files": files,
    "measurements": measurements,
    "warm": warm,
    "commits": commits,
    "waits": waits,
    "rebuild": rebuild,
    "verify": verify,
}
