"""Well chained logs with senseless entries: every read has an answer."""

from __future__ import annotations

import shutil
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from builders import a_local_registry, a_program
from commandline import a_plain_world, dspyreg
from forging import (
    HUGE,
    SEGMENT,
    Raw,
    append,
    blob,
    change,
    copied,
    documents,
    forge,
    logs,
    members,
    sensible,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from walking import reads, tries, undoing

from dspyreg.errors import RegistryError
from dspyreg.store import queries

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from walking import Question


NONE = "b3:" + "0" * 64
ASKED = 40  # of some two hundred reads, different ones each time
DRAWN = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with a sensible log."""
    return sensible(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A directory for each store, one after another."""
    top = tmp_path_factory.mktemp("forged")
    return (top / f"s{nth}" for nth in count())


def ask(question: Question) -> None:
    """Run a read; an intentional error is an answer, an internal one is not."""
    words, answer = question
    try:
        answer()
    except RegistryError as error:
        if error.exit_code not in {1, 2, 3, 4, 6, 7}:
            raise
    except Exception as error:
        error.add_note(f"asked: {words}")
        raise


@settings(DRAWN, max_examples=300)
@given(log=logs, random=st.randoms(use_true_random=False))
def test_every_read_is_answered_on_any_forged_log(
    history: Path, stores: Any, log: list[Any], random: Random
):
    store = copied(history, next(stores))
    forge(store, log)
    file = store / "program.json"
    file.write_text(a_program("new"))
    with a_local_registry(store) as registry:
        every = [*reads(registry), *tries(registry, file)]
        for question in random.sample(every, ASKED):
            ask(question)
        for question in random.sample([*undoing(registry)], 3):
            ask(question)
    shutil.rmtree(store)


VERSION = {"label": "2.0.0", "document": NONE}
STAGE = {"stage": "staging", "reason": None}
POINTER = {"live": 2, "deployment": "staging-00", "canary": None}
DEPLOYMENT = {
    "number": 1,
    "status": "live",
    "strategy": "replace",
    "percent": 100,
    "reason": None,
    "rollback_from": None,
    "restores": None,
}
METRIC = "metrics/qa/1/em/00112233445566ff"
NESTED = Raw("[" * 600 + "]" * 600)
SENSELESS: dict[str, dict[str, Any] | bytes] = {
    "a version without a stage": members(changes=[change("versions/qa/9", VERSION)]),
    "a stage that goes alone": members(changes=[change("stages/qa/1", None, STAGE)]),
    "a stage of no version": members(changes=[change("stages/qa/99", STAGE)]),
    "a label of no version": members(changes=[change("labels/qa/9.9.9", 99)]),
    "a label of a version that has another": members(changes=[change("labels/qa/x", 0)]),
    "a live version that does not exist": members(
        changes=[change("environments/qa/staging", {**POINTER, "live": 99})]
    ),
    "a live version without a record": members(
        changes=[change("environments/qa/staging", {**POINTER, "live": 1})]
    ),
    "an environment that is not configured": members(
        changes=[change("environments/qa/moon", {**POINTER, "live": 1})]
    ),
    "a stage that is not configured": members(
        changes=[change("stages/qa/1", {"stage": "moon", "reason": None})]
    ),
    "a configuration that is not there": members(
        changes=[change("config", {"document": NONE, "source": NONE})]
    ),
    "more names than there are": members(changes=[change("deployments/qa/staging/00/more", {})]),
    "a name of no length": members(changes=[change("", 1)]),
    "an empty segment": members(changes=[change("tags/qa//x", True)]),
    "a name in control characters": members(changes=[change("tags/qa/1/\x1b[31m", True)]),
    "a name spelled otherwise": members(changes=[change("tags/qa/1/%61", True)]),
    "a name that is no UTF-8": members(changes=[change("tags/qa/1/%C3", True)]),
    "a name of 60,000 segments": members(changes=[change("/".join("x" * 30_000), 1)]),
    "a program that leaves its directory": members(
        changes=[change("stages/../1", STAGE), change("versions/../1", VERSION)], program=".."
    ),
    "an environment that leaves its directory": members(
        changes=[change("environments/qa/..", {**POINTER, "live": 1})]
    ),
    "the same name twice": members(changes=[change(METRIC, 1), change(METRIC, 2)]),
    "another value before": members(changes=[change("tags/qa/1/nightly", None, None)]),
    "a change that is no object": members(changes=[5]),
    "a change of three things": members(changes=[["stages/qa/1", None, STAGE]]),
    "a change without a value": members(changes=[{"name": "tags/qa/1/x", "old": None}]),
    "a name that is no text": members(changes=[change(5, 1)]),
    "changes that are null": members(changes=None),
    "changes that are a number": members(changes=5),
    "an entry without a time": members(time=...),
    "a time in words": members(time="yesterday"),
    "a time that is a number": members(time=5),
    "a day that there is not": members(time="2026-02-31T12:00:00.000000Z"),
    "an actor that is null": members(actor=None),
    "an actor that is a number": members(actor=5),
    "an operation that is null": members(operation=None),
    "an operation without an id": members(operation_id=...),
    "an undo of itself": members(undoes=14),
    "an undo of what is to come": members(undoes=99),
    "an undo of a text": members(undoes="3"),
    "a reason that is no text": members(reason={"blob": "x"}),
    "evidence that is a list": members(evidence=[1]),
    "a context that is a text": members(context="x"),
    "expectations that are none": members(expects=[5]),
    "a member that stands twice": b'"actor":"eve",' + b'"time":"2026-11-02T12:00:00.000000Z",'
    b'"actor":"ada","operation":"x","operation_id":"00","changes":[]',
    "deep nesting": members(evidence=NESTED),
    "half a character": members(reason=Raw('"\\ud800"')),
    "a line that is no object": b"x",
    "a line that ends early": b'"a":1}{"b":2',
    "bytes that are no UTF-8": b'"a":"\xff"',
    "not a number": b'"a":NaN',
    **{
        f"a metric that is {value!r:.9}": members(changes=[change(METRIC, value)])
        for value in ("0.5", True, [], Raw(HUGE), Raw("1e999"), 10**400)
    },
    **{
        f"a document that is {value!r:.9}": members(
            changes=[
                change("versions/qa/9", {**VERSION, "document": value}),
                change("stages/qa/9", STAGE),
            ]
        )
        for value in (None, 5, [], "b3:1")
    },
    **{
        f"a version with the number {number}": members(
            changes=[change(f"versions/qa/{number}", VERSION), change(f"stages/qa/{number}", STAGE)]
        )
        for number in ("-1", "0", "01", 10**30, "x")
    },
    **{
        f"live is {value!r:.9}": members(
            changes=[change("environments/qa/staging", {**POINTER, "live": value})]
        )
        for value in ("1; drop", -1, 10**30, True, {})
    },
    **{
        f"a deployment whose {key} is {value!r}": members(
            changes=[change("deployments/qa/staging/00", {**DEPLOYMENT, key: value})]
        )
        for key, value in (
            *(("number", "1"), ("status", None), ("percent", 101), ("percent", "all")),
            *(("reason", 5), ("restores", [])),
        )
    },
}


@pytest.mark.parametrize("what", SENSELESS)
def test_verify_names_a_senseless_entry(history: Path, tmp_path: Path, what: str):
    store = copied(history, tmp_path / "store")
    append(store, SENSELESS[what])
    with a_local_registry(store) as registry:
        seq = registry.context.entries.refresh().seq
        verdict = registry.verify(repair=False)
        named = [(problem.kind, problem.where) for problem in verdict.problems]
        assert ("entry", f"entry {seq}") in named
        for question in [*reads(registry), *tries(registry, store / "none")]:
            ask(question)


@pytest.mark.parametrize(
    "what", [what for what, entry in SENSELESS.items() if b"changes" in repr(entry).encode()]
)
def test_a_senseless_entry_can_be_undone(history: Path, tmp_path: Path, what: str):
    store = copied(history, tmp_path / "store")
    append(store, SENSELESS[what])
    with a_local_registry(store) as registry:
        entry = registry.log(limit=1)[0]
        row = queries.row(registry.context.entries.settled(), entry.seq)
        if row.changed:
            registry.undo(entry.seq)
            told = [problem.where for problem in registry.verify().problems]
            assert f"entry {entry.seq}" not in told


@pytest.mark.parametrize("nth", range(len(documents())))
def test_an_invalid_version_document_is_corrupt_and_its_entry_can_be_undone(
    history: Path, tmp_path: Path, nth: int
):
    store = copied(history, tmp_path / "store")
    digest = blob(store, documents()[nth])
    version = [change("versions/qa/9", {**VERSION, "document": digest})]
    config = [change("config", {"document": digest, "source": digest})]
    append(
        store, members(changes=[*version, change("stages/qa/9", STAGE)]), members(changes=config)
    )
    with a_local_registry(store) as registry:
        for question in [*reads(registry), *tries(registry, store / "none")]:
            ask(question)
        assert not registry.verify(repair=False).ok
        last = registry.context.entries.refresh().seq
        for seq in (last, last - 1):
            registry.undo(seq)
        assert registry.configuration().top == "production"


def test_refs_of_a_forged_log_never_leave_their_directory(history: Path, tmp_path: Path):
    store = copied(history, tmp_path / "store")
    for nth, name in enumerate(("../..", "..", "a/../../..", "%2e%2e%2f%2e%2e", "/etc"), 20):
        version = change(f"versions/{name}/{nth}", {**VERSION, "label": f"{nth}.0.0"})
        pointer = change(f"environments/qa/{name}", {**POINTER, "live": 1})
        stage = {"stage": name, "reason": None}
        append(
            store,
            members(changes=[version, change(f"stages/{name}/{nth}", STAGE), pointer]),
            members(changes=[change("stages/qa/1", stage)]),
        )
    before = {path for path in tmp_path.rglob("*") if (store / "refs") not in path.parents}
    with a_local_registry(store) as registry:
        registry.context.entries.refresh()
        registry.context.entries.rebuild()
    after = {path for path in tmp_path.rglob("*") if (store / "refs") not in path.parents}
    new = {path.name.partition(".")[0] for path in after - before}
    assert new <= {"index", "refs", "synced"}
    assert {path.name for path in (store / "refs").iterdir()} <= {"qa", "rag"}


def test_the_command_line_reports_a_senseless_entry(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    a_plain_world(monkeypatch, tmp_path)
    store = copied(history, tmp_path / "store")
    last = len((store / SEGMENT).read_bytes().splitlines())
    append(store, *SENSELESS.values())
    told = dspyreg("--store", store, "verify")
    assert told.status == 6
    assert f"entry {last + 1}" in told.out
    for words in (
        ["list"],
        ["status", "qa"],
        ["log"],
        ["show", "qa"],
        ["history", "qa"],
        ["board"],
    ):
        assert dspyreg("--store", store, *words, "--json").status in {0, 6}
    assert dspyreg("--store", store, "resolve", "qa#none").status == 2
