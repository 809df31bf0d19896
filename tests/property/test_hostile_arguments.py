"""No argument causes an internal error: every parameter of every command, by its type.

The commands are asked for their own parameters, so a new one is tested without a change here.
``DSPYREG_TEST_EXAMPLES`` sets how many command lines are tried.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from builders import Programs, a_local_registry, a_program
from commandline import a_plain_world, dspyreg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dspyreg.cli.app import load
from dspyreg.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = int(os.environ.get("DSPYREG_TEST_EXAMPLES", "400"))
ON_PURPOSE = {0, 1, 2, 3, 4, 5, 7, 8}  # the store is intact, so 6 would be wrong too

HUGE = ("9" * 30, "-" + "9" * 30, "9223372036854775808", "9" * 5000)
NUMBERS = ("0", "1", "-1", "2", "9", "9223372036854775807", "1.5", "1e999", "nan", "٣", "", *HUGE)
STRANGE = (
    *(
        "",
        " ",
        "\n",
        "a\nb",
        "\t",
        "\x1b[31m",
        "\x7f",
        "\udcff",
        "qa\udcff@1.0.0",
        "é→",
        "\u202eabc",
    ),
    *(
        "-",
        "--",
        "=",
        "a=",
        "=b",
        "@",
        "qa@",
        "@1.0.0",
        ":",
        "/",
        "//",
        "..",
        "../x",
        "%",
        "%s",
        "{}",
    ),
    *(
        "x" * 100_000,
        "é" * 50_000,
        "[" * 20_000,
        "m=" + "[" * 20_000,
        "m=" + "9" * 5000,
        "1" * 5000,
    ),
    *("'; drop table versions; --", "*", "?", "(", "[", "\\", "con", "NUL", "latest", "~", "$HOME"),
)
SELECTORS = (
    *("qa", "qa@1.0.0", "qa@^1", "qa@production", "qa@production~1", "qa@stage:staging", "qa@#1"),
    *(
        "qa@#0",
        "qa@#" + "9" * 19,
        "qa@#" + "9" * 30,
        "qa@production~" + "9" * 30,
        "qa@b3:",
        "qa@>=",
    ),
    *("qa@b3:" + "f" * 64, "qa@stage:", "qa@" + ">=1," * 500, "qa@^" + "9" * 30, "qa@1.0.0@1.0.0"),
    "qa@>=" + "1." * 2000,
)
TIMES = (
    *("2026-11-01", "2026-11-01T12:00:00Z", "0001-01-01", "0001-01-01T00:00:00+23:59", "2026-W01"),
    *("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59", "30d", "999999999w", "0s", "1us"),
)
WORDS = (
    *("production", "staging", "development", "archived", "em", "em=0.5", "em=nan", "em=1e308"),
    *(
        "em=" + "9" * 400,
        "score=-0",
        "k=v",
        'k={"a":1}',
        'k={"a":1,"a":2}',
        "k=1e999",
        "1.1.0",
        "2",
    ),
    *(
        "major",
        "bash",
        "simple",
        "governed",
        "s3://u:p@h/x",
        "postgresql://u:secret@h/db",
        "50",
        "-5%",
    ),
    *("1.0.0-" + "9" * 30, "9" * 30 + ".0.0", "accuracy >= 0.8", "+", "sk-" + "a" * 40),
)
FILES = (
    *(
        "p.json",
        "p.yaml",
        "broken.json",
        "deep.json",
        "latin.txt",
        "empty",
        "a\nb.json",
        "\udcff.json",
    ),
    *("directory", "missing", "missing/below", "p.json/below", "", "x" * 300, "x/" * 3000, "-"),
    *("/dev/null", "/dev/full", "loop", "dangling", ".dspyreg", ".dspyreg/format"),
)
# What a process can be given: no NUL; bytes that are no UTF-8 arrive as these surrogates.
LETTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
NO_LETTERS = st.characters(min_codepoint=0xDC80, max_codepoint=0xDCFF, categories=["Cs"])
ANY = (*STRANGE, *SELECTORS, *TIMES, *WORDS, *NUMBERS, *FILES)


class Word(NamedTuple):
    """A command: the words that name it, and its parameters."""

    words: tuple[str, ...]
    params: tuple[Any, ...]


def commands() -> Iterator[Word]:
    # demo plays a tour that takes seconds, and has one argument: a directory
    for name in sorted(COMMANDS.keys() - {"demo"}):
        command = load(name)
        below = getattr(command, "commands", None)
        if below is None:
            yield Word((name,), tuple(command.params))
        else:
            for each, inner in below.items():
                yield Word((name, each), tuple(inner.params))


def values(param: Any) -> st.SearchStrategy[str]:
    kind = str(param.type.name)
    likely = NUMBERS if "integer" in kind or "float" in kind else FILES if "path" in kind else ANY
    if param.name in {"selector", "program", "a", "b"}:
        likely = SELECTORS
    drawn = st.text(st.one_of(LETTERS, NO_LETTERS), max_size=20)
    if param.name == "class_path":  # a class is imported, and DSPy with it: that takes seconds
        return st.sampled_from(STRANGE)
    return st.one_of(st.sampled_from(likely), st.sampled_from(likely), st.sampled_from(ANY), drawn)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Draw a command line: a command, its arguments, and a few of its options."""
    command = draw(st.sampled_from(ALL))
    words, arguments = list(command.words), list[str]()
    for param in command.params:
        if param.param_type_name == "argument":
            least = 1 if param.required and draw(st.integers(0, 9)) else 0
            most = 3 if param.nargs == -1 else 1
            arguments += [draw(values(param)) for _ in range(draw(st.integers(least, most)))]
        elif draw(st.integers(0, 4)) == 0:
            words.append(draw(st.sampled_from(param.opts)))
            if not param.is_flag:
                words.append(draw(values(param)))
    dashes = ["--"] if draw(st.booleans()) else []
    return [*words, *dashes, *arguments]


ALL = list(commands())


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with a store that has some history, and files to use as arguments."""
    base = tmp_path_factory.mktemp("template")
    with a_local_registry(base / ".dspyreg") as registry:
        programs = Programs(registry, base)
        programs.in_production("qa", "1.0.0")
        programs.in_production("qa", "1.1.0")
        programs.register("qa", "2.0.0", metrics={"em": 0.5})
        registry.promote("qa@2.0.0")
        registry.undo()
    (base / "p.json").write_text(a_program("x"))
    (base / "p.yaml").write_text("format: 1\npolicies: {production: {metrics: ['em >= 0.5']}}\n")
    (base / "broken.json").write_text('{"a": ')
    (base / "deep.json").write_text('{"a":' * 5000)
    (base / "latin.txt").write_bytes(b"caf\xe9")
    (base / "empty").touch()
    (base / "a\nb.json").write_text(a_program())
    (base / "\udcff.json").write_text(a_program())
    (base / "directory").mkdir()
    (base / "directory" / "x.json").write_text(a_program())
    (base / "loop").symlink_to("loop")
    (base / "dangling").symlink_to("nowhere")
    return base


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
@given(line=lines())
@pytest.mark.usefixtures("_nothing_is_synced")
def test_no_argument_of_any_command_causes_an_internal_error(
    line: list[str], template: Path, plain_desk: Path
):
    desk = plain_desk / "desk"
    shutil.copytree(template, desk, symlinks=True)
    os.chdir(desk)
    try:
        ran = dspyreg(*line)
    finally:
        os.chdir(plain_desk)
        shutil.rmtree(desk)
    assert ran.status in ON_PURPOSE, f"{line!r:.2000} {ran.err}"


@pytest.fixture
def _nothing_is_synced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: None)
    monkeypatch.setattr("os.fdatasync", lambda _: None, raising=False)


@pytest.fixture
def plain_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    a_plain_world(monkeypatch, tmp_path)
    return Path.cwd()
