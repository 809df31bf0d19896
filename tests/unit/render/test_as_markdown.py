"""Markdown for a pull request: text of a program is never markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from comparing import a_predictor_state, a_state
from markdown_it import MarkdownIt

from dspyreg.render.known import render

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

MARKDOWN = MarkdownIt("commonmark").enable("table")
EVIL = "EVIL"
HOSTILE = [
    f"</details><img src=x onerror={EVIL}>",
    f"```\n{EVIL}\n```",
    f"``````\n# {EVIL}",
    f"~~~\n{EVIL}",
    f"[{EVIL}](http://example.com) ![{EVIL}](x)",
    f"@{EVIL} #12 {EVIL}@example.com http://{EVIL}.com",
    f"a | b | {EVIL} \\| c \\\\| d",
    f"`{EVIL}` ``{EVIL}`` `",
    f"\n\n# {EVIL}\n\n- {EVIL}\n\n<script>{EVIL}</script>",
    f"\r# {EVIL}\u2028# {EVIL}",
    f" {EVIL} ",
    "`",
    "\\",
    "|",
]


def outside_code(markdown: str) -> list[str]:
    """Return all text and HTML of a page outside of code."""
    tokens = (each for top in MARKDOWN.parse(markdown) for each in (top, *(top.children or ())))
    code_ = {"inline", "fence", "code_inline"}
    return [f"{each.type} {each.content}" for each in tokens if each.type not in code_]


def kinds(markdown: str) -> set[str]:
    return {line.partition(" ")[0] for line in outside_code(markdown)}


def between(registry: Registry, directory: Path, old: dict[str, Any], new: dict[str, Any]) -> str:
    paths = []
    for name, state in (("old.json", old), ("new.json", new)):
        path = directory / name
        path.write_text(a_state(**state))
        paths.append(path)
    return render(registry.diff(*paths), "md")


def hostile(text: str) -> dict[str, Any]:
    """Return a state with a text in every place."""
    return {
        text or "x": a_predictor_state(
            text,
            fields=((text, text), (f"{text}:", f"${{{text}}}")),
            demos=({text: text}, {"question": [text]}),
            lm={"model": text, text: text},
            rules={text: text},
        ),
        "retriever": {text: text},
    }


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", [True, False])
def test_text_of_a_program_is_rendered_only_as_code(
    registry: Registry, tmp_path: Path, text: str, before: bool
):
    usual = {"generate": a_predictor_state()}
    sides = (usual, hostile(text)) if before else (hostile(text), usual)
    page = between(registry, tmp_path, *sides)
    assert not [line for line in outside_code(page) if EVIL in line]
    harmless = between(
        registry, tmp_path, *((usual, hostile("x")) if before else (hostile("x"), usual))
    )
    assert kinds(page) <= kinds(harmless)


def test_a_markdown_diff_shows_what_changed(registry: Registry, tmp_path: Path):
    old = {"generate": a_predictor_state("Answer.\nBe brief.")}
    new = {"generate": a_predictor_state("Answer.\nBe kind.")}
    page = between(registry, tmp_path, old, new)
    assert "**patch** · unknown · contract inferred" in page
    assert "  Answer.\n- Be brief.\n+ Be kind.\n" in page
    assert page.endswith("\n")


def test_a_markdown_diff_contains_no_html_but_folding(registry: Registry, tmp_path: Path):
    page = between(registry, tmp_path, {"a": a_predictor_state("a")}, hostile(HOSTILE[0]))
    html = [line for line in outside_code(page) if line.startswith("html")]
    assert html
    tag = r"</?(?:details(?: open)?|summary)>"
    assert all(re.fullmatch(rf"html_\w+ (?:{tag}|[a-z ])+\n?", line) for line in html), html


LARGEST = 65_536  # characters of a comment
LARGE = {
    "a long text": {"generate": a_predictor_state("\n".join(f"line {n}" for n in range(50_000)))},
    "a long line": {"generate": a_predictor_state("word " * 50_000)},
    "ticks": {"generate": a_predictor_state("`" * 100_000)},
    "control characters": {"generate": a_predictor_state("\x1b\n" * 100_000)},
    "many predictors": {f"p{n}": a_predictor_state(f"{n} " * 100) for n in range(1_000)},
    "long names": {"p" * 1_000 * n: a_predictor_state("x") for n in range(1, 90)},
    "many members": {"x": a_predictor_state(lm={f"setting {n}": n for n in range(10_000)})},
}


@pytest.mark.parametrize("large", LARGE.values(), ids=list(LARGE))
@pytest.mark.parametrize("turned", [False, True], ids=["new", "old"])
def test_a_markdown_diff_fits_a_comment_and_says_what_was_left_out(
    registry: Registry, tmp_path: Path, large: dict[str, Any], turned: bool
):
    small = {"x": a_predictor_state("x"), "generate": a_predictor_state("Answer.")}
    old, new = (large, small) if turned else (small, large)
    page = between(registry, tmp_path, old, new)
    assert len(page) < LARGEST
    assert re.search(r"left out|more characters|…", page)
    assert page.count("<details") == page.count("</details>")


def test_a_markdown_diff_that_fits_is_not_cut(registry: Registry, tmp_path: Path):
    old, new = ({"generate": a_predictor_state(f"Be {how}.\n" * 100)} for how in ("good", "kind"))
    assert "left out" not in between(registry, tmp_path, old, new)


@pytest.mark.parametrize("text", HOSTILE)
def test_metadata_is_rendered_as_code_in_a_comparison(
    registry: Registry, tmp_path: Path, text: str
):
    for nth in range(2):
        path = tmp_path / "program.json"
        path.write_text(f"{nth}")
        told = {"note": f"{nth} {text}", "configuration": {text or "x": [nth, text]}}
        registry.register("qa", path, metadata=told, metrics={"em": nth, "f1": 0.5}, any_file=True)
    found = registry.compare("qa@#1", "qa@#2")
    markdown = render(found, "md")
    assert not any(EVIL in line for line in outside_code(markdown))
