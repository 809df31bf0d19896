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
    "index-impossible": "no index could be made: {reason}",
    "log-replaced": (
        "{reason}: the log was replaced while this ran",
        "run the command again",
    ),
    # system, known_registries
    # hooks
    # registry: transaction
    # registry: read
    # registry: artifacts
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
    "index-impossible": "no index could be made: {reason}",
    "log-replaced": (
        "{reason}: the log was replaced while this ran",
        "run the command again",
    ),
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
