"""What may stand where on the command line, read off the commands themselves."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple

from dspyreg.cli.app import app, load
from dspyreg.cli.commands import COMMANDS


class Kind(StrEnum):
    """What a word is. The first six are names that a registry holds, and are asked for."""

    PROGRAM = "program"
    SELECTOR = "selector"
    LABEL = "label"
    ENVIRONMENT = "environment"
    RUNG = "rung"
    STAGE = "stage"
    SUBJECT = "subject"  # a selector, or a file that is no version
    FILE = "file"
    DIRECTORY = "directory"
    SHELL = "shell"
    BUMP = "bump"
    LEVEL = "level"
    STRATEGY = "strategy"
    INTERVAL = "interval"
    PRESET = "preset"
    FREE = "free"


ASKED_FOR: Final = tuple(Kind)[:6]
CHOICES: Final = {
    Kind.SHELL: ("bash", "zsh", "fish"),
    Kind.BUMP: ("auto", "major", "minor", "patch"),
    Kind.LEVEL: ("major", "minor", "patch"),
    Kind.STRATEGY: ("aggressive", "best_score", "conservative", "manual"),
    Kind.INTERVAL: ("day",),
    Kind.PRESET: ("simple", "governed"),
}
_BY_METAVAR: Final = {
    "PROGRAM": Kind.PROGRAM,
    "PROGRAM[@WHICH]": Kind.SELECTOR,
    "SEQ|PROGRAM": Kind.PROGRAM,
    "RUNG": Kind.RUNG,
    "STAGE": Kind.STAGE,
    "SHELL": Kind.SHELL,
    "PRESET": Kind.PRESET,
    "PATH": Kind.FILE,
    "FILE": Kind.FILE,
    "DIR": Kind.DIRECTORY,
    "A": Kind.SUBJECT,
    "B": Kind.SUBJECT,
}
_BY_NAME: Final = {
    "--env": Kind.ENVIRONMENT,
    "--bump": Kind.BUMP,
    "--at-most": Kind.LEVEL,
    "--select": Kind.STRATEGY,
    "--interval": Kind.INTERVAL,
    "compare a": Kind.SELECTOR,
    "compare b": Kind.SELECTOR,
    "upgrade-path from_": Kind.LABEL,
    "upgrade-path to": Kind.LABEL,
    "rollback --to": Kind.LABEL,
    "cat --path": Kind.FREE,  # a file of the version, not one that lies here
}


class Option(NamedTuple):
    """An option; a flag has no kind of value."""

    names: tuple[str, ...]
    help: str
    kind: Kind | None
    repeats: bool


class Argument(NamedTuple):
    """A word without a name; one that repeats takes all that follow."""

    kind: Kind
    repeats: bool


class Verb(NamedTuple):
    """A command, or ``config show``: a command of a command. The top has no name."""

    name: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]

    def argument(self, at: int) -> Argument | None:
        """Return what stands behind so many words, if anything may."""
        last = self.arguments[-1] if self.arguments else None
        if at >= len(self.arguments):
            return last if last is not None and last.repeats else None
        return self.arguments[at]


def verbs() -> list[Verb]:
    """Return the top of the command line, then every command in the order of the help."""
    found = [_verb("", app(), "")]
    for name, command in COMMANDS.items():
        built = load(name)
        found.append(_verb(name, built, command.help))
        for sub, each in getattr(built, "commands", {}).items():
            found.append(_verb(f"{name} {sub}", each, each.get_short_help_str(limit=100)))
    return found


def parents(known: list[Verb]) -> dict[str, list[Verb]]:
    """Return, for each command that has commands of its own, those; for the top all the others."""
    found: dict[str, list[Verb]] = {"": [v for v in known if v.name and " " not in v.name]}
    for verb in known:
        if " " in verb.name:
            found.setdefault(verb.name.partition(" ")[0], []).append(verb)
    return found


def short(verb: Verb) -> str:
    """Return a command's own word."""
    return verb.name.rpartition(" ")[2]


def _verb(name: str, command: Any, told: str) -> Verb:
    params = [param for param in command.params if not getattr(param, "hidden", False)]
    options = [_option(name, param) for param in params if param.param_type_name == "option"]
    arguments = [
        Argument(_kind(name, param), param.nargs == -1)
        for param in params
        if param.param_type_name == "argument"
    ]
    usage = Option(("--help",), "Show this message and exit.", None, repeats=False)
    return Verb(name, told, (*options, usage), tuple(arguments))


def _option(verb: str, param: Any) -> Option:
    kind = None if param.is_flag else _kind(verb, param)
    return Option(tuple(param.opts), param.help or "", kind, param.multiple)


def _kind(verb: str, param: Any) -> Kind:
    metavar = (param.metavar or "").removesuffix("...")
    optional = metavar.startswith("[") and metavar.endswith("]")
    for name in param.opts:
        if found := _BY_NAME.get(name) or _BY_NAME.get(f"{verb} {name}"):
            return found
    return _BY_METAVAR.get(metavar[1:-1] if optional else metavar, Kind.FREE)
