"""The context of an entry and the provenance of a registration."""

from __future__ import annotations

import subprocess

import pytest
from tree import write

from dspyreg.system.provenance import context, provenance


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_only_a_registration_checks_whether_the_checkout_is_dirty(monkeypatch: pytest.MonkeyPatch):
    try:
        _git("init", "-q")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no git here to compare with")
    write("program.json", "{}")
    _git("add", ".")
    _git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x")
    assert provenance()["dirty"] is False
    write("program.json", '{"a":1}')
    assert provenance()["dirty"] is True
    monkeypatch.setenv("PATH", "")
    assert "dirty" not in provenance()
    assert "dirty" not in context()


def test_the_address_of_a_github_run_is_recorded(monkeypatch: pytest.MonkeyPatch):
    for name, value in {"SERVER_URL": "https://g", "REPOSITORY": "a/b", "RUN_ID": "7"}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert context()["ci"] == "https://g/a/b/actions/runs/7"


@pytest.mark.parametrize("name", ["CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"])
def test_the_address_of_another_ci_run_is_recorded(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "https://ci/7")
    assert context()["ci"] == "https://ci/7"


@pytest.mark.parametrize("name", ["CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"])
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://ada:secret@ci.example.org:8443/a/b/7", "https://ci.example.org:8443/a/b/7"),
        ("https://secret@ci/7", "https://ci/7"),
        ("https://a:b@c@ci/7", "https://ci/7"),
        ("https://ci/7?access_token=secret", "https://ci/7"),
        ("https://ci/7#secret", "https://ci/7"),
        ("http://[::1]:80/7", "http://[::1]:80/7"),
        ("https://ada:sec/ret@ci/7", None),
        ("https://ada:1/ret@ci/7", None),
        ("https://ada:sec?ret@ci/7", None),
        ("https://ada:sec ret@ci/7", "https://ci/7"),
        ("ssh://secret@ci/7", None),
        ("secret", None),
    ],
)
def test_no_secret_of_a_ci_address_is_recorded(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str, told: str | None
):
    monkeypatch.setenv(name, address)
    assert context().get("ci") == told


def test_the_github_server_is_recorded_without_user_info(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://x-access-token:secret@g")
    assert context()["ci"] == "https://g/a/b/actions/runs/7"
    monkeypatch.delenv("GITHUB_SERVER_URL")
    assert "ci" not in context()


def test_a_ci_address_that_is_not_text_is_recorded_in_part(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BUILD_URL", "https://ci/\udcff" + "x" * 100_000)
    told = context()["ci"]
    assert told.startswith("https://ci/?x")
    assert len(told) <= 1000


def test_missing_facts_are_omitted_from_the_context():
    assert set(context()) <= {"host"}


def test_the_provenance_contains_the_python_version():
    assert provenance()["python"].count(".") == 2
