# ruff: noqa: E501 - paragraphs and rows of tables have their own lengths
"""Write docs/reference/cli.md from the command line itself.

    python tests/docs/generate_cli_reference.py

A test compares: a command or an option that changes makes it fail until this has run.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspyreg.cli.app import app, load
from dspyreg.cli.commands import COMMANDS, SECTIONS
from dspyreg.cli.options import OPTIONS
from dspyreg.cli.words import default, is_option, spelled, usage

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs/reference/cli.md"

_HEAD = """\
# The command line

This page is generated from the program: `python tests/docs/generate_cli_reference.py`.

```text
dspyreg [OPTIONS] COMMAND [ARGS]...
```

Data goes to standard output, talk to standard error. On a terminal data is a table, in a pipe plain
lines with tabs between the fields, with `--json` one [JSON document](json.md). Exit codes and error
texts are in [errors.md](errors.md).

A program and one of its versions are named by one word, the *selector*:

| selector | means |
|---|---|
| `qa` | the latest version: the highest release if every label is SemVer (a prerelease only if there is no release), else the highest number |
| `qa@1.1.0` | the version with this label |
| `qa@^1.2` `qa@~1.2` `'qa@>=1.0,<2'` | the highest label in a range; prereleases only if they are named |
| `qa@production` | the version that is live in this environment |
| `qa@production~1` | the version that one rollback would make live there |
| `qa@stage:staging` | the highest number on this stage |
| `qa@#3` | the version with this number |
| `qa@b3:1f2e3d` | the version whose digest, or one of whose files' digests, begins like this; 6 digits at least |

After the `@` a label is tried first, then an environment. Archived versions count only where they are
named.

## Options of every command

They work before and after the command. `dspyreg --version` prints the version, `dspyreg COMMAND --help`
the help of a command.

"""

_ENVIRONMENT = """
## Environment variables

| variable | meaning |
|---|---|
| `DSPYREG_STORE` | the registry's directory; `--store` goes before it. Without both: the nearest `.dspyreg` from the working directory upward |
| `DSPYREG_ACTOR` | who acts; `--as` goes before it. Without both: CI's actor, git's user, the login |
| `DSPYREG_NOW` | stops the clock at a time, for tests |
| `DSPYREG_DEBUG` | shows where in the code a bug happened |
| `NO_COLOR` | no colours |
"""


def reference() -> str:
    """Return the whole page."""
    common = [each for each in app().params if each.name in OPTIONS]
    parts = [_HEAD, *_table(common), _ENVIRONMENT]
    for section, title in SECTIONS.items():
        parts.append(f"\n## {title}\n")
        for name, command in COMMANDS.items():
            if command.section == section:
                parts += _command(load(name), f"dspyreg {name}")
    return "".join(parts)


def _command(command: Any, path: str) -> Iterator[str]:
    subcommands = getattr(command, "commands", {})
    if not subcommands:
        yield f"\n### {path.removeprefix('dspyreg ')}\n\n"
        yield f"```text\n{path} {' '.join(usage(command))}\n```\n\n"
        yield inspect.cleandoc(command.help) + "\n"
        own = [each for each in command.params if each.name not in OPTIONS]
        yield from ("\n", *_table(own)) if own else ()
    for name, each in subcommands.items():
        yield from _command(each, f"{path} {name}")


def _table(params: list[Any]) -> Iterator[str]:
    rows = [_row(each) for each in params]
    if rows:
        yield "| | |\n|---|---|\n"
        yield from rows


def _row(param: Any) -> str:
    name = spelled(param) if is_option(param) else param.metavar
    told = (param.help or "").replace("|", r"\|")
    if default(param) is not None:
        told += f" Default: `{default(param)}`."
    if is_option(param) and param.multiple:
        told += " May be given several times."
    return f"| `{name}` | {told} |\n".replace("SEQ|", r"SEQ\|")


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
