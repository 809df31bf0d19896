"""Properties of render/as_markdown, for any value."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dspyreg.render.as_markdown import block, code

MARKDOWN = MarkdownIt("commonmark").enable("table")


@given(st.text(st.sampled_from("`~|\\ \n<>a@[]()!#-*_")))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_inline_code_is_one_code_element(text: str):
    [paragraph] = [t for t in MARKDOWN.parse(f"x {code(text)} y") if t.type == "inline"]
    pieces = [child.type for child in paragraph.children or ()]
    assert pieces == (["text", "code_inline", "text"] if text else ["text"])


@given(st.lists(st.text(st.sampled_from("`|\\ \n<>a")), min_size=2, max_size=3))
def test_code_in_a_table_does_not_end_its_cell(cells: list[str]):
    heads = " | ".join("h" for _ in cells)
    row = " | ".join(map(code, cells))
    table = f"| {heads} |\n|{'---|' * len(cells)}\n| {row} |\n"
    tokens = [token.type for token in MARKDOWN.parse(table)]
    assert tokens.count("td_open") == len(cells)
    assert tokens.count("tr_open") == 2


@given(st.lists(st.text(st.sampled_from("`~ <>a-+@"))))
def test_no_line_of_a_block_ends_the_block(lines: list[str]):
    tokens = MARKDOWN.parse(f"{block(lines)}\nafter")
    assert [token.type for token in tokens[:2]] == ["fence", "paragraph_open"]
