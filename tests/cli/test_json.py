"""``--json``: one document per command, with the keys of reference/json.md."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from builders import NOON, Programs, a_local_registry, a_program
from commandline import Ran, dspyreg

pytestmark = pytest.mark.usefixtures("store")


def words(text: str) -> set[str]:
    return set(text.split())


VERSION = words(
    """program label number digest files_digest program_digest format stage created_at created_by
    promoted_at promoted_by is_deployed live_in score metrics tags metadata changelog
    previous_version change_type files contract settings context transitions"""
)
ENTRY = words(
    """seq id prev time actor operation operation_id program label outcome reason forced automatic
    changes evidence undoes context"""
)
DEPLOYMENT = words(
    """deployment_id program label environment status strategy deployed_at deployed_by reason
    rollback_from rollback_from_label restores percent"""
)
CHANGE = {"entry", "version", "versions", "deployments", "notices"}
STATUS = words(
    """program environments stages stage_counts history deployed_version total_versions health
    performance recommendations"""
)
RESOLUTION = {"program", "label", "number", "digest", "environment", "seq"}
VERDICT = {"ok", "entries", "blobs", "collected", "problems", "head", "repaired"}
TRENDS = {"best_score", "worst_score", "latest_score", "improvement_trend", "total_versions"}
PAGE = {"total", "page", "limit", "offset"}


def document(*line: object) -> Any:
    """Run a successful command; return its only document."""
    ran = dspyreg(*line, "--json")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.endswith("}\n")
    assert ran.out.count("\n") == 1
    return ran.document


def assert_change(told: Any) -> None:
    assert set(told) == CHANGE
    assert set(told["entry"]) == ENTRY
    assert all(set(change) == {"name", "old", "new"} for change in told["entry"]["changes"])
    assert set(told["version"]) == VERSION
    assert all(set(version) == VERSION for version in told["versions"])
    assert all(set(deployment) == DEPLOYMENT for deployment in told["deployments"])
    assert all(isinstance(notice, str) for notice in told["notices"])


CHANGES = [
    ["register", "qa", "other.json"],
    ["promote", "qa@2.0.0"],
    ["deploy", "qa@1.1.0", "--env", "development"],
    ["demote", "qa@1.1.0", "--force", "--reason", "R", "--yes"],
    ["archive", "qa@1.0.0"],
    ["restore", "qa@0.9.0"],
    ["rollback", "qa"],
    ["rollback", "qa", "--as-new-version"],
    ["undo"],
    ["redo"],
]


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with qa on most stages, two versions live, and something to redo."""
    directory = tmp_path_factory.mktemp("history")
    with a_local_registry(directory / "store", clock=lambda: NOON) as registry:
        programs = Programs(registry, directory)
        for label in ("1.0.0", "1.1.0"):
            programs.in_production(
                label=label, content=a_program(label), metrics={"em": 0.8}, tags=["good"]
            )
        for label in ("0.9.0", "2.0.0"):
            programs.register(label=label)
        registry.archive("qa@0.9.0")
        registry.promote("qa@2.0.0")
        registry.undo()
    return directory / "store"


@pytest.fixture
def busy(store: Path, history: Path) -> Path:
    """A copy of that store beside other.json, which is new, and the file of qa@1.1.0."""
    shutil.rmtree(store)
    shutil.copytree(history, store)
    Path("program.json").write_text(a_program("1.1.0"))
    Path("other.json").write_text(a_program("other"))
    return store


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("line", CHANGES, ids=" ".join)
def test_a_change_prints_its_entry_version_and_deployments(line: list[str]):
    assert_change(document(*line))


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("line", CHANGES, ids=" ".join)
def test_a_dry_run_prints_the_same_document_with_a_null_seq(line: list[str], busy: Path):
    before = contents(busy)
    told = document(*line, "--dry-run")
    assert contents(busy) == before
    assert_change(told)
    assert told["entry"]["seq"] is None
    real = document(*line)
    assert real["entry"]["seq"] is not None
    assert settled(told) == settled(real)


def contents(store: Path) -> dict[str, bytes]:
    """Return everything stored, except the index, which any command may build."""
    return {
        str(path.relative_to(store)): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file() and not path.name.startswith("index.sqlite")
    }


def settled(told: Any) -> Any:
    """Return the document without the entry's place and the operation id, which a dry run lacks."""
    identity = told["entry"]["operation_id"]
    text = json.dumps(told).replace(identity, "…")
    found = json.loads(text)
    found["entry"].update(seq=None, id=None, prev=None)
    for version in (found["version"], *found["versions"]):
        for step in version["transitions"]:
            if step is version["transitions"][-1]:
                step["seq"] = None
    return found


def test_applying_a_configuration_prints_a_change_without_a_version():
    Path("registry.yaml").write_text("default_environment: production\n")
    planned = document("config", "apply", "registry.yaml", "--dry-run")
    told = document("config", "apply", "registry.yaml", "--yes")
    assert set(told) == set(planned) == CHANGE
    assert (told["version"], told["deployments"]) == (None, [])
    assert (planned["entry"]["seq"], told["entry"]["seq"]) == (None, 1)


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("dry", [[], ["--dry-run"]], ids=["real", "dry"])
@pytest.mark.parametrize(
    "line",
    [
        ["promote", "qa", "--to", "production"],
        ["deploy", "qa", "--env", "production"],
        ["archive", "qa@0.9.0"],
        ["rollback", "qa", "--to", "1.1.0"],
        ["register", "qa", "program.json", "--version", "1.1.0", "--exist-ok"],
    ],
    ids=" ".join,
)
def test_a_change_with_nothing_to_do_prints_no_entry_and_an_already_notice(
    line: list[str], dry: list[str]
):
    told = document(*line, *dry)
    assert set(told) == CHANGE
    assert told["entry"] is None
    assert told["notices"][0].startswith("already")
    assert set(told["version"]) == VERSION


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize(
    ("line", "keys"),
    [
        (["list"], {"programs", *PAGE}),
        (["list", "qa"], {"versions", *PAGE}),
        (["list", "qa", "--stage", "production"], {"versions", *PAGE}),
        (["list", "--stage", "production"], {"versions", *PAGE}),
        (["list", "qa", "--at", "3"], {"versions", *PAGE}),
        (["show", "qa"], VERSION),
        (["show", "qa@1.0.0", "--at", "3"], VERSION),
        (["resolve", "qa@production"], RESOLUTION),
        (["status", "qa"], STATUS),
        (["status", "qa", "--env", "production"], STATUS),
        (["board"], {"stages"}),
        (["log"], {"entries"}),
        (["log", "qa", "-n", "2"], {"entries"}),
        (["log", "--seq", "1"], ENTRY),
        (["config", "show"], {"digest", "configuration", "source"}),
        (["verify"], VERDICT),
        (["verify", "--dry-run"], VERDICT),
        (["gc", "--yes"], {"deleted", "bytes", "kept", "dry_run", "notices"}),
        (["gc", "--dry-run"], {"deleted", "bytes", "kept", "dry_run", "notices"}),
        (["init"], {"store", "registry_id", "format"}),
        (["checkout", "qa@1.0.0"], {"version", "path", "files"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_every_result_has_its_documented_keys(line: list[str], keys: set[str]):
    assert set(document(*line)) == keys


@pytest.mark.usefixtures("busy")
def test_a_version_object_is_the_same_in_every_document():
    shown = document("show", "qa@1.0.0")
    listed = document("list", "qa")["versions"]
    assert shown in listed
    assert document("checkout", "qa@1.0.0")["version"] == shown
    assert set(shown["files"][0]) == {"path", "digest", "size"}
    steps = {"seq", "timestamp", "actor", "from_stage", "to_stage", "reason"}
    assert set(shown["transitions"][0]) == steps


@pytest.mark.usefixtures("busy")
def test_an_entry_object_is_the_same_in_every_document():
    newest = document("log", "-n", "1")["entries"][0]
    assert document("log", "--seq", newest["seq"]) == newest


@pytest.mark.usefixtures("busy")
def test_a_limited_list_gives_its_total_page_limit_and_offset():
    told = document("list", "qa", "--limit", "1", "--offset", "1")
    assert len(told["versions"]) == 1
    assert told["total"] == 3
    assert (told["page"], told["limit"], told["offset"]) == (2, 1, 1)


@pytest.mark.usefixtures("busy")
def test_a_listed_program_has_its_documented_keys():
    assert document("list")["programs"] == [
        {
            "name": "qa",
            "latest": "2.0.0",
            "versions": 4,
            "live": {"production": "1.1.0", "staging": "1.1.0"},
        }
    ]


@pytest.mark.usefixtures("busy")
def test_status_names_the_live_version_of_each_environment():
    told = document("status", "qa")
    assert set(told["environments"]) == {"development", "staging", "production"}
    production = told["environments"]["production"]
    assert set(production) == {"live", "canary", "deployment"}
    assert set(production["deployment"]) == DEPLOYMENT
    assert told["environments"]["development"] == {"live": None, "canary": None, "deployment": None}
    assert set(told["history"]) == TRENDS
    assert told["deployed_version"] == "1.1.0"
    assert told["stages"]["deprecated"] == ["1.0.0"]


@pytest.mark.usefixtures("busy")
def test_the_board_names_programs_and_labels():
    assert document("board")["stages"]["production"] == [{"program": "qa", "label": "1.1.0"}]


def test_times_and_digests_have_one_format():
    told = document("register", "qa", "program.json")
    assert told["entry"]["time"] == "2026-11-01T12:00:00.000000Z"
    assert told["version"]["digest"].startswith("b3:")
    assert told["entry"]["prev"].startswith("b3:")


def test_verify_prints_a_damaged_store_as_a_result_and_not_an_error(store: Path):
    dspyreg("register", "qa", "program.json")
    for blob in (store / "objects").rglob("*"):
        if blob.is_file():
            blob.chmod(0o644)
            blob.write_bytes(b"x" + blob.read_bytes()[1:] + b"y")
    ran = dspyreg("verify", "--json")
    assert (ran.status, ran.err) == (6, "")
    assert not ran.document["ok"]
    assert all(set(each) == {"kind", "where", "message"} for each in ran.document["problems"])
    assert set(ran.document["head"]) == {"seq", "id"}


def failing(line: list[str]) -> Ran:
    dspyreg("register", "qa", "program.json")
    return dspyreg(*line, "--json")


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        (["rollback", "qa"], 1, "refused"),
        (["promote", "qa@1.0.0", "--to", "production"], 1, "refused"),
        (["undo", "nobody"], 1, "refused"),
        (["register", "a/b", "program.json"], 2, "usage"),
        (["promote"], 2, "usage"),
        (["frobnicate"], 2, "usage"),
        (["gc"], 2, "usage"),
        (["cat", "qa"], 2, "usage"),
        (["list", "--limit", "many"], 2, "usage"),
        (["show", "nobody"], 3, "not_found"),
        (["register", "qa", "program.json", "--version", "1.0.0"], 4, "conflict"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["", "quiet"])
def test_a_failure_is_one_json_document_on_standard_error(
    line: list[str], status: int, code: str, quiet: list[str]
):
    ran = failing([*line, *quiet])
    assert ran.status == status
    assert ran.error["code"] == code
    keys = {"code", "message", "hint", "entries"} | ({"failures"} if code == "refused" else set())
    assert set(ran.error) == keys


def test_a_damaged_blob_prints_an_error_document(store: Path):
    dspyreg("register", "qa", "program.json")
    for blob in (store / "objects").rglob("*"):
        if blob.is_file():
            blob.chmod(0o644)
            blob.write_bytes(b"x")
    ran = dspyreg("checkout", "qa", "--json")
    assert (ran.status, ran.error["code"]) == (6, "corrupt")


def test_a_store_of_a_newer_format_prints_an_error_document(store: Path):
    first, _ = (store / "format").read_text().splitlines()
    (store / "format").write_text(f"{first}\nformat 999\n")
    ran = dspyreg("list", "--json")
    assert (ran.status, ran.error["code"]) == (7, "unsupported_format")
    assert "999" in ran.error["message"]


def test_an_internal_error_prints_an_error_document(monkeypatch: pytest.MonkeyPatch):
    from dspyreg.registry.facade.registry import Registry

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Registry, "board", broken)
    ran = dspyreg("board", "--json")
    assert (ran.status, ran.error["code"]) == (70, "bug")
    assert "ZeroDivisionError" in ran.error["message"]


def test_a_storage_error_prints_an_error_document(monkeypatch: pytest.MonkeyPatch):
    from dspyreg.errors import StorageError
    from dspyreg.registry.facade.registry import Registry

    def full(*_: object, **__: object) -> None:
        raise StorageError("no space left on device")

    monkeypatch.setattr(Registry, "promote", full)
    ran = failing(["promote", "qa@1.0.0"])
    assert (ran.status, ran.error["code"]) == (8, "storage")


@pytest.mark.parametrize("line", [["log"], ["list", "qa"], ["show", "qa"], ["board"]], ids=" ".join)
def test_quiet_does_not_change_json_output(line: list[str]):
    dspyreg("register", "qa", "program.json", "--quiet")
    assert dspyreg(*line, "--quiet", "--json") == dspyreg("--json", *line)


def test_user_text_round_trips_through_json():
    text = 'tab\there, "quotes", \\, [bold]not markup[/bold], \x1b[31mred\x1b[0m, 日本語, \u2028'
    dspyreg("register", "qa", "program.json", "--changelog", text)
    ran = dspyreg("show", "qa", "--json")
    assert ran.document["changelog"] == text
    assert "\x1b" not in ran.out
    assert "\u2028" not in ran.out
