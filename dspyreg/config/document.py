"""The YAML that people write, read into a configuration and written back.

Read from nodes, not from constructed values, so that every problem is told with its line.
Plain trees only: no anchors, tags or merge keys, which could make a short text enormous.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

import yaml

from dspyreg.config.value import (
    DEFAULT,
    FORMAT,
    Config,
    Environment,
    Metrics,
    Rung,
    Versioning,
    auto_deploys,
    complete,
)
from dspyreg.errors import UsageError
from dspyreg.model import names

LARGEST: Final = 1 << 20
MOST: Final = 20_000
DEEPEST: Final = 20
LONGEST_NAME: Final = 100
FEWEST_RUNGS: Final = 2
STRATEGIES: Final = ("semantic", "timestamp", "integer")
NAME_RULE: Final = "letters, digits, '.', '_' and '-', beginning with a letter or digit"
_LONGEST_SHOWN: Final = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NUMBERED = re.compile(r"[0-9]+|[0-9]+\.[0-9]+\.[0-9]+(-.*)?")
_NOT_ENVIRONMENTS = frozenset({"latest", "deprecated", "archived"})
_NOT_STAGES = _NOT_ENVIRONMENTS | {"stage"}
_WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
_DECIMAL = re.compile(r"((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_READ_AS = {
    "bool": "a boolean",
    "int": "a number",
    "float": "a number",
    "timestamp": "a date",
    "null": "nothing",
    "merge": "a merge mark",
    "value": "a default mark",
}

_T = TypeVar("_T")


class _Member(NamedTuple):
    """A key of a mapping and what stands under it."""

    name: str
    key: yaml.Node
    value: yaml.Node


def read(text: str) -> Config:
    """Return the configuration that a YAML document describes, defaults filled in.

    A key without a value keeps its default, as if it were not there. An environment that bears the
    name of a rung belongs to it without saying so, and can belong to no other. Raises
    ``UsageError``, whose message begins with ``line N: ``.
    """
    top = _known(_compose(text), _SECTIONS)
    _said(top, "format", _format, FORMAT)
    rungs = _said(top, "stages", _rungs, DEFAULT.rungs)
    config = complete(rungs, _said(top, "environments", partial(_environments, rungs=rungs), ()))
    return config._replace(
        default_environment=_said(top, "default_environment", partial(_one_of, config), None),
        versioning=_said(top, "versioning", _versioning, Versioning()),
        metrics=_said(top, "metrics", _metrics, Metrics()),
    )


def write(config: Config) -> str:
    """Return the YAML of a configuration, nothing left to defaults; ``read`` is its inverse."""
    told = config.to_json() | {
        "stages": {rung.name: _body(rung._asdict()) for rung in config.rungs},
        "environments": {each.name: _body(each._asdict()) for each in config.environments},
    }
    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=math.inf)


def _body(told: dict[str, Any]) -> dict[str, Any]:
    """Return what stands under a name; None is what absence means."""
    return {key: value for key, value in told.items() if key != "name" and value is not None}


# The sections: one reader each.


def _format(member: _Member) -> int:
    if _plain(member.value) != str(FORMAT):
        raise _error(member.value, f"format takes {FORMAT}, not {_found(member.value)}")
    return FORMAT


def _rungs(section: _Member) -> tuple[Rung, ...]:
    members = _named(section.value, "stage", _NOT_STAGES)
    if not members:
        return DEFAULT.rungs
    if len(members) < FEWEST_RUNGS:
        raise _error(section.key, f"a ladder needs {FEWEST_RUNGS} stages at least")
    owners = {member.name.lower(): member.name for member in members}
    return tuple(Rung(member.name, _title_of(member, owners)) for member in members)


def _title_of(rung: _Member, owners: dict[str, str]) -> str | None:
    """Return the title under a rung, and note in ``owners`` that it is taken."""
    told = _known(rung.value, ("title",))
    title = _said(told, "title", partial(_word, "title"), None)
    if title is None:
        return None
    if title.lower() in _NOT_STAGES or title != title.strip():
        raise _error(told["title"].value, f"{_shown(title)} cannot be a title")
    if (owner := owners.setdefault(title.casefold(), rung.name)) != rung.name:
        problem = f"title {_shown(title)} is already a name of stage `{owner}`"
        raise _error(told["title"].value, problem)
    return title


def _environments(section: _Member, *, rungs: tuple[Rung, ...]) -> tuple[Environment, ...]:
    keys = [rung.name for rung in rungs]
    members = _named(section.value, "environment", _NOT_ENVIRONMENTS, beside=keys)
    return tuple(_environment(member, rungs) for member in members)


def _environment(member: _Member, rungs: tuple[Rung, ...]) -> Environment:
    said = _fields(member.value, {"rung": partial(_rung, rungs), **_ENVIRONMENT})
    own = member.name if any(rung.name == member.name for rung in rungs) else None
    rung = said.setdefault("rung", own)
    if own and rung != own:
        problem = f"environment `{own}` bears the name of a stage but belongs to `{rung}`"
        raise _error(member.key, problem, hint="rename it, or let it belong to its namesake")
    defaults = {
        "auto_deploy": auto_deploys(member.name, rung, first=rungs[0].name),
        "protected": False,
        "rollback_enabled": True,
    }
    return Environment(member.name, **{**defaults, **said})


def _rung(rungs: tuple[Rung, ...], member: _Member) -> str:
    """Return the key of the rung that is named by key or title."""
    text = _text(member.value)
    by_title = {rung.title: rung.name for rung in rungs if rung.title}
    by_name = by_title | {rung.name: rung.name for rung in rungs}
    if text not in by_name:
        raise _unknown(member.value, "stage", text, by_name)
    return by_name[text]


def _one_of(config: Config, member: _Member) -> str:
    """Return the name of one of the environments there are."""
    return _choice("environment", [each.name for each in config.environments], member)


def _versioning(section: _Member) -> Versioning:
    return Versioning(**_fields(section.value, _VERSIONING))


def _metrics(section: _Member) -> Metrics:
    metrics = Metrics(**_fields(section.value, _METRICS))
    falling = frozenset(metrics.lower_is_better)
    for metric in metrics.higher_is_better:
        if metric in falling:
            problem = f"metric {_shown(metric)} is both lower_is_better and higher_is_better"
            raise _error(_known(section.value, _METRICS)["higher_is_better"].value, problem)
    return metrics


# One value each.


def _truth(member: _Member) -> bool:
    node = member.value
    if _kind(node) != "bool":
        raise _error(node, f"{member.name} takes true or false, not {_found(node)}")
    return _TRUTHS[node.value.lower()]


def _count(member: _Member) -> int:
    text = _plain(member.value)
    if text is None or not _WHOLE.fullmatch(text):
        problem = f"{member.name} takes a whole number from 0 up, not {_found(member.value)}"
        raise _error(member.value, problem)
    return int(text)


def _decimal(member: _Member) -> float:
    text = _plain(member.value)
    if text is None or not _DECIMAL.fullmatch(text) or math.isinf(float(text)):
        problem = f"{member.name} takes a finite number from 0 up, not {_found(member.value)}"
        raise _error(member.value, problem)
    return float(text)


def _choice(kind: str, valid: Iterable[str], member: _Member) -> str:
    text = _text(member.value)
    if text not in valid:
        raise _unknown(member.value, kind, text, valid)
    return text


def _word(kind: str, member: _Member) -> str:
    text = _text(member.value)
    try:
        return names.word(kind, text)
    except UsageError as error:
        raise _error(member.value, str(error), hint=error.hint) from error


def _words(kind: str, member: _Member) -> tuple[str, ...]:
    if not isinstance(member.value, yaml.SequenceNode):
        raise _error(member.value, f"{member.name} takes a list, not {_found(member.value)}")
    found: dict[str, None] = {}
    for node in member.value.value:
        word = _word(kind, member._replace(value=node))
        if word in found:
            raise _error(node, f"{kind} {_shown(word)} stands twice in {member.name}")
        found[word] = None
    return tuple(found)


_Reader = Callable[[_Member], Any]
_SECTIONS: Final = (
    "format",
    "stages",
    "environments",
    "default_environment",
    "versioning",
    "metrics",
)
_ENVIRONMENT: Final[dict[str, _Reader]] = {
    "auto_deploy": _truth,
    "protected": _truth,
    "rollback_enabled": _truth,
}
_VERSIONING: Final[dict[str, _Reader]] = {
    "strategy": partial(_choice, "strategy", STRATEGIES),
    "max_versions": _count,
    "auto_increment": _truth,
    "require_changelog": _truth,
}
_METRICS: Final[dict[str, _Reader]] = {
    "primary": partial(_word, "metric"),
    "lower_is_better": partial(_words, "metric"),
    "higher_is_better": partial(_words, "metric"),
    "tie": _decimal,
}


# Mappings, nodes and text.


def _fields(node: yaml.Node, readers: dict[str, _Reader]) -> dict[str, Any]:
    """Return what is said under these keys, each read by its reader."""
    return {name: readers[name](member) for name, member in _known(node, readers).items()}


def _said(told: dict[str, _Member], name: str, reader: Callable[[_Member], _T], default: _T) -> _T:
    return reader(told[name]) if name in told else default


def _known(node: yaml.Node | None, keys: Iterable[str]) -> dict[str, _Member]:
    """Return the members that say something; all must have one of these keys."""
    members = _members(node)
    for member in members:
        if member.name not in keys:
            raise _unknown(member.key, "key", member.name, keys)
    return {member.name: member for member in members if _kind(member.value) != "null"}


def _named(
    node: yaml.Node, kind: str, reserved: frozenset[str], beside: Iterable[str] = ()
) -> list[_Member]:
    """Return the members of a mapping whose keys name things of a kind.

    No two of the names, and none of them and of those ``beside``, may differ in case alone.
    """
    members = _members(node)
    taken = {name.lower(): name for name in beside}
    for member in members:
        _check_name(member, kind, reserved)
        if (other := taken.setdefault(member.name.lower(), member.name)) != member.name:
            raise _error(member.key, f"{kind} `{member.name}` and `{other}` differ only in case")
    return members


def _check_name(member: _Member, kind: str, reserved: frozenset[str]) -> None:
    name = member.name
    if not _NAME.fullmatch(name) or name.endswith(".") or len(name) > LONGEST_NAME:
        hint = f"use {NAME_RULE}; at most {LONGEST_NAME}, no dot at the end"
        raise _error(member.key, f"{_shown(name)} cannot name a stage or environment", hint=hint)
    if name.lower() in reserved:
        raise _error(member.key, f"no {kind} can be called `{name}`; the word is taken")
    if _NUMBERED.fullmatch(name):
        problem = f"no {kind} can be called {_shown(name)}; it looks like the label of a version"
        raise _error(member.key, problem)


def _members(node: yaml.Node | None) -> list[_Member]:
    """Return the members of a mapping as written; nothing at all is an empty mapping."""
    if node is None or _kind(node) == "null":
        return []
    if not isinstance(node, yaml.MappingNode):
        raise _error(node, f"expected keys and values, found {_found(node)}")
    found: dict[str, _Member] = {}
    for key, value in node.value:
        member = _Member(_text(key), key, value)
        if member.name in found:
            line = _line(found[member.name].key)
            raise _error(key, f"{_shown(member.name)} stands already in line {line}")
        found[member.name] = member
    return list(found.values())


def _text(node: yaml.Node) -> str:
    """Return the text of a node, if YAML and its reader agree that it is text."""
    kind = _kind(node)
    if kind == "merge":
        raise _error(node, "merge keys are not accepted; write it out, or quote it if it is text")
    if kind in _READ_AS:
        raise _error(node, f"{_shown(node.value)} is read as {_READ_AS[kind]}; quote it")
    if kind != "str":
        raise _error(node, f"expected text, found {_found(node)}")
    return str(node.value)


def _plain(node: yaml.Node) -> str | None:
    """Return what is written without quotes, if it is a scalar."""
    return node.value if isinstance(node, yaml.ScalarNode) and node.style is None else None


def _kind(node: yaml.Node) -> str:
    """Return the last word of a node's resolved tag."""
    return node.tag.rpartition(":")[2]


def _found(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
    return f"the text {_shown(node.value)}" if _kind(node) == "str" else _shown(node.value)


def _shown(text: str) -> str:
    """Return text as an error may show it: short, and nothing that a terminal would obey."""
    short = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return f"`{short}`" if short.isprintable() else ascii(short)


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node else 1


def _error(node: yaml.Node | None, problem: str, *, hint: str | None = None) -> UsageError:
    return UsageError(f"line {_line(node)}: {problem}", hint=hint)


def _unknown(node: yaml.Node, kind: str, name: str, valid: Iterable[str]) -> UsageError:
    """Return the error that names the nearest of the valid names, or else all of them."""
    problem = f"unknown {kind} {_shown(name)}"
    known = {each.lower(): each for each in valid}
    if near := get_close_matches(name[:LONGEST_NAME].lower(), known, n=1):
        return _error(node, f"{problem}; did you mean {_shown(known[near[0]])}?")
    return _error(node, problem, hint="one of: " + ", ".join(valid))


# From text to nodes.


class _Plain(yaml.SafeLoader):
    """Composes plain trees only, and refuses the rest before it is built or repeated."""

    _depth = 0
    _documents = 0
    _values = 0

    def get_event(self) -> Any:
        """Return the next event of the parser, if it is a plain one."""
        event: Any = super().get_event()  # type: ignore[no-untyped-call] # its stub says nothing
        if problem := self._problem(event):
            raise UsageError(f"line {event.start_mark.line + 1}: {problem}")
        return event

    def _problem(self, event: yaml.Event) -> str | None:
        self._depth += isinstance(event, yaml.CollectionStartEvent)
        self._depth -= isinstance(event, yaml.CollectionEndEvent)
        self._documents += isinstance(event, yaml.DocumentStartEvent)
        self._values += isinstance(event, yaml.NodeEvent)
        if self._depth > DEEPEST:
            return f"nested more than {DEEPEST} deep"
        if self._values > MOST:
            return f"more than {MOST} keys and values"
        if self._documents > 1:
            return "a second document begins; only one is accepted"
        if getattr(event, "anchor", None) is not None:
            return "anchors and aliases are not accepted; write it out"
        if (tag := getattr(event, "tag", None)) is not None:
            short = _shown(tag.replace("tag:yaml.org,2002:", "!!"))
            return f"tags such as {short} are not accepted; to keep text as text, quote it"
        return None


def _compose(text: str) -> yaml.Node | None:
    """Return the root node of the one document in a text, None if there is none."""
    if len(text) > LARGEST or len(text.encode(errors="surrogatepass")) > LARGEST:
        raise UsageError(f"line 1: the document is larger than {LARGEST >> 20} MiB")
    loader = _open(text)
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark or loader.get_mark()).line + 1
        raise UsageError(f"line {line}: not YAML: {error.problem}") from error
    except (ValueError, OverflowError) as error:  # PyYAML lets chr() and int() speak for themselves
        line = loader.line + 1
        raise UsageError(f"line {line}: not YAML: an escape or a number out of range") from error


def _open(text: str) -> _Plain:
    try:
        return _Plain(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UsageError(
            f"line {line}: the character {text[error.position]!a} is not accepted"
        ) from error
