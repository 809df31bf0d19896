"""The reference pages agree with the program."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import generate_cli_reference
import generate_python_reference
import pytest
import yaml

import dspyreg
from dspyreg import errors
from dspyreg.cli.commands import COMMANDS
from dspyreg.config import policies
from dspyreg.config.document import SECTIONS, read, write
from dspyreg.config.sections import OPERATIONS
from dspyreg.config.value import DEFAULT, Environment, Integration, Versioning
from dspyreg.model.entry import Entry
from dspyreg.model.metrics import Metrics
from dspyreg.model.version import Version
from dspyreg.policy import approvals
from dspyreg.registry.transaction.deployment_view import DeploymentView

if TYPE_CHECKING:
    from dspyreg.registry.facade.registry import Registry

REFERENCE = Path(__file__).parents[2] / "docs/reference"


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Return the text under a heading, up to the next of its level."""
    level, _, _ = title.partition(" ")
    after = text.split(f"\n{title}\n", 1)[1]
    return re.split(rf"^#{{1,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, without heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    return [[cell.strip() for cell in row] for row in cells if not set(row[0].strip()) <= set("-")]


def in_code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_command_line_page_is_up_to_date():
    assert page("cli.md") == generate_cli_reference.reference(), "generate it anew"


def test_the_python_page_is_up_to_date():
    assert page("python.md") == generate_python_reference.reference(), "generate it anew"


@pytest.mark.parametrize("name", dspyreg.__all__)
def test_every_public_name_is_on_the_python_page(name: str):
    assert re.search(
        rf"^### (dspyreg\.)?{name}$|^## {name}$|`{name}`", page("python.md"), re.MULTILINE
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_on_the_command_line_page(name: str):
    assert re.search(rf"^### {name}\b", page("cli.md"), re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_entry_on_the_json_page(name: str):
    headings = re.findall(r"^### (.+)$", page("json.md"), re.MULTILINE)
    assert any(name in re.split(r",? ", heading) for heading in headings)


def classes() -> list[Any]:
    found = [it for it in vars(errors).values() if isinstance(it, type)]
    return [it for it in found if issubclass(it, errors.RegistryError)]


@pytest.mark.parametrize("kind", classes(), ids=lambda kind: kind.__name__)
def test_every_error_is_on_its_page_with_its_exit_code(kind: Any):
    table = [row[:3] for row in rows(page("errors.md")) if len(row) == 5]
    assert [str(kind.exit_code), f"`{kind.code}`", f"`{kind.__name__}`"] in table


def test_the_errors_page_lists_only_existing_errors():
    names = {row[2].strip("`") for row in rows(page("errors.md")) if len(row) == 5} - {"", "Python"}
    assert names == {kind.__name__ for kind in classes()}


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("### version", Version._fields),
        ("### entry", Entry._fields),
        ("### deployment", DeploymentView._fields),
    ],
)
def test_the_json_page_documents_every_key_of_an_object(title: str, keys: tuple[str, ...]):
    told = [key for row in rows(section(page("json.md"), title))[1:] for key in in_code(row[0])]
    assert sorted(told) == sorted(keys)


def shown_under(title: str) -> str:
    """Return the YAML under a heading of the configuration page."""
    found: list[str] = re.findall(
        r"```yaml\n(.*?)```", section(page("configuration.md"), title), re.DOTALL
    )
    return found[0]


def test_the_configuration_page_shows_the_defaults():
    shown = shown_under("## Everything, with its defaults")
    assert read(shown) == DEFAULT
    assert yaml.safe_load(shown) == yaml.safe_load(write(DEFAULT))


def test_the_example_on_the_configuration_page_can_be_applied(registry: Registry):
    shown = shown_under("## An example")
    assert registry.apply(shown).entry is not None
    assert registry.configuration() == read(shown)
    assert registry.configuration().policy_of("qa", "production").get(approvals.KEY) == 1


def test_the_example_on_the_configuration_page_uses_every_key():
    told = yaml.safe_load(shown_under("## An example"))
    assert list(told) == list(SECTIONS)
    assert list(told["policies"]["production"]) == list(policies.POLICY)
    assert list(told["registration"]) == list(policies.REGISTRATION)
    assert list(told["integration"]) == list(Integration._fields)
    environments = {key for each in told["environments"].values() for key in each}
    assert environments == set(Environment._fields) - {"name", "policy"}


def test_the_configuration_page_has_every_key():
    told = [in_code(row[0])[0] for row in rows(section(page("configuration.md"), "## Keys"))[1:]]
    environment = [key for key in Environment._fields if key != "name"]
    assert told == [
        "format",
        "stages",
        "stages.<name>.title",
        "environments",
        *(f"environments.<name>.{key}" for key in environment),
        "default_environment",
        *(f"versioning.{key}" for key in Versioning._fields),
        *(f"metrics.{key}" for key in Metrics._fields),
        "policies.<stage>",
        "registration",
        "programs.<name>.policies.<stage>",
        "programs.<name>.metrics",
        *(f"integration.{key}" for key in Integration._fields),
        "hooks.before.<operation>",
        "hooks.after.<operation>",
        "hooks.timeout",
    ]


def test_the_configuration_page_has_every_key_of_a_policy():
    told = [
        in_code(row[0])[0] for row in rows(section(page("configuration.md"), "## Policies"))[1:]
    ]
    assert told == list(policies.POLICY)


def test_the_configuration_page_has_every_key_of_a_registration():
    text = section(page("configuration.md"), "## Registration")
    assert [in_code(row[0])[0] for row in rows(text)[1:]] == list(policies.REGISTRATION)


def test_the_configuration_page_names_every_operation_that_has_hooks():
    [told] = re.findall(
        r"operations that have hooks are (.*?)\.\n", page("configuration.md"), re.DOTALL
    )
    assert tuple(in_code(told)) == OPERATIONS
