"""Texts of a change are searched for secrets before they are logged."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_registry

from dspyreg.errors import Refused, RegistryError, UsageError
from dspyreg.registry.change import presets
from dspyreg.registry.facade.registry import Registry
from dspyreg.registry.transaction import screening

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PASSWORD = "pa55w0rd1234"  # noqa: S105 - nobody's
WORDS = f"because password={PASSWORD}"
CONFIGURATION = f"hooks:\n  after:\n    deploy: ['curl -u me:{PASSWORD} https://h.example']\n"

VERBS: dict[str, Callable[[Registry, Mapping[str, Any]], object]] = {
    "promote": lambda r, more: r.promote("qa@1.0.0", **more),
    "demote": lambda r, more: r.demote("qa@2.0.0", **more),
    "archive": lambda r, more: r.archive("qa@1.0.0", **more),
    "restore": lambda r, more: r.restore("qa@3.0.0", **more),
    "deploy": lambda r, more: r.deploy("qa@1.0.0", environment="development", **more),
    "rollback": lambda r, more: r.rollback("qa", environment="staging", **more),
    "rollback as a new version": lambda r, more: r.rollback(
        "qa", environment="staging", as_new_version=True, **more
    ),
    "score": lambda r, more: r.score("qa@1.0.0", {"em": 0.5}, **more),
    "approve": lambda r, more: r.approve("qa@1.0.0", **more),
    "undo": lambda r, more: r.undo(**more),
    "redo": lambda r, more: (r.undo(), r.redo(**more))[1],
    "config": lambda r, more: r.apply("metrics: {primary: em}\n", **more),
    "evidence": lambda r, more: r.add_evidence(
        "qa@1.0.0", "load", note=more["reason"], **{k: v for k, v in more.items() if k != "reason"}
    ),
}
each = pytest.mark.parametrize("verb", VERBS.values(), ids=list(VERBS))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """A registry in which every verb can run."""
    registry = a_registry()
    programs = Programs(registry, tmp_path)
    for label in ("0.9.0", "1.0.0", "2.0.0", "3.0.0"):
        programs.register(label=label)
    for label in ("0.9.0", "2.0.0"):
        registry.promote(f"qa@{label}")
    registry.archive("qa@3.0.0")
    return registry


def the_log(registry: Registry) -> str:
    return "".join(line.decode() for line in registry.lines())


def test_every_operation_with_a_reason_or_note_can_redact_or_allow_secrets():
    for name, method in inspect.getmembers(Registry, inspect.isfunction):
        takes = inspect.signature(method).parameters
        if {"reason", "note"} & takes.keys():
            assert {"redact", "allow_secrets"} <= takes.keys(), name


@each
def test_a_secret_in_a_reason_is_refused_and_shown_nowhere(registry: Registry, verb: Any):
    events: list[Mapping[str, Any]] = []
    registry.listener = events.append
    before = the_log(registry)
    with pytest.raises(Refused) as refused:
        verb(registry, {"reason": WORDS})
    assert len(refused.value.failures) == 1
    told = (str(refused.value), refused.value.failures, refused.value.hint, events)
    assert PASSWORD not in str(told)
    assert the_log(registry).startswith(before)
    assert PASSWORD not in the_log(registry)


@pytest.mark.parametrize(
    "text",
    [
        "mysql -pSecret12 prod",
        "비밀번호는 aB3dE5gH",
        "Password is aB3dE5gH",
        "IDENTIFIED BY 'aB3dE5gH'",
    ],
)
def test_a_short_password_in_a_reason_is_refused(registry: Registry, text: str):
    with pytest.raises(Refused, match="secrets"):
        registry.promote("qa@1.0.0", reason=text)


@each
def test_a_reason_can_be_redacted(registry: Registry, verb: Any):
    events: list[Mapping[str, Any]] = []
    registry.listener = events.append
    outcome = verb(registry, {"reason": WORDS, "redact": True})
    assert outcome.entry.reason == "because password=REDACTED"
    assert PASSWORD not in the_log(registry) + str(events)


@each
def test_a_false_alarm_is_accepted_with_allow_secrets(registry: Registry, verb: Any):
    outcome = verb(registry, {"reason": WORDS, "allow_secrets": True})
    assert outcome.entry.reason == WORDS


@each
def test_redact_together_with_allow_secrets_is_a_usage_error(registry: Registry, verb: Any):
    with pytest.raises(UsageError, match="not both"):
        verb(registry, {"reason": "plain", "redact": True, "allow_secrets": True})


def test_a_dry_run_refuses_secrets_too(registry: Registry):
    with pytest.raises(Refused):
        registry.promote("qa@1.0.0", reason=WORDS, dry_run=True)


def test_a_configuration_with_a_secret_is_refused_and_cannot_be_redacted(registry: Registry):
    for redact in (False, True):
        with pytest.raises(Refused) as refused:
            registry.apply(CONFIGURATION, redact=redact)
        assert PASSWORD not in str(refused.value.failures)
    assert registry.apply(CONFIGURATION, allow_secrets=True).entry


@pytest.mark.parametrize("name", ["simple", "governed"])
def test_no_preset_contains_a_secret(name: str):
    assert screening.found_in({"preset": presets.read(name)}) == []


def test_a_secret_in_an_evidence_file_is_refused(registry: Registry, tmp_path: Path):
    report = tmp_path / "report.bin"
    report.write_bytes(b"\0" * 50 + f"DB_PASSWORD={PASSWORD}\n".encode("utf-16"))
    with pytest.raises(Refused, match="secrets"):
        registry.add_evidence("qa@1.0.0", "load", file=report)
    assert registry.add_evidence("qa@1.0.0", "load", file=report, allow_secrets=True).entry


@pytest.mark.parametrize(
    "more",
    [
        {"metadata": {"api-key": PASSWORD}},
        {"metadata": {"a": {"b": [f"see https://me:{PASSWORD}@h.example"]}}},
        {"metadata": {f"password={PASSWORD}": 1}},
        {"changelog": WORDS},
        {"tags": [f"password={PASSWORD}"]},
    ],
    ids=str,
)
def test_a_secret_in_registration_arguments_is_refused_or_redacted(
    registry: Registry, tmp_path: Path, more: dict[str, Any]
):
    programs = Programs(registry, tmp_path)
    with pytest.raises(Refused) as refused:
        programs.register("said", **more)
    assert PASSWORD not in str(refused.value.failures)
    made = programs.register("said", redact=True, **more)
    assert any(notice.startswith("redacted: ") for notice in made.notices)
    assert PASSWORD not in str(registry.show("said").to_json()) + the_log(registry)
    assert programs.register("said", allow_secrets=True, **more).entry


@pytest.mark.parametrize(
    "more", [{"metrics": {f"password={PASSWORD}": 1}}, {"name": f"password={PASSWORD}.json"}]
)
def test_a_secret_used_as_a_name_cannot_be_redacted(
    registry: Registry, tmp_path: Path, more: dict[str, Any]
):
    path = Programs(registry, tmp_path).file(name=more.pop("name", "program.json"))
    for redact in (False, True):
        with pytest.raises(Refused) as refused:
            registry.register("named", path, redact=redact, **more)
        assert PASSWORD not in str((refused.value.failures, refused.value.hint))


def test_a_token_as_actor_name_is_refused(tmp_path: Path):
    token = "gh" + "p_" + "a1" * 18
    registry = a_registry(actor=token)
    with pytest.raises(RegistryError) as refused:
        Programs(registry, tmp_path).register()
    assert token not in str(refused.value) + str(getattr(refused.value, "failures", ""))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latency went up",
        "incident 4711, p95 > 2 s",
        "worse on the holdout set (0.81, was 0.84)",
    ],
)
def test_plain_text_does_not_load_the_detectors(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, text: str
):
    monkeypatch.setitem(sys.modules, "dspyreg.formats.secrets", None)
    assert registry.promote("qa@1.0.0", reason=text).entry
    assert screening.clean(text) == text


def test_the_output_of_a_policy_command_is_stored_without_secrets():
    from dspyreg.formats.secrets import blanked

    assert blanked(f'{{"message": "token", "password": "{PASSWORD}"}}'.encode()) == (
        b'{"message": "token", "password": "REDACTED"}'
    )
