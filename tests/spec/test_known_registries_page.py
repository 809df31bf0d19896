"""The examples of docs/reference/known-registries.md agree with the code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dspyreg.backends.location import Location
from dspyreg.config.document import read
from dspyreg.config.startable import digest, startables
from dspyreg.known_registries import KnownRegistries, KnownRegistry
from dspyreg.model import canonical
from dspyreg.model.digest import Digest

PAGE = (Path(__file__).parents[2] / "docs/reference/known-registries.md").read_text()


def block(kind: str) -> str:
    found = re.search(rf"^```{kind}\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_shows_the_digest_of_its_example():
    rows = startables(read(block("yaml")))
    text = block("json what is started")
    assert canonical.dumps([list(row) for row in rows]).decode() == text
    [told] = re.findall(r"which is `(b3:\w+)`", PAGE)
    assert digest(rows) == Digest.of(text.encode()) == told


def test_the_example_line_of_the_page_can_be_read(tmp_path: Path):
    path = tmp_path / "known_registries"
    path.write_text(block("json") + "\n")
    path.chmod(0o600)
    line = json.loads(block("json"))
    known = KnownRegistries(path, pytest.fail)
    assert known.is_safe(line["place"])
    assert line["trusted"][0] in KnownRegistry(known, line["id"], Location.of(line["place"]))
    assert line["trusted"][0] not in KnownRegistry(known, "0" * 32, Location.of(line["place"]))


@pytest.mark.parametrize("where", ["policies", "environments", "programs", "hooks.before"])
def test_the_page_lists_every_key_that_starts_a_command(where: str):
    assert f"`{where}." in PAGE
