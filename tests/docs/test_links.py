"""Every link on a page has a target."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    bare = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.replace(" ", "-") for head in bare}


def links() -> list[tuple[Path, str]]:
    return [
        (page, link)
        for page in PAGES
        for link in _LINK.findall(prose(page))
        if not re.match(r"[a-z]+:", link)
    ]


@pytest.mark.parametrize(
    ("page", "link"), links(), ids=lambda it: it.name if isinstance(it, Path) else it
)
def test_every_link_on_a_page_has_a_target(page: Path, link: str):
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.exists()
    assert target.is_relative_to(ROOT)
    if anchor and target.suffix == ".md":
        assert anchor in anchors(target)


@pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)
def test_the_index_links_to_every_page(page: Path):
    index = ROOT / "docs/index.md"
    reached = {
        (index.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(prose(index))
    }
    assert page == index or page in reached
