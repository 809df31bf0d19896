"""Hooks around operations, and policy commands on versions."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_local_registry

from dspyreg.backends.local.store import open_store
from dspyreg.backends.location import Location
from dspyreg.errors import Refused
from dspyreg.known_registries import KnownRegistries, KnownRegistry
from dspyreg.policy.forms import Command
from dspyreg.registry.gate.command import CommandRun, run_on_version
from dspyreg.system.store_location import known_registries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

DSPYREG = f"{shlex.quote(sys.executable)} -m dspyreg"


def a_listed_registry(store: Path, **more: Any) -> Registry:
    """Return a registry that uses the user's trust list, as the command line does."""
    known = KnownRegistries(known_registries(), print)

    def trust() -> KnownRegistry:
        return KnownRegistry(known, open_store(Location.of(store)).registry_id, Location.of(store))

    return a_local_registry(store, trust=trust, **more)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """A registry on disk whose hooks run in ``tmp_path``."""
    with a_listed_registry(tmp_path / "store") as registry:
        yield registry


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSPYREG_ACTOR", "ada")


def hooked(registry: Registry, *, timeout: str = "20s", **when: dict[str, list[str]]) -> None:
    """Apply a configuration with hooks."""
    registry.apply(json.dumps({"hooks": {**when, "timeout": timeout}}))


def before(registry: Registry, operation: str, *commands: str, **more: str) -> None:
    hooked(registry, before={operation: list(commands)}, **more)


def after(registry: Registry, operation: str, *commands: str, **more: str) -> None:
    hooked(registry, after={operation: list(commands)}, **more)


def is_sound(registry: Registry) -> bool:
    return registry.verify().problems == ()  # the caches may lag, which does no harm


def test_a_before_hook_receives_the_planned_entry(
    registry: Registry, programs: Programs, tmp_path: Path
):
    before(registry, "promote", "cat > seen.json")
    programs.register(label="1.0.0")
    done = registry.promote("qa@1.0.0", reason="good")
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert done.entry is not None
    made = json.loads(json.dumps(done.entry.to_json()))
    assert seen["seq"] is None
    unplanned = {"seq", "id", "prev", "time"}
    assert {k: seen[k] for k in seen.keys() - unplanned} == {
        k: made[k] for k in made.keys() - unplanned
    }


def test_an_after_hook_receives_the_entry(registry: Registry, programs: Programs, tmp_path: Path):
    after(registry, "promote", "cat > seen.json")
    programs.register(label="1.0.0")
    done = registry.promote("qa@1.0.0", to="staging")
    assert done.entry is not None
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert seen == json.loads(json.dumps(done.entry.to_json()))
    assert done.notices == ()


def test_a_before_hook_that_fails_vetoes_the_operation(registry: Registry, programs: Programs):
    before(registry, "promote", "echo frozen until Monday; exit 3")
    programs.register(label="1.0.0")
    with pytest.raises(Refused, match=r"^vetoed by echo frozen.*: frozen until Monday$"):
        registry.promote("qa@1.0.0", reason="now")
    assert registry.show("qa@1.0.0").stage == "development"


def test_a_veto_is_logged_where_refusals_are_logged(registry: Registry, programs: Programs):
    before(registry, "promote", "exit 1")
    programs.register(label="1.0.0")
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0", reason="now")
    entry = registry.log(limit=1)[0]
    assert (entry.operation, entry.outcome, entry.changes) == ("promote", "refused", ())
    assert (entry.label, entry.reason) == ("1.0.0", "now")
    assert entry.evidence["failures"] == ["vetoed by exit 1: exit status 1"]


def test_a_vetoed_registration_leaves_no_entry(registry: Registry, programs: Programs):
    before(registry, "register", "exit 1")
    head = registry.log(limit=1)
    with pytest.raises(Refused):
        programs.register(label="1.0.0")
    assert registry.log(limit=1) == head


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("sleep 60", "it took longer than 0.2 s"),
        ("kill -9 $$", "it was killed by SIGKILL"),
        ("./no-such-hook", "not found"),
    ],
)
def test_a_before_hook_that_cannot_run_vetoes_the_operation(
    registry: Registry, programs: Programs, command: str, words: str
):
    before(registry, "promote", command, timeout="200ms" if "sleep" in command else "20s")
    programs.register(label="1.0.0")
    with pytest.raises(Refused) as refusal:
        registry.promote("qa@1.0.0")
    assert words in str(refusal.value)
    assert registry.show("qa@1.0.0").stage == "development"


def test_the_first_veto_stops_the_remaining_hooks(
    registry: Registry, programs: Programs, tmp_path: Path
):
    before(registry, "promote", "touch first", "exit 1", "touch third")
    programs.register(label="1.0.0")
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0")
    assert (tmp_path / "first").exists()
    assert not (tmp_path / "third").exists()


def test_a_failing_after_hook_is_a_notice(registry: Registry, programs: Programs):
    after(registry, "promote", "echo no route >&2; exit 2", "true")
    programs.register(label="1.0.0")
    done = registry.promote("qa@1.0.0", to="staging")
    assert registry.show("qa@1.0.0").stage == "staging"
    assert done.notices == (
        "the hook after promote failed: echo no route >&2; exit 2: exit status 2: no route",
    )


def test_hooks_run_only_for_their_own_operation(registry: Registry, programs: Programs):
    before(registry, "rollback", "exit 1")
    programs.in_production(label="1.0.0")
    programs.in_production(label="1.1.0")
    with pytest.raises(Refused, match="vetoed"):
        registry.rollback("qa")


def test_no_hook_runs_for_an_already_or_refused_operation(
    registry: Registry, programs: Programs, tmp_path: Path
):
    hooked(registry, before={"promote": ["touch seen"]}, after={"promote": ["touch seen"]})
    programs.register(label="1.0.0")
    with pytest.raises(Refused, match="must be in staging first"):
        registry.promote("qa@1.0.0", to="production")
    assert registry.promote("qa@1.0.0", to="staging").entry is not None
    (tmp_path / "seen").unlink()
    assert registry.promote("qa", to="staging").entry is None
    assert not (tmp_path / "seen").exists()


def test_a_dry_run_runs_no_hook(registry: Registry, programs: Programs, tmp_path: Path):
    hooked(registry, before={"promote": ["touch seen; exit 1"]}, after={"promote": ["touch seen"]})
    programs.register(label="1.0.0")
    assert registry.promote("qa@1.0.0", dry_run=True).entry is not None
    assert not (tmp_path / "seen").exists()


def test_a_hook_runs_in_the_documented_environment(
    registry: Registry, programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("WORD", "ours")
    monkeypatch.setenv("DSPYREG_LABEL", "stale")
    hooked(registry, after={"promote": ["env > promote.env; pwd -P >> promote.env"]})
    programs.register(label="1.0.0")
    registry.promote("qa@1.0.0")
    *told, directory = (tmp_path / "promote.env").read_text().splitlines()
    assert directory == str(tmp_path.resolve())
    assert {
        "WORD=ours",
        f"DSPYREG_STORE={tmp_path / 'store'}",
        "DSPYREG_OPERATION=promote",
        "DSPYREG_PROGRAM=qa",
        "DSPYREG_LABEL=1.0.0",
        "DSPYREG_HOOK_DEPTH=1",
    } <= set(told)


def test_a_configuration_change_runs_the_hooks_in_force_before_it(registry: Registry):
    before(registry, "config", "echo ask ada; exit 1")
    with pytest.raises(Refused, match="ask ada"):
        registry.apply("hooks: {}")
    with pytest.raises(Refused, match="ask ada"):
        registry.apply("metrics: {primary: em}")


@pytest.mark.parametrize("operation", ["undo", "redo"])
def test_undo_and_redo_run_hooks(registry: Registry, programs: Programs, operation: str):
    before(registry, operation, "exit 1")
    programs.register(label="1.0.0")
    if operation == "redo":
        registry.undo()
    with pytest.raises(Refused, match="vetoed"):
        getattr(registry, operation)()
    assert len(registry.versions("qa").versions) == (operation == "undo")


def a_full_registry(registry: Registry, programs: Programs, hooks: dict[str, Any]) -> Outcome:
    """Register one version more than ``max_versions``: two entries of one operation."""
    registry.apply(json.dumps({"versioning": {"max_versions": 1}, "hooks": hooks}))
    programs.register(label="1.0.0")
    return programs.register(label="1.1.0")


def test_vetoing_one_entry_of_an_operation_undoes_none_of_them(
    registry: Registry, programs: Programs, tmp_path: Path
):
    no = 'echo "$DSPYREG_LABEL" >> asked; [ "$DSPYREG_LABEL" = 1.0.0 ]'
    a_full_registry(registry, programs, {"before": {"undo": [no]}})
    head = registry.log(limit=1)
    with pytest.raises(Refused, match="vetoed"):
        registry.undo()
    assert registry.log(limit=1) == head
    assert (tmp_path / "asked").read_text().split() == ["1.0.0", "1.1.0"]


def test_undoing_an_operation_runs_a_hook_once_for_each_entry(
    registry: Registry, programs: Programs, tmp_path: Path
):
    a_full_registry(registry, programs, {"before": {"undo": ['echo "$DSPYREG_LABEL" >> asked']}})
    assert len(registry.undo().entries) == 2
    assert (tmp_path / "asked").read_text().split() == ["1.0.0", "1.1.0"]


def test_vetoing_the_automatic_archiving_keeps_the_registration(
    registry: Registry, programs: Programs
):
    done = a_full_registry(registry, programs, {"before": {"archive": ["echo keep; exit 1"]}})
    assert len(done.entries) == 1
    assert done.notices[-1] == (
        "more than 1 versions of qa stay: vetoed by echo keep; exit 1: keep"
    )
    assert [version.label for version in registry.versions("qa").versions] == ["1.1.0", "1.0.0"]


def test_a_hook_can_use_the_registry(registry: Registry, programs: Programs):
    hooked(
        registry,
        before={"promote": [f"{DSPYREG} show qa@1.0.0 && {DSPYREG} score qa@1.0.0 em=0.5"]},
        after={"promote": [f"{DSPYREG} score qa@$DSPYREG_LABEL em=0.75"]},
    )
    programs.register(label="1.0.0")
    done = registry.promote("qa@1.0.0", to="staging")
    assert done.notices == ()
    assert [entry.operation for entry in registry.log(limit=3)] == ["score", "promote", "score"]
    assert registry.show("qa@1.0.0").metrics == {"em": 0.75}


def test_a_concurrent_change_during_a_hook_is_planned_and_vetoed_again(
    registry: Registry, programs: Programs, tmp_path: Path
):
    programs.register(label="1.0.0")
    programs.register(label="1.1.0")
    once = (
        f"cat > seen.$DSPYREG_LABEL; [ $DSPYREG_LABEL = 1.1.0 ] || [ -e seen.1.1.0 ] ||"
        f" {DSPYREG} promote qa@1.1.0"
    )
    before(registry, "promote", once)
    done = registry.promote("qa@1.0.0", to="staging")
    newest, other = registry.log(limit=2)
    assert (newest.label, other.label) == ("1.0.0", "1.1.0")
    seen = json.loads((tmp_path / "seen.1.0.0").read_text())
    assert done.entry is not None
    assert [tuple(change.values()) for change in seen["changes"]] == [
        (change.name, change.new, change.old) for change in done.entry.changes
    ] or {c["name"] for c in seen["changes"]} == {c.name for c in done.entry.changes}


def test_hooks_that_call_each_other_terminate(registry: Registry, programs: Programs):
    before(registry, "score", f"{DSPYREG} score qa em=1")
    programs.register(label="1.0.0")
    with pytest.raises(Refused, match=r"vetoed by .*: error: vetoed by "):
        registry.score("qa", {"em": 0.5})
    assert registry.show("qa").metrics == {}


def test_a_hook_nested_too_deeply_is_refused(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    before(registry, "score", "true")
    programs.register(label="1.0.0")
    monkeypatch.setenv("DSPYREG_HOOK_DEPTH", "3")
    with pytest.raises(Refused, match="nested more than 3 deep"):
        registry.score("qa", {"em": 0.5})


def test_after_hooks_that_call_their_own_operation_terminate(
    registry: Registry, programs: Programs
):
    after(registry, "score", f"{DSPYREG} score qa em=$DSPYREG_HOOK_DEPTH")
    programs.register(label="1.0.0")
    registry.score("qa", {"em": 0.5})
    assert [entry.operation for entry in registry.log()].count("score") == 4
    assert registry.show("qa").metrics == {"em": 3}


def test_other_threads_work_while_a_hook_runs(
    registry: Registry, programs: Programs, tmp_path: Path
):
    programs.register("other", "1.0.0")
    programs.register(label="1.0.0")
    wait = "touch running; while [ ! -e go ]; do sleep 0.01; done"
    hooked(registry, before={"promote": [wait], "undo": [wait]})
    for act in (lambda: registry.promote("qa@1.0.0"), registry.undo):
        thread = threading.Thread(target=act)
        thread.start()
        while not (tmp_path / "running").exists():
            time.sleep(0.01)
        registry.score("other", {"em": 0.5})
        assert thread.is_alive()
        (tmp_path / "go").touch()
        thread.join(10)
        (tmp_path / "go").unlink()
        (tmp_path / "running").unlink()
    assert registry.show("qa@1.0.0").stage == "development"


@pytest.mark.parametrize(
    "command",
    [
        f"{DSPYREG} verify",
        f"{DSPYREG} verify; kill -9 0",
        "kill -9 0",
        "yes & yes >&2; wait",
        "sleep 60 & sleep 60 & exit 0",
    ],
)
def test_no_hook_damages_the_store(registry: Registry, programs: Programs, command: str):
    hooked(registry, before={"demote": [command]}, after={"promote": [command]}, timeout="2s")
    programs.register(label="1.0.0")
    assert registry.promote("qa@1.0.0").entry is not None
    with suppress(Refused):
        registry.demote("qa@1.0.0")
    assert is_sound(registry)
    assert registry.archive("qa@1.0.0").entry is not None


def test_a_hook_that_times_out_is_killed_with_its_children(
    registry: Registry, programs: Programs, tmp_path: Path
):
    hooked(
        registry,
        before={
            "promote": [f"{DSPYREG} score qa em=1; sleep 60"],
            "score": ["trap '' TERM; echo $$ > pid; sleep 60; :"],
        },
        timeout="3s",
    )
    programs.register(label="1.0.0")
    with pytest.raises(Refused, match="took longer than 3 s"):
        registry.promote("qa@1.0.0")
    pid = (tmp_path / "pid").read_text().strip()
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False
    )
    assert told.stdout.strip()[:1] in {"", "Z"}


def judged(registry: Registry, run: str, *, timeout: float = 20) -> CommandRun:
    return run_on_version(registry.context, Command(run, timeout), "qa", 1, "production")


def test_a_policy_command_reads_the_files_of_the_version(
    registry: Registry, programs: Programs, tmp_path: Path
):
    made = programs.register(label="1.0.0", content='{"a": 1}')
    found = judged(registry, 'pwd -P; cat "$DSPYREG_CHECKOUT/program.json"; env | grep ^DSPYREG_')
    assert (found.passed, found.result) == (True, None)
    directory, content, *told = found.output.decode().splitlines()
    assert directory == str(tmp_path.resolve())
    assert made.version is not None
    environ = dict(line.split("=", 1) for line in [content.removeprefix('{"a": 1}'), *told] if line)
    assert content.startswith('{"a": 1}')
    assert environ["DSPYREG_DIGEST"] == made.version.digest
    assert environ["DSPYREG_PROGRAM"] == "qa"
    assert environ["DSPYREG_LABEL"] == "1.0.0"
    assert environ["DSPYREG_RUNG"] == "production"
    assert not os.path.exists(environ["DSPYREG_CHECKOUT"])


@pytest.mark.parametrize(
    ("run", "passed", "message"),
    [
        ("true", True, "true passed"),
        ("exit 2", False, "exit 2: exit status 2"),
        ("echo slow >&2; exit 2", False, "echo slow >&2; exit 2: exit status 2: slow"),
        ("""echo '{"passed": true, "message": "12 of 12"}'""", True, "12 of 12"),
        ("""echo '{"passed": false, "message": "3 of 12"}'""", False, "3 of 12"),
        ("""echo '{"passed": true, "message": "fine"}'; exit 1""", False, "fine"),
        ("""printf '{"passed":false}'""", False, "says that it did not pass"),
        ("""echo hello; echo '{"passed": false}'""", True, "passed"),
        ("echo '[false]'", True, "passed"),
        ("kill -9 $$", False, "kill -9 $$ was killed by SIGKILL"),
    ],
)
def test_the_output_of_a_policy_command_is_its_verdict(
    registry: Registry, programs: Programs, run: str, passed: bool, message: str
):
    programs.register(label="1.0.0")
    found = judged(registry, run)
    assert found.passed is passed
    assert message in found.message


def test_a_policy_command_that_times_out_fails(
    registry: Registry, programs: Programs, tmp_path: Path
):
    programs.register(label="1.0.0")
    late = tmp_path / "late"
    command = f"""echo '{{"passed": true, "message": "ok"}}'; sleep 5; touch {late}"""
    found = judged(registry, command, timeout=0.3)
    assert not found.passed
    assert found.message.endswith("took longer than 0.3 s")
    assert not late.exists()


def test_the_kept_output_of_a_policy_command_precedes_its_errors(
    registry: Registry, programs: Programs
):
    programs.register(label="1.0.0")
    found = judged(registry, "echo second >&2; echo first")
    assert found.output == b"first\nsecond\n"


def test_a_policy_command_that_checks_its_own_version_terminates(
    registry: Registry, programs: Programs, monkeypatch: pytest.MonkeyPatch
):
    programs.register(label="1.0.0")
    monkeypatch.setenv("DSPYREG_HOOK_DEPTH", "3")
    assert judged(registry, "true")[:2] == (
        False,
        "commands that call dspyreg are nested more than 3 deep",
    )


def test_files_that_a_policy_command_leaves_behind_are_removed(
    registry: Registry, programs: Programs
):
    programs.register(label="1.0.0")
    found = judged(
        registry, 'cd "$DSPYREG_CHECKOUT"; mkdir -p a/b; touch a/b/c; chmod 500 a/b; echo $PWD'
    )
    assert not os.path.exists(found.output.decode().strip())
