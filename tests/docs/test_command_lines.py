"""Every ``dspyreg …`` on a page is a valid command line."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import typer

from dspyreg.cli.app import app, load
from dspyreg.cli.commands import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCED = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(dspyreg [^`]+)`")
_CALL = re.compile(r"""(?:(?<=^)|(?<=[\s("'`;&|/]))dspyreg (?=[a-z-])(.*)""")
_VARIABLE = re.compile(r"\$\(\w+\)|\$\{\w+\}|\$\w+")
_SHELLS = {"sh", "bash", "console", "yaml", "make"}


def lines_of(page: Path) -> list[str]:
    """Yield the lines that may hold commands: of fenced blocks, and code in the prose."""
    text = page.read_text(encoding="utf-8")
    fenced = [body for kind, body in _FENCED.findall(text) if kind in _SHELLS]
    continued = (body.replace("\\\n", " ") for body in fenced)
    inline = _INLINE.findall(_FENCED.sub("", text))
    return [line for body in continued for line in body.splitlines()] + inline


def calls() -> list[tuple[str, str]]:
    return [
        (str(page.relative_to(ROOT)), words)
        for page in PAGES
        if page.name != "cli.md"  # compared as a whole
        for line in lines_of(page)
        for words in (call.partition("`")[0] for call in _CALL.findall(line))
    ]


def words_of(text: str) -> list[str]:
    """Return the words of a call, up to its end for the shell."""
    lexer = shlex.shlex(
        _VARIABLE.sub("x", text).replace(r"\|", "|"), posix=True, punctuation_chars="();<>|&"
    )
    lexer.commenters, lexer.whitespace_split = "", True
    found: list[str] = []
    try:
        for word in lexer:
            if set(word) <= set("();<>|&#"):
                break
            found.append(word)
    except ValueError:  # the quotation goes on after the call
        pass
    return found


def parse(words: list[str]) -> None:
    """Parse a command line without running it."""
    context = app().make_context("dspyreg", list(words))
    name, *rest = [*context._protected_args, *context.args]
    assert name in COMMANDS
    command: Any = load(name)
    if hasattr(command, "commands"):
        name, *rest = rest
        command = command.commands[name]
    command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(("page", "text"), calls())
def test_every_command_line_on_a_page_is_accepted_by_the_program(page: str, text: str):
    words = [word for word in words_of(text) if word != "…"]
    if text in COMMANDS or text in {f"{name} …" for name in COMMANDS}:
        return  # the name of a command, not a call of it
    with suppress(typer.Exit):  # --help, --version
        parse(words)


def test_command_lines_are_found_on_the_pages():
    assert len(calls()) > 50


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_mentioned_outside_the_reference(name: str):
    pages = [page for page in PAGES if page.name not in {"cli.md", "json.md"}]
    assert any(re.search(rf"`?\b{name}\b`?", page.read_text(encoding="utf-8")) for page in pages)
