"""The composite action, step by step, with the inputs of a workflow."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from repositories import a_program
from workflows import ACTION, PAGE, Job, annotations

if TYPE_CHECKING:
    from repositories import Repository

EVIL = "qa\n::error::injected\n$(touch injected)`touch injected`"


@pytest.fixture
def job(repository: Repository) -> Job:
    """A job that has checked out the repository."""
    job = repository.job()
    repository.git("clone", "-q", repository.remote, job.workspace)
    return job


def test_a_program_is_registered_checked_and_promoted_in_one_step(job: Job):
    (job.workspace / "metrics.json").write_text('{"accuracy": 0.9}')
    options = "--metrics-file\nmetrics.json\n\n--changelog\nSays 'more' words\n"
    job.use(program="qa", path="program.json", to="staging", options=options, fail="false")
    assert job.outputs("it") == job.outputs("it") | {"label": "1.0.0", "passed": "false"}
    assert annotations(job.step("Check").log) == [
        "::warning title=qa@1.0.0 to staging::Missing evidence integration_tests"
    ]
    assert job.step("Promote").conclusion == "skipped"
    assert not job.failed


def test_the_action_only_installs_when_no_program_is_given(job: Job):
    job.use()
    assert [
        step.conclusion for step in job.steps if step.name in {"Register", "Check", "Promote"}
    ] == [
        "skipped",
        "skipped",
        "skipped",
    ]


def test_the_action_installs_dspyreg_beside_the_python_of_the_job(
    repository: Repository, tmp_path: Path
):
    python = repository.commands / "python3"
    python.write_text(
        '#!/bin/sh\n[ "$1 $2" = "-m venv" ] && mkdir -p "$3/bin" && cd "$3/bin" || exit 1\n'
        "for name in python pip dspyreg; do\n"
        '    printf \'#!/bin/sh\\necho "$0 $*" >>"$HOME/ran.txt"\\n\' >$name && chmod +x $name\n'
        "done\n"
    )
    python.chmod(0o755)
    (repository.commands / "dspyreg").unlink()
    bare = tmp_path / "bare"
    bare.mkdir()
    for tool in ("bash", "mkdir", "ln", "cat", "chmod", "env", "sh"):
        path = subprocess.run(["which", tool], check=True, capture_output=True).stdout.decode()
        (bare / tool).symlink_to(path.strip())
    (bare / "python3").symlink_to(python)
    job = repository.job()
    repository.git("clone", "-q", repository.remote, job.workspace)
    job.only_commands_of(bare)
    job.use(install="dspyreg==0.1.0; touch injected")
    assert not job.failed, job.complaints
    home = job.temp / "dspyreg"
    assert (job.home / "ran.txt").read_text() == (
        f"{home}/bin/pip install --quiet --disable-pip-version-check "
        "dspyreg==0.1.0; touch injected typer<0.29\n"
    )
    assert os.listdir(home / "command") == ["dspyreg"]
    assert str(home / "command") in job.path


def test_an_error_becomes_one_annotation_with_its_hint(job: Job):
    (job.workspace / "program.json").write_text(a_program())
    job.use(program="qa", path="program.json", to="staging", fail="false")
    job.use(program="qa@9", to="staging")
    assert job.failed
    assert annotations(job.step("Check").log) == [
        "::error title=qa@9::no version 9 of qa; versions: 1.0.0; environments: development, "
        "staging, production"
    ]


@pytest.mark.parametrize("name", ["program", "to", "path", "options", "against", "reason"])
def test_an_input_is_never_run_as_code(job: Job, name: str):
    job.use(**{"program": "qa", "path": "program.json", "to": "staging", name: EVIL})
    assert not (job.workspace / "injected").exists()
    log = "".join(step.log for step in job.steps)
    assert not any(line.startswith("::error::injected") for line in annotations(log))


@pytest.mark.parametrize("word", ["--help", "-q", "--version"])
def test_a_program_that_looks_like_an_option_is_refused(job: Job, word: str):
    job.use(program=word, to="staging")
    assert job.failed


def test_a_report_too_long_for_a_comment_is_cut_at_a_line(job: Job, repository: Repository):
    names = ", ".join(f"evidence_{'x' * 80}_{n}" for n in range(700))
    (job.workspace / "registry.yaml").write_text(
        f"format: 1\npolicies: {{staging: {{required_evidence: [{names}]}}}}\n"
    )
    repository._run(["dspyreg", "config", "apply", "registry.yaml", "--yes"], cwd=job.workspace)
    job.use(program="qa", path="program.json", to="staging")
    report = Path(job.outputs("it")["report"]).read_text(encoding="utf-8")
    assert 60_000 < len(report.encode()) < 65_536
    assert report.endswith("|\n\n… the rest is too long for this place\n")
    assert len(job.summary) > len(report)
    assert len(annotations(job.step("Check").log)) == 700


def test_the_page_documents_every_input_and_output():
    action = yaml.safe_load((ACTION / "action.yml").read_text())
    tables = re.findall(r"^\| ((?:`\w+` ?)+)\|", PAGE.read_text(), re.MULTILINE)
    told = [name for names in tables for name in re.findall(r"`(\w+)`", names)]
    assert told == [*action["inputs"], *action["outputs"]]


def test_an_unchanged_program_gets_no_comparison(job: Job):
    (job.workspace / "program.json").write_text(a_program())
    job.use(program="qa", path="program.json", to="staging", against="qa@1.0.0", fail="false")
    report = Path(job.outputs("it")["report"]).read_text(encoding="utf-8")
    assert "###" in report
    assert "Nothing to compare" not in report


@pytest.fixture
def guarded(repository: Repository, job: Job) -> Job:
    """A job whose registry has a policy command that this machine does not trust."""
    command = {"run": "touch it-ran"}
    document = job.home / "guarded.yaml"
    document.write_text(yaml.safe_dump({"policies": {"staging": {"command": command}}}))
    store = f"--store={job.workspace / '.dspyreg'}"
    repository.dspyreg("config", "apply", str(document), "--yes", store)
    return job


def test_a_policy_command_the_job_does_not_trust_is_not_run(guarded: Job):
    guarded.use(program="qa", path="program.json", to="staging", fail="false")
    [told] = annotations(guarded.step("Check").log)
    assert "not run: you have not trusted the commands" in told
    assert guarded.step("Promote").conclusion == "skipped"
    assert not (guarded.workspace / "it-ran").exists()


@pytest.mark.parametrize("by", ["digest", "all"])
def test_a_policy_command_the_job_trusts_is_run(repository: Repository, guarded: Job, by: str):
    store = f"--store={guarded.workspace / '.dspyreg'}"
    told = repository.dspyreg("trust", "--dry-run", "--json", store)
    digest = yaml.safe_load(told)["digest"]
    trust = digest if by == "digest" else "all"
    guarded.use(program="qa", path="program.json", to="staging", trust=trust, promote="true")
    assert not guarded.failed, guarded.complaints
    assert (guarded.workspace / "it-ran").exists()


def test_an_invalid_trust_digest_fails_the_job(guarded: Job):
    guarded.use(program="qa", path="program.json", trust="all\nPATH=/nowhere")
    assert guarded.step("Trust").conclusion == "failure"
    assert guarded.step("Register").conclusion == "skipped"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a checkout to another user")
def test_the_action_works_in_a_checkout_owned_by_another_user(job: Job):
    for directory, names, files in os.walk(job.workspace):
        for name in (".", *names, *files):
            os.chown(os.path.join(directory, name), 4711, 4711, follow_symlinks=False)
    job.use(program="qa", path="program.json", to="staging", fail="false")
    assert not job.failed, job.complaints
    assert job.outputs("it")["label"] == "1.0.0"
