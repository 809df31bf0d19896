"""Group A: registration, labels, latest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from builders import NOON, Programs, a_registry
from commandline import dspyreg

from dspyreg.errors import Conflict, NotFound, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry


def labels(registry: Registry, program: str = "qa") -> list[str]:
    return [version.label for version in registry.versions(program).versions]


@pytest.mark.usefixtures("any_label")
def test_a01_a_timestamp_label_is_created_and_listed(registry: Registry, programs: Programs):
    label = programs.register().version.label
    assert re.match(r"^v\d{8}_\d{6}", label)
    assert labels(registry) == [label]


@pytest.mark.usefixtures("any_label")
def test_a03_a_label_can_be_registered_once(registry: Registry, programs: Programs):
    programs.register(label="v1.0.0")
    with pytest.raises(Conflict, match=re.escape("Version v1.0.0 already exists")):
        programs.register(label="v1.0.0")
    assert labels(registry) == ["v1.0.0"]


def test_a04_two_registrations_in_one_second_get_two_labels(tmp_path: Path):
    with a_registry(clock=lambda: NOON) as registry:
        registry.apply("versioning: {strategy: timestamp}")
        programs = Programs(registry, tmp_path)
        first, second = programs.register(), programs.register()
        assert first.version.label != second.version.label


def test_a06_versions_are_numbered_from_one(programs: Programs):
    assert [programs.register().version.number for _ in range(2)] == [1, 2]


def test_a09_versions_beyond_max_versions_are_archived(registry: Registry, programs: Programs):
    registry.apply("versioning: {strategy: timestamp, max_versions: 2}")
    for label in ("v1.0", "v1.1", "v1.2"):
        programs.register(label=label)
    assert sorted(labels(registry)) == ["v1.1", "v1.2"]


def test_a11_max_versions_does_not_archive_a_live_version(registry: Registry, programs: Programs):
    registry.apply("versioning: {strategy: timestamp, max_versions: 2}")
    programs.register(label="A", content="the live one")
    for rung in ("staging", "production"):
        registry.promote("qa@A", to=rung)
    programs.register(label="B")
    programs.register(label="C")
    assert registry.resolve("qa@production").label == "A"
    assert registry.read("qa@production") == b"the live one"


def test_a12_nested_configuration_round_trips(registry: Registry, programs: Programs):
    configuration = {
        "instruction": "Answer briefly.",
        "few_shot_examples_count": 3,
        "optimization_metadata": {"trials": 10},
    }
    programs.register(metadata=configuration)
    found = registry.show("qa").metadata
    assert {key: found[key] for key in configuration} == configuration


def test_a14_an_unknown_program_has_an_empty_list_of_versions(registry: Registry):
    assert registry.versions("qa").versions == []


@pytest.mark.usefixtures("here")
def test_a14_listing_an_unknown_program_is_not_found():
    dspyreg("init")
    assert dspyreg("list", "qa").status == 3


def test_a16_a_label_that_is_not_semver_is_refused(registry: Registry, programs: Programs):
    with pytest.raises(UsageError, match="Invalid version format"):
        programs.register(label="v1.1")
    assert registry.programs() == []


def test_a19_registering_a_missing_file_names_the_file(registry: Registry, tmp_path: Path):
    with pytest.raises(NotFound, match=re.escape("missing.json")):
        registry.register("qa", tmp_path / "missing.json")
    assert registry.programs() == []


def test_a20_labels_sort_as_versions_not_as_text(registry: Registry, programs: Programs):
    for label in ("1.9.0", "1.10.0", "1.2.0"):
        programs.register(label=label)
    assert registry.resolve("qa").label == "1.10.0"
    assert labels(registry) == ["1.10.0", "1.9.0", "1.2.0"]


@pytest.mark.usefixtures("any_label")
def test_a22_without_semver_the_highest_number_is_latest(registry: Registry, programs: Programs):
    programs.register(label="a")
    programs.register(label="b")
    assert registry.resolve("qa").label == "b"
    assert registry.resolve("qa").number == 2


def test_a23_a_bump_counts_from_the_latest_version_and_reports_it(
    registry: Registry, programs: Programs
):
    programs.register(label="1.2.3")
    programs.register(bump="patch")
    version = registry.show("qa")
    assert version.label == "1.2.4"
    assert version.metadata["previous_version"] == "1.2.3"
    assert version.metadata["change_type"] == "patch"


def test_a30_a_new_version_is_in_development_and_keeps_its_metrics(
    registry: Registry, programs: Programs
):
    programs.register(metrics={"accuracy": 0.95, "f1_score": 0.93})
    version = registry.show("qa")
    assert version.stage == "development"
    assert version.metrics == {"accuracy": 0.95, "f1_score": 0.93}
    assert [file.path for file in version.files] == ["program.json"]
    assert version.files[0].digest
    assert version.created_at is not None
