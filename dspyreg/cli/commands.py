"""The commands there are: where each lives, what it does in one line, what it stands with.

Help and "did you mean" know them all from here, without importing one.
"""

from __future__ import annotations

from typing import Final


class Command:
    """A command: its module, its one line of help, the section of the help it stands in."""

    __slots__ = ("help", "module", "section")

    def __init__(self, module: str, help: str, section: str) -> None:  # noqa: A002
        self.module, self.help, self.section = module, help, section


_KEEP, _PROVE, _MOVE, _READ = "Keep", "Prove", "Move", "Read"
_KNOW, _CARE = "Understand", "Care"
COMPLETE: Final = "__complete"  # hidden: what the completion scripts ask

COMMANDS: Final = {
    "register": Command("registering", "Store files as a new version of a program.", _KEEP),
    "checkout": Command("files", "Write a version's files below a directory.", _KEEP),
    "cat": Command("files", "Write one file of a version to standard output.", _KEEP),
    "score": Command("gates", "Append measurements to a version.", _PROVE),
    "history": Command("measuring", "Show what was measured of a program's versions.", _PROVE),
    "trends": Command("measuring", "Show which way each metric of a program goes.", _PROVE),
    "compare": Command("measuring", "Say which of two versions is better.", _PROVE),
    "approve": Command("gates", "Approve a version for a rung, in your name.", _PROVE),
    "evidence": Command("gates", "Add evidence to a version, or show it.", _PROVE),
    "check": Command("gates", "Say whether a version would be let through.", _PROVE),
    "plan": Command("measuring", "Say what deploying a version would come to.", _PROVE),
    "promote": Command("moving", "Move a version one rung up the ladder.", _MOVE),
    "demote": Command("moving", "Move a version one rung down.", _MOVE),
    "deploy": Command("moving", "Make a version live in an environment.", _MOVE),
    "rollback": Command("moving", "Make live again what was live before.", _MOVE),
    "archive": Command("moving", "Retire a version; its bytes stay.", _MOVE),
    "restore": Command("moving", "Bring an archived or deprecated version back.", _MOVE),
    "undo": Command("undoing", "Take an entry of the log back.", _MOVE),
    "redo": Command("undoing", "Take an undo back.", _MOVE),
    "list": Command("reading", "List programs, or the versions of one.", _READ),
    "show": Command("reading", "Show a version, and what has happened to it.", _READ),
    "status": Command("reading", "Show where a program stands.", _READ),
    "resolve": Command("reading", "Print the label that a selector means.", _READ),
    "board": Command("reading", "Show the stages as columns.", _READ),
    "log": Command("reading", "Show what happened, newest first.", _READ),
    "diff": Command("comparing", "Show what differs between two programs.", _KNOW),
    "compat": Command("comparing", "Say whether callers of one program can use another.", _KNOW),
    "bump": Command("comparing", "Say which label a file deserves, and why.", _KNOW),
    "upgrade-path": Command("comparing", "Show the steps from one version to another.", _KNOW),
    "convert": Command("programs", "Write an old state as today's DSPy loads it.", _KNOW),
    "init": Command("keeping", "Make an empty registry.", _CARE),
    "config": Command("settings", "Show the configuration, or put one in force.", _CARE),
    "trust": Command("trusting", "Let the commands of a registry run as you.", _CARE),
    "verify": Command("keeping", "Check every byte; mend what can be rebuilt.", _CARE),
    "gc": Command("keeping", "Delete the bytes of versions that are gone.", _CARE),
    "completion": Command("keeping", "Print the completion script of a shell.", _CARE),
    "demo": Command("demo", "Play a tour on real programs, in a store of its own.", _CARE),
}

SECTIONS: Final = {
    _KEEP: "Programs in and out",
    _PROVE: "Measure, approve, check",
    _MOVE: "Promote, deploy, take back",
    _READ: "Look",
    _KNOW: "Understand",
    _CARE: "Set up and take care",
}
