"""The words of every error: one table, by room. A key is for ever; its words may change.

A value is a message, or a message and the hint that goes with it. Braces name the facts that the
error carries. Hints that several errors share, or that depend on the case, are in ``HINTS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Final[dict[str, str | tuple[str, str]]] = {
    # errors
    "contract-mismatch": "{version} does not fit {program}: {problems}",
    "corrupt": ("{where}: {what}", "run `dspyreg verify`"),
    "not-found": "no {kind} {name}",
    "outcome-unknown": (
        "outcome unknown of operation {operation_id}: {cause}",
        "look for {operation_id} in `dspyreg log` before you try again",
    ),
    "unsupported-format": ("{where} has format {found}", "upgrade dspyreg"),
    # model
    # formats
    # compare
    # policy
    # config
    # lifecycle
    "not-admitted": (
        "Validation failed: {version} may not go to {goal}",
        "--force --reason=WHY overrides a policy",
    ),
    "not-registrable": (
        "Validation failed: {program} may not be registered",
        "--force --reason=WHY overrules what the configuration demands",
    ),
    # backends
    # store
    # system, known_registries
    # hooks
    # registry: transaction
    # registry: read
    # registry: artifacts
    "file-in-the-way": ("{file} is in the way", "--force replaces a file"),
    "file-unwritable": "cannot write {file}: {reason}",
    "not-a-state": (
        "{file} is no state that DSPy saved: {reason}",
        "program.save writes one to a name that ends in .json",
    ),
    "pickle-not-allowed": (
        "{file} is a pickle",
        "--allow-pickle reads examples, dates and containers in it",
    ),
    "state-is-a-directory": ("{file} is a directory", "name the state in it"),
    # registry: gate
    # registry: change
    # registry: analyse
    "target-not-found": "Target version not found: {cause}",
    # registry: open
    # integrations
    "model-call-missing": (
        "{version} does not say how its language model is called",
        "lm=, a language model of your own",
    ),
    "model-call-untrusted": (
        "{version} says where its language model is called",
        "lm=, a language model of your own; or trusted=True, if you trust who saved it",
    ),
    "code-untrusted": (
        "{version} holds code that an optimizer wrote",
        "trusted=True, if you trust who saved it",
    ),
    # cli
    "answer-unwritable": "cannot write the result: {reason}",
    "argument-missing": ("Missing argument '{argument}'.", "`dspyreg register --help`"),
    "cat-has-no-json": ("cat writes bytes and has no --json", "`dspyreg show --json`"),
    "checked-out-differs": "differs from the registered {name}",
    "command-unknown": ("no command {name!r}", "`{parent} --help` lists them"),
    "completion-has-no-json": "completion prints a script and has no --json",
    "demo-has-no-json": "demo prints a tour and has no --json",
    "demo-has-own-store": ("demo uses a store of its own", "--keep DIR leaves it in DIR"),
    "directory-not-empty": ("{path} is not empty", "name a new directory"),
    "directory-unusable": "cannot use {path}: {reason}",
    "duplicate-key": "duplicate key {key!r}",
    "editor-failed": "the editor exited with status {status}; nothing was changed",
    "editor-invalid": ("invalid editor command {command!r}", "set VISUAL or EDITOR"),
    "editor-missing": (
        "no editor is set",
        "set VISUAL or EDITOR, or `dspyreg config show` and `dspyreg config apply FILE`",
    ),
    "editor-not-started": ("cannot start the editor {editor}: {reason}", "set VISUAL or EDITOR"),
    "evidence-cat-has-no-json": (
        "evidence cat writes bytes and has no --json",
        "`dspyreg evidence list --json`",
    ),
    "input-invalid": "{file}: {reason}",
    "input-not-a-mapping": "{file} is not a mapping of names to values",
    "input-not-utf8": "{file} is not UTF-8",
    "input-too-large": "{file} is larger than {mebibytes} MiB",
    "input-unreadable": "cannot read {file}: {reason}",
    "level-unknown": ("invalid level {level!r}", "one of: patch, minor, major"),
    "metric-not-a-number": "metric {name} is not a number: {text!r}",
    "no-temporary-directory": "cannot make a temporary directory: {reason}",
    "no-terminal": ("{question}? There is no terminal to ask on", "--yes confirms it"),
    "not-a-directory": ("{path} is not a directory", "name a new directory"),
    "not-a-pair": "invalid {word!r}: expected NAME=VALUE",
    "number-invalid": "invalid number {text!r}: expected a whole number of {least} or more",
    "shell-unknown": ("no completion for {shell!r}", "one of: bash, zsh, fish"),
    "two-formats": "--json cannot be combined with {option}",
}

HINTS: Final = {
    # errors
    "not-strict": "strict=False tolerates names that the program lacks, other types and tools",
    # model
    # formats
    # compare
    # policy
    # config
    # lifecycle
    # backends
    # store
    # system, known_registries
    # hooks
    # registry: transaction
    # registry: read
    # registry: artifacts
    # registry: gate
    # registry: change
    # registry: analyse
    # registry: open
    # integrations
    # cli
    "did-you-mean": "did you mean {near!r}?",
}


def message(problem: str, facts: Mapping[str, Any]) -> str:
    """Return the message of a problem."""
    text = TEXTS.get(problem, problem)
    text = text if isinstance(text, str) else text[0]
    return text.format_map(facts) if problem in TEXTS else text


def hint(problem: str, key: str | None, facts: Mapping[str, Any]) -> str | None:
    """Return the hint under a key of ``HINTS``, or else the one that belongs to the problem."""
    if key is not None:
        return HINTS[key].format_map(facts) if key in HINTS else key
    text = TEXTS.get(problem, problem)
    return None if isinstance(text, str) else text[1].format_map(facts)
