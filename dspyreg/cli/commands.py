"""The table of commands: each with its module and its line of help.

A new command is a new row. Help and "did you mean" read the table without importing a command.
"""

from __future__ import annotations

from typing import Final


class CliCommand:
    """A command: its module below ``cli`` and its line of help."""

    __slots__ = ("help", "module")

    def __init__(self, module: str, help: str) -> None:  # noqa: A002
        self.module, self.help = module, help

    @property
    def section(self) -> str:
        """The section of the help: the folder of the module."""
        return self.module.partition(".")[0]


COMPLETE: Final = "__complete"  # hidden: the completion scripts call it

SECTIONS: Final = {
    "programs": "Programs in and out",
    "measure": "Measure, approve, check",
    "move": "Promote, deploy, take back",
    "look": "Look",
    "understand": "Understand",
    "care": "Set up and take care",
}

COMMANDS: Final = {
    "register": CliCommand("programs.register", "Store files as a new version of a program."),
    "checkout": CliCommand("programs.files", "Write a version's files below a directory."),
    "cat": CliCommand("programs.files", "Write one file of a version to standard output."),
    "score": CliCommand("measure.review", "Append measurements to a version."),
    "history": CliCommand("measure.analysis", "Show what was measured of a program's versions."),
    "trends": CliCommand("measure.analysis", "Show which way each metric of a program goes."),
    "compare": CliCommand("measure.analysis", "Say which of two versions is better."),
    "approve": CliCommand("measure.review", "Approve a version for a rung, in your name."),
    "evidence": CliCommand("measure.review", "Add evidence to a version, or show it."),
    "check": CliCommand("measure.review", "Say whether a version would be let through."),
    "plan": CliCommand("measure.analysis", "Say what deploying a version would come to."),
    "promote": CliCommand("move.stages", "Move a version one rung up the ladder."),
    "demote": CliCommand("move.stages", "Move a version one rung down."),
    "deploy": CliCommand("move.stages", "Make a version live in an environment."),
    "rollback": CliCommand("move.stages", "Make live again what was live before."),
    "archive": CliCommand("move.stages", "Retire a version; its bytes stay."),
    "restore": CliCommand("move.stages", "Bring an archived or deprecated version back."),
    "undo": CliCommand("move.undo", "Take an entry of the log back."),
    "redo": CliCommand("move.undo", "Take an undo back."),
    "list": CliCommand("look.views", "List programs, or the versions of one."),
    "show": CliCommand("look.views", "Show a version, and what has happened to it."),
    "status": CliCommand("look.views", "Show where a program stands."),
    "resolve": CliCommand("look.views", "Print the label that a selector means."),
    "board": CliCommand("look.views", "Show the stages as columns."),
    "log": CliCommand("look.views", "Show what happened, newest first."),
    "diff": CliCommand("understand.comparison", "Show what differs between two programs."),
    "compat": CliCommand(
        "understand.comparison", "Say whether callers of one program can use another."
    ),
    "bump": CliCommand("understand.comparison", "Say which label a file deserves, and why."),
    "upgrade-path": CliCommand(
        "understand.comparison", "Show the steps from one version to another."
    ),
    "convert": CliCommand("understand.convert", "Write an old state as today's DSPy loads it."),
    "init": CliCommand("care.maintenance", "Make an empty registry."),
    "config": CliCommand("care.config", "Show the configuration, or put one in force."),
    "trust": CliCommand("care.trust", "Let the commands of a registry run as you."),
    "verify": CliCommand("care.maintenance", "Check every byte; mend what can be rebuilt."),
    "gc": CliCommand("care.maintenance", "Delete the bytes of versions that are gone."),
    "completion": CliCommand("care.maintenance", "Print the completion script of a shell."),
    "demo": CliCommand("care.demo", "Play a tour on real programs, in a store of its own."),
}
