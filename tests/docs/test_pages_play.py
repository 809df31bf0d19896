"""The tutorial and the how-to pages: every command runs and prints what the page shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import console_blocks
import pytest

if TYPE_CHECKING:
    from pathlib import Path

PAGES = console_blocks.pages()


def test_the_commands_of_the_tutorial_print_what_it_shows():
    assert console_blocks.DOCS / "tutorial/first-registry.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_commands_of_a_page_print_what_it_shows(page: Path, tmp_path: Path):
    text = page.read_text(encoding="utf-8")
    played = console_blocks.played(text, tmp_path)
    assert console_blocks.normalised(played) == console_blocks.normalised(text)
