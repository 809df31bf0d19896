"""The published JSON Schema and the configuration reader accept the same documents."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import generate_configuration_schema
import pytest
import yaml
from jsonschema import Draft202012Validator

from dspyreg.config import ladder, policies, sections
from dspyreg.config.document import SECTIONS, read, write
from dspyreg.config.value import DEFAULT
from dspyreg.errors import UsageError
from dspyreg.policy.expressions import COMPARISONS
from dspyreg.registry.change import presets

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/reference/configuration.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
KEYS = {
    "stage": ladder.STAGE,
    "environment": ("rung", *ladder.ENVIRONMENT),
    "versioning": sections.VERSIONING,
    "metrics": sections.METRICS,
    "policy": policies.POLICY,
    "registration": policies.REGISTRATION,
    "command": policies.COMMAND,
    "program": sections.PROGRAM,
    "integration": sections.INTEGRATION,
    "hooks": sections.HOOKS,
    "by_operation": sections.OPERATIONS,
}


def objects() -> dict[str, Any]:
    """Return the parts of the schema with their own keys."""
    return {name: part for name, part in SCHEMA["$defs"].items() if "properties" in part}


def faults(text: str) -> list[str]:
    """Return the schema errors of a document."""
    found = VALIDATOR.iter_errors(yaml.safe_load(text))
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message}" for each in found]


def is_read(text: str) -> bool:
    try:
        read(text)
    except UsageError:
        return False
    return True


def test_the_schema_is_valid_json_schema():
    Draft202012Validator.check_schema(SCHEMA)


def test_the_published_schema_is_up_to_date():
    page = generate_configuration_schema.PAGE.read_text(encoding="utf-8")
    assert page == generate_configuration_schema.text(), "generate it again"


def test_the_schema_has_the_sections_of_the_reader():
    assert tuple(SCHEMA["properties"]) == SECTIONS


def test_the_schema_has_an_object_for_every_part_of_the_reader():
    assert objects().keys() == KEYS.keys()


@pytest.mark.parametrize("name", KEYS)
def test_the_schema_has_the_keys_of_the_reader(name: str):
    assert tuple(SCHEMA["$defs"][name]["properties"]) == tuple(KEYS[name])


@pytest.mark.parametrize("name", ["", *KEYS])
def test_the_schema_allows_no_key_that_the_reader_does_not_know(name: str):
    part = SCHEMA["$defs"][name] if name else SCHEMA
    assert part["additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(KEYS.keys() - {"by_operation"}))
def test_every_key_of_the_schema_is_described(name: str):
    for key, value in SCHEMA["$defs"][name]["properties"].items():
        described = {**SCHEMA["$defs"].get(value.get("$ref", "").rpartition("/")[2], {}), **value}
        assert described.get("description"), key


def chosen(part: str, key: str) -> set[str]:
    return set(SCHEMA["$defs"][part]["properties"][key]["enum"]) - {None}


def test_the_schema_has_the_choices_of_the_reader():
    assert chosen("versioning", "strategy") == set(sections.STRATEGIES)
    assert chosen("integration", "deployment_strategy") == set(sections.SELECTIONS)
    for key in ("contract", "secrets"):
        for word in chosen("policy", key):
            assert is_read(f"policies: {{production: {{{key}: {word}}}}}")


def defaults(part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in part["properties"].items():
        if "default" in value:
            yield key, value["default"]


@pytest.mark.parametrize("name", ["versioning", "metrics", "integration", "hooks"])
def test_the_schema_has_the_defaults_of_the_reader(name: str):
    told = yaml.safe_load(write(DEFAULT))[name]
    for key, value in defaults(SCHEMA["$defs"][name]):
        assert told[key] == value


def test_the_schema_has_the_default_settings_of_an_environment():
    told = yaml.safe_load(write(read("environments: {eu: {}}")))["environments"]["eu"]
    assert dict(defaults(SCHEMA["$defs"]["environment"])).items() <= told.items()


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text in the pages, sessions, tests and presets that may be a configuration."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for text in re.findall(r"```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            yield page.stem, text
    for session in sorted((ROOT / "tests/cli").glob("*.txt")):
        for text in re.findall(
            r"^\$ write .*yaml\n((?:> .*\n)+)", session.read_text(), re.MULTILINE
        ):
            yield session.stem, text.replace("> ", "", 1).replace("\n> ", "\n")
    for test in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(test.read_bytes())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield test.stem, node.value
    for name in presets.PRESETS:
        yield name, presets.read(name)


def documents() -> list[Any]:
    """Return the texts that are valid configurations."""
    one = re.compile(rf"^({'|'.join(SECTIONS)}):", re.MULTILINE)
    found = [(where, text) for where, text in texts() if one.search(text) and is_read(text)]
    return [pytest.param(text, id=f"{where}-{nth}") for nth, (where, text) in enumerate(found)]


@pytest.mark.parametrize("text", documents())
def test_the_schema_allows_a_configuration_that_can_be_read(text: str):
    assert faults(text) == []


@pytest.mark.parametrize("text", documents())
def test_the_schema_allows_a_configuration_as_it_is_written(text: str):
    assert faults(write(read(text))) == []


@pytest.mark.parametrize("comparison", [*COMPARISONS, "=>", "=", "!=", "<>"])
@pytest.mark.parametrize("metric", ["accuracy", "log likelihood", "a%", " "])
@pytest.mark.parametrize("number", ["0.85", "-2", "+.5", "1e-3", "2%", "+2%", "-2 %", "0", "x", ""])
def test_the_schema_allows_exactly_the_demands_that_can_be_read(
    comparison: str, metric: str, number: str
):
    for key in ("metrics", "against_live"):
        text = f'policies: {{production: {{{key}: ["{metric} {comparison} {number}"]}}}}'
        assert (faults(text) == []) == is_read(text), text


@pytest.mark.parametrize(
    "text", ["1h", "1h 30m", "90", '"90"', "2d", "0s", "1y", "1.5h", "h", "-1", "true", "[1h]"]
)
def test_the_schema_allows_exactly_the_durations_that_can_be_read(text: str):
    document = f"policies: {{production: {{min_age: {text}}}}}"
    assert (faults(document) == []) == is_read(document)


@pytest.mark.parametrize(
    "text",
    [
        "polices: {}",
        "policies: {production: {}}",
        "policies: {production: }",
        "environments: {eu: {policy: }}",
        "environments: {eu: {rong: staging}}",
        "hooks: {before: {promot: [a]}}",
        "hooks: {before: {promote: a}}",
        "versioning: {max_versions: -1}",
        "metrics: {tie: small}",
        "programs: {q a: {}}",
        "format: 2",
    ],
)
def test_schema_and_reader_both_refuse_an_invalid_configuration(text: str):
    assert not is_read(text)
    assert faults(text)
