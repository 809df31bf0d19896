"""The grammar of the command line, read from the commands themselves."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, NamedTuple

from dspyreg.cli.app import app, load
from dspyreg.cli.commands import COMMANDS


class CandidateKind(StrEnum):
    """The kind of a word. The first six are names that only a registry knows."""

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


FROM_REGISTRY: Final = tuple(CandidateKind)[:6]
CHOICES: Final = {
    CandidateKind.SHELL: ("bash", "zsh", "fish"),
    CandidateKind.BUMP: ("auto", "major", "minor", "patch"),
    CandidateKind.LEVEL: ("major", "minor", "patch"),
    CandidateKind.STRATEGY: ("aggressive", "best_score", "conservative", "manual"),
    CandidateKind.INTERVAL: ("day",),
    CandidateKind.PRESET: ("simple", "governed"),
}
_BY_METAVAR: Final = {
    "PROGRAM": CandidateKind.PROGRAM,
    "PROGRAM[@WHICH]": CandidateKind.SELECTOR,
    "SEQ|PROGRAM": CandidateKind.PROGRAM,
    "RUNG": CandidateKind.RUNG,
    "STAGE": CandidateKind.STAGE,
    "SHELL": CandidateKind.SHELL,
    "PRESET": CandidateKind.PRESET,
    "PATH": CandidateKind.FILE,
    "FILE": CandidateKind.FILE,
    "DIR": CandidateKind.DIRECTORY,
    "A": CandidateKind.SUBJECT,
    "B": CandidateKind.SUBJECT,
}
_BY_NAME: Final = {
    "--env": CandidateKind.ENVIRONMENT,
    "--bump": CandidateKind.BUMP,
    "--at-most": CandidateKind.LEVEL,
    "--select": CandidateKind.STRATEGY,
    "--interval": CandidateKind.INTERVAL,
    "compare a": CandidateKind.SELECTOR,
    "compare b": CandidateKind.SELECTOR,
    "upgrade-path from_": CandidateKind.LABEL,
    "upgrade-path to": CandidateKind.LABEL,
    "rollback --to": CandidateKind.LABEL,
    "cat --path": CandidateKind.FREE,  # a file of the version, not one that lies here
}


class Option(NamedTuple):
    """An option; a flag has no kind of value."""

    names: tuple[str, ...]
    help: str
    kind: CandidateKind | None
    repeats: bool


class Argument(NamedTuple):
    """A positional word; one that repeats takes all that follow."""

    kind: CandidateKind
    repeats: bool


class CompletedCommand(NamedTuple):
    """A command, or a subcommand such as ``config show``. The top has no name."""

    name: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]

    def argument(self, at: int) -> Argument | None:
        """Return the argument at a position, None if there is none."""
        last = self.arguments[-1] if self.arguments else None
        if at >= len(self.arguments):
            return last if last is not None and last.repeats else None
        return self.arguments[at]


def commands() -> list[CompletedCommand]:
    """Return the top of the command line, then every command in the order of the help."""
    commands = [_command("", app(), "")]
    for name, command in COMMANDS.items():
        built = load(name)
        commands.append(_command(name, built, command.help))
        for sub, each in getattr(built, "commands", {}).items():
            text = each.get_short_help_str(limit=100)
            commands.append(_command(f"{name} {sub}", each, text))
    return commands


def parents(known: list[CompletedCommand]) -> dict[str, list[CompletedCommand]]:
    """Return the subcommands of each command that has some; for the top, the commands."""
    top = [command for command in known if command.name and " " not in command.name]
    subcommands: dict[str, list[CompletedCommand]] = {"": top}
    for command in known:
        if " " in command.name:
            subcommands.setdefault(command.name.partition(" ")[0], []).append(command)
    return subcommands


def short(command: CompletedCommand) -> str:
    """Return the last word of a command's name."""
    return command.name.rpartition(" ")[2]


def _command(name: str, command: Any, text: str) -> CompletedCommand:
    params = [param for param in command.params if not getattr(param, "hidden", False)]
    options = [_option(name, param) for param in params if param.param_type_name == "option"]
    arguments = [
        Argument(_kind(name, param), param.nargs == -1)
        for param in params
        if param.param_type_name == "argument"
    ]
    usage = Option(("--help",), "Show this message and exit.", None, repeats=False)
    return CompletedCommand(name, text, (*options, usage), tuple(arguments))


def _option(command: str, param: Any) -> Option:
    kind = None if param.is_flag else _kind(command, param)
    return Option(tuple(param.opts), param.help or "", kind, param.multiple)


def _kind(command: str, param: Any) -> CandidateKind:
    metavar = (param.metavar or "").removesuffix("...")
    optional = metavar.startswith("[") and metavar.endswith("]")
    for name in param.opts:
        if kind := _BY_NAME.get(name) or _BY_NAME.get(f"{command} {name}"):
            return kind
    return _BY_METAVAR.get(metavar[1:-1] if optional else metavar, CandidateKind.FREE)
