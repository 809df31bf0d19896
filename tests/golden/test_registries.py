"""Registries written by earlier releases stay readable forever; they are never regenerated."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from builders import a_local_registry, a_program

from dspyreg.errors import Refused

FROZEN = Path(__file__).parent / "registries"
HEAD = (17, "b3:c96386398d292234dc99ce2dbd83ab960b804fbbbc5ca88760ff69968dc1a0ef")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A copy of the registry of format 1, as git keeps it: without empty directories."""
    return Path(shutil.copytree(FROZEN / "format-1", tmp_path / "store"))


def test_every_frozen_registry_is_tested_here():
    assert [path.name for path in sorted(FROZEN.iterdir())] == ["format-1"]


def test_no_frozen_registry_contains_a_cache():
    assert not list(FROZEN.glob("*/index.sqlite*"))


def test_a_registry_of_format_1_verifies(store: Path):
    with a_local_registry(store) as registry:
        verdict = registry.verify()
    assert verdict.ok
    assert verdict.head[:2] == HEAD
    assert (verdict.entries, verdict.blobs, verdict.collected) == (17, 11, 2)


def test_the_refs_of_a_registry_of_format_1_are_current(store: Path):
    with a_local_registry(store) as registry:
        assert [p.kind for p in registry.verify(repair=False).problems if p.kind == "ref"] == []


def test_a_registry_of_format_1_lists_its_programs(store: Path):
    with a_local_registry(store) as registry:
        programs = {each.name: (each.latest, each.versions) for each in registry.programs()}
    assert programs == {"qa": ("1.0.1", 2), "summarize": (None, 1)}


def test_a_version_of_format_1_shows_everything_recorded(store: Path):
    with a_local_registry(store) as registry:
        version = registry.show("qa@1.0.0")
    assert version.metadata["größe"] == [1, 2.5, None]
    assert (version.score, version.tags) == (0.81, ("nightly build",))
    assert version.context["git"] == "1f" * 20
    stages = [step.to_stage for step in version.transitions]
    assert stages[:4] == ["development", "staging", "production", "deprecated"]


@pytest.mark.parametrize(
    ("selector", "label"),
    [
        ("qa", "1.0.1"),
        ("qa@production", "1.0.0"),
        ("qa@eu", "1.0.1"),
        ("qa@#1", "1.0.0"),
        ("qa@~1.0", "1.0.1"),
        ("summarize@0.1.0-rc.1", "0.1.0-rc.1"),
    ],
)
def test_selectors_of_format_1_resolve_as_before(store: Path, selector: str, label: str):
    with a_local_registry(store) as registry:
        assert registry.resolve(selector).label == label


@pytest.mark.parametrize(
    ("at", "label"), [("5", "1.0.0"), ("7", "1.0.1"), ("9", "1.0.0"), ("10", "1.0.1")]
)
def test_past_states_of_a_registry_of_format_1_can_be_read(store: Path, at: str, label: str):
    with a_local_registry(store) as registry:
        assert registry.resolve("qa@production", at=at).label == label


def test_the_files_of_format_1_are_read_unchanged(store: Path):
    with a_local_registry(store) as registry:
        assert registry.read("qa@1.0.1") == b'{"v": 2}'
        assert registry.read("summarize@0.1.0-rc.1", "modules/é.json") == b"[]"


def test_the_log_of_format_1_shows_reasons_and_refusals(store: Path):
    with a_local_registry(store) as registry:
        promotion, refusal = registry.log(seq=7)[0], registry.log(seq=12)[0]
    assert promotion.reason == "better " * 1000
    assert (refusal.outcome, refusal.changes) == ("refused", ())


def test_the_configuration_of_format_1_is_in_force(store: Path):
    with a_local_registry(store) as registry:
        assert registry.configuration().metrics.primary == "em"
        with pytest.raises(Refused, match="live in eu"):
            registry.archive("qa@1.0.1")


def test_an_entry_of_format_1_can_be_undone_and_redone(store: Path):
    with a_local_registry(store) as registry:
        registry.undo(11)
        assert registry.resolve("qa@production").label == "1.0.1"
        registry.undo(18)
        assert registry.resolve("qa@production").label == "1.0.0"
        assert registry.verify().ok


def test_a_registry_of_format_1_accepts_new_versions(store: Path, tmp_path: Path):
    (tmp_path / "program.json").write_text(a_program(3))
    with a_local_registry(store) as registry:
        registry.register("qa", tmp_path / "program.json")
        assert registry.resolve("qa").label == "1.0.2"
        assert registry.verify().ok
