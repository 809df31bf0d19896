"""A draft: a state that a plan changes, and a record of everything that the plan has read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final, NamedTuple

from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Change, same_value
from dspyreg.model.state import (
    Deployment,
    NameChange,
    NameValue,
    Pointer,
    Ranked,
    Record,
    State,
)

_TO_COME: Final = 1 << 62  # a seq above all others
_ONE_BY_ONE: Final = 16  # names under a prefix; an entry has no room for many


class Cause(NamedTuple):
    """The cause of an automatic operation: the key of the configuration, and the entry that
    triggered it; None in a dry run.
    """

    rule: str
    entry: int | None


class Plan(NamedTuple):
    """The outcome of an operation, besides its changes.

    ``already`` is the reason why there is nothing to do. ``serves`` are documents of versions that
    must be whole before they go live; ``blobs`` must be stored first. Automatic operations have a
    ``cause``.
    """

    operation: str
    program: str | None = None
    number: int | None = None
    label: str | None = None
    already: str | None = None
    notices: tuple[str, ...] = ()
    forced: bool = False
    undoes: int | None = None
    evidence: Any = None
    serves: tuple[Digest, ...] = ()
    blobs: tuple[bytes, ...] = ()
    cause: Cause | None = None


class Draft(State):
    """A state that can be changed, and that records what was read of the one below it.

    Names and prefixes show the changes; the ordered queries (``records``, ``on_stage``, ``latest``
    …) are answered by the state below. A ``fresh`` operation id has no entry yet: names that
    contain it have no value, and are not looked up.

    Once many names under a prefix were read, the prefix is recorded in their place, so that the
    record does not grow with the store.
    """

    def __init__(self, state: State, operation_id: str, *, fresh: bool = False) -> None:
        self.operation_id = operation_id
        self._state, self._unknown = state, f"/{operation_id}" if fresh else None
        self._read: dict[str, Any] = {}
        self._listed: dict[str, int] = {}
        self._parts: defaultdict[str, set[str]] = defaultdict(set)
        self._old: dict[str, Any] = {}
        self.changed: dict[str, Any] = {}  # None: the value is removed

    @property
    def before(self) -> State:
        """The state below; reading it is not recorded."""
        return self._state

    def get(self, name: str) -> Any:
        """See ``State``."""
        if name in self.changed:
            return self.changed[name]
        if name in self._read:
            return self._read[name]
        is_listed = self._note(name)
        value = self._before(name)
        if not is_listed:
            self._read[name] = value
        return value

    def change(self, name: str, value: Any) -> None:
        """Change a name; None removes its value."""
        if name not in self.changed:
            self._old[name] = self._read[name] if name in self._read else self._before(name)
        self.changed[name] = value

    def set_stage(self, program: str, number: int, stage: str, reason: str) -> None:
        """Put a version on a stage, with the reason of that change."""
        self.change(names.stage(program, number), {"stage": stage, "reason": reason})

    def set_pointer(self, program: str, environment: str, pointer: Pointer) -> None:
        """Set the pointer of an environment; an empty one has no value."""
        value = None if pointer == Pointer() else pointer.to_json()
        self.change(names.environment(program, environment), value)

    def set_deployment(
        self, program: str, environment: str, identity: str, deployment: Deployment
    ) -> None:
        """Write a deployment record; unknown members of a newer writer stay."""
        name = names.deployment(program, environment, identity.removeprefix(environment + "-"))
        self.change(name, {**(self.get(name) or {}), **deployment.to_json()})

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes so far, without those to the same value."""
        return tuple(
            Change(name, self._old[name], value)
            for name, value in self.changed.items()
            if not same_value(self._old[name], value)
        )

    @property
    def expects(self) -> tuple[tuple[str, Any], ...]:
        """The names that were read and not changed, with their values, and the prefixes listed."""
        changed = {change.name for change in self.changes}
        read = {**self._read, **self._old}
        kept = ((name, value) for name, value in read.items() if name not in changed)
        return (*kept, *self._listed.items())

    def _before(self, name: str) -> Any:
        is_unknown = self._unknown is not None and name.endswith(self._unknown)
        return None if is_unknown else self._state.get(name)

    def _list(self, prefix: str) -> None:
        """Record all names under a prefix as read; call it before they are."""
        if not self._note(prefix):
            self._listed[prefix] = self._state.newest(prefix)

    def _note(self, name: str) -> bool:
        """Record the read of a name or prefix, and list a prefix with many of them. Return whether
        the name is under a listed prefix.
        """
        prefixes = names.prefixes(name)
        if not self._listed.keys().isdisjoint(prefixes):
            return True
        for prefix, part in pairwise(dict.fromkeys([*prefixes, name])):
            self._parts[prefix].add(part)
            if len(self._parts[prefix]) > _ONE_BY_ONE:
                self._listed[prefix] = self._state.newest(prefix)
                return True
        return False

    def under(self, prefix: str) -> list[NameValue]:
        """See ``State``."""
        self._list(prefix)
        return _changed_under(prefix, self.changed, self._state.under(prefix))

    def newest(self, prefix: str) -> int:
        """See ``State``."""
        return self._state.newest(prefix)

    def steps(self, name: str) -> list[NameChange]:
        """See ``State``."""
        kind, program, *_ = names.split(name)
        self._list(names.prefix(kind, program))
        return self._state.steps(name)

    def metrics(self, program: str, number: int) -> dict[str, float]:
        """See ``State``."""
        self._list(names.prefix("metrics", program, str(number)))
        return self._state.metrics(program, number)

    def measured(self, program: str) -> dict[int, dict[str, float]]:
        """See ``State``."""
        self._list(names.prefix("metrics", program))
        return self._state.measured(program)

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        self._list(names.prefix("versions", program))
        return self._state.by_digest(program, prefix)

    def by_content(self, program: str, content: Digest) -> set[int]:
        """See ``State``."""
        self._list(names.prefix("versions", program))
        return self._state.by_content(program, content)

    def numbers(self, program: str) -> Iterator[int]:
        """See ``State``."""
        self._list(names.prefix("versions", program))
        return self._state.numbers(program)

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """See ``State``."""
        self._list(names.prefix("stages", program))
        return self._state.on_stage(program, stage)

    def ranked(self, program: str, *, archived: bool = False) -> Iterator[Ranked]:
        """See ``State``."""
        self._list(names.prefix("versions", program))
        self._list(names.prefix("stages", program))
        return self._state.ranked(program, archived=archived)

    def latest(self, program: str) -> int | None:
        """See ``State``."""
        self._list(names.prefix("versions", program))
        self._list(names.prefix("stages", program))
        return self._state.latest(program)

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """See ``State``."""
        self._list(names.prefix("deployments", program, environment))
        return self._state.records(program, environment, number)


class After(State):
    """The state that a draft leads to; the ordered queries show its changes too.

    Drafts may be stacked by the thousand. They share one dictionary of changes, so only the topmost
    one is valid.
    """

    def __init__(self, draft: Draft) -> None:
        below = draft.before
        self._state: State = below._state if isinstance(below, After) else below
        self._changed: dict[str, Any] = below._changed if isinstance(below, After) else {}
        self._changed.update(draft.changed)

    def get(self, name: str) -> Any:
        """See ``State``."""
        return self._changed[name] if name in self._changed else self._state.get(name)

    def under(self, prefix: str) -> Iterable[NameValue]:
        """See ``State``."""
        return _changed_under(prefix, self._changed, self._state.under(prefix))

    def newest(self, prefix: str) -> int:
        """See ``State``."""
        return self._state.newest(prefix)

    def steps(self, name: str) -> list[NameChange]:
        """See ``State``."""
        return self._state.steps(name)

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        return self._state.by_digest(program, prefix)


def _changed_under(
    prefix: str, changed: Mapping[str, Any], before: Iterable[NameValue]
) -> list[NameValue]:
    below = {each.name: each for each in before}
    above = [
        NameValue(name, value, _TO_COME, below[name].created if name in below else _TO_COME)
        for name, value in changed.items()
        if value is not None and name.startswith(prefix)
    ]
    return [each for each in below.values() if each.name not in changed] + above
