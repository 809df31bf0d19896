"""A diff on a terminal: marks that do not need colour, unchanged parts folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from comparing import a_predictor_state, a_state

from dspyreg.render.diff_layout import text_lines
from dspyreg.render.known import render
from dspyreg.render.options import RenderOptions

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

STEERING = {*map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066]), "\ud800"} - {"\n", "\t"}
TEN = [f"line {n}" for n in range(10)]


def shown(old: str, new: str) -> list[str]:
    """Return the changed lines of a text with their marks."""
    from dspyreg.render import as_plain
    from dspyreg.render.blocks import Marked

    return as_plain.text((Marked(tuple(text_lines(old, new))),)).splitlines()


@pytest.fixture
def diff(registry: Registry, tmp_path: Path) -> Any:
    """A function that renders the diff of two predictors with these members."""

    def of(old: dict[str, Any], new: dict[str, Any]) -> Any:
        paths = []
        for name, state in (("old.json", old), ("new.json", new)):
            path = tmp_path / name
            path.write_text(a_state(generate=a_predictor_state(**state)))
            paths.append(path)
        return registry.diff(*paths)

    return of


def plain(result: Any) -> str:
    return render(result, "plain")


# Texts


def test_changed_words_are_marked():
    assert shown("Answer in one word.", "Answer in two words.") == [
        "Answer in [-one word.-]{+two words.+}"
    ]


def test_unchanged_lines_are_folded():
    new = [*TEN]
    new[5] = "line five"
    assert shown("\n".join(TEN), "\n".join(new)) == [
        "… 4 lines the same",
        "line 4",
        "line [-5-]{+five+}",
        "line 6",
        "… 3 lines the same",
    ]


def test_texts_with_little_in_common_are_shown_one_above_the_other():
    assert shown("Answer briefly.\nBe kind.", "Think about the question first.") == [
        "[-Answer briefly.-]",
        "[-Be kind.-]",
        "{+Think about the question first.+}",
    ]


def test_a_new_text_is_shown_as_added():
    assert shown("", "Answer.") == ["{+Answer.+}"]


# Programs


def test_a_long_demo_is_shortened(diff: Any):
    found = diff({}, {"demos": ({"question": "why " * 200, "answer": "so"},)})
    [line] = [line for line in plain(found).splitlines() if "question: why" in line]
    assert len(line) < 120
    assert "…" in line


def test_many_demos_are_counted_instead_of_shown(diff: Any):
    demos = tuple({"question": str(n)} for n in range(30))
    found = plain(diff({}, {"demos": demos}))
    assert "demos: 30 added, 0 unchanged" in found
    assert "… and 20 more" in found


def test_an_edited_demo_shows_its_changes(diff: Any):
    demo = {"question": "2 + 2", "answer": "four"}
    found = plain(diff({"demos": (demo,)}, {"demos": ({**demo, "answer": "five"},)}))
    assert "~ question: 2 + 2" in found
    assert "answer: [-four-]{+five+}" in found


def test_an_unchanged_predictor_takes_one_line(diff: Any):
    assert plain(diff({}, {})).splitlines()[-1] == "generate: the same"


def test_colour_is_added_to_the_marks_and_does_not_replace_them(diff: Any):
    found = diff({"instructions": "Be very brief."}, {"instructions": "Be brief."})
    coloured = render(found, "table", RenderOptions(colour=True))
    assert "\x1b[31m[- very-]\x1b[0m" in coloured
    assert "[- very-]" in render(found, "table")


@pytest.mark.parametrize("format", ["plain", "table", "md", "json"])
@pytest.mark.parametrize("part", ["instructions", "demos", "lm", "fields"])
def test_text_of_a_program_cannot_control_a_terminal(diff: Any, format: str, part: str):  # noqa: A002
    odd = "".join(sorted(STEERING - {"\ud800"}))
    told: dict[str, Any] = {
        "instructions": odd,
        "demos": ({"question" + odd: odd},),
        "lm": {"model": odd, odd: odd},
        "fields": ((odd, odd), "answer"),
    }
    found = diff({}, {part: told[part]})
    assert not set(render(found, format)) & STEERING


def test_a_prompt_is_shown_in_full(registry: Registry, tmp_path: Path):
    path = tmp_path / "program.json"
    long = "why " * 200
    state = a_predictor_state("Answer.\nBriefly.", demos=({"question": long, "answer": "a\nb"},))
    path.write_text(a_state(generate=state))
    registry.register("qa", path)
    assert plain(registry.prompt("qa")).splitlines() == [
        "generate",
        "  instructions",
        "    Answer.",
        "    Briefly.",
        "  fields",
        "    Question: ${question}",
        "    Answer: ${answer}",
        "  demo 1",
        f"    question: {long}",
        "    answer:",
        "      a",
        "      b",
    ]
