"""A plan in the making: what it has read, and what it would change."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Change, same_value
from dspyreg.model.state import Deployment, Found, Pointer, Ranked, Record, State, Step

_TO_COME: Final = 1 << 62  # a seq after all that there are


class Cause(NamedTuple):
    """Why something happens by itself: the key of the configuration that says so, and the entry
    that set it off; None in a dry run.
    """

    rule: str
    entry: int | None


class Plan(NamedTuple):
    """What an operation comes to, besides its changes.

    ``already`` says why there is nothing to do. ``serves`` are documents of versions that must be
    whole before they go live, ``blobs`` what has to be stored first. What happens by itself has a
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
    """A state that can be changed, and remembers what was asked of the one below it.

    Names and prefixes show the changes; the ordered questions (``records``, ``on_stage``,
    ``latest`` …) are answered by the state as it was. A ``fresh`` operation id has no entry yet:
    what is named after it has no value, and the state is not asked.
    """

    def __init__(self, state: State, operation_id: str, *, fresh: bool = False) -> None:
        self.operation_id = operation_id
        self._state, self._unknown = state, f"/{operation_id}" if fresh else None
        self._read: dict[str, Any] = {}
        self._listed: dict[str, int] = {}
        self._changed: dict[str, Any] = {}

    @property
    def before(self) -> State:
        """The state that it changes; what is asked of it is not remembered."""
        return self._state

    def get(self, name: str) -> Any:
        """See ``State``."""
        if name in self._changed:
            return self._changed[name]
        return self._before(name)

    def change(self, name: str, value: Any) -> None:
        """Change a name; None takes its value away."""
        self._before(name)
        self._changed[name] = value

    def set_stage(self, program: str, number: int, stage: str, reason: str) -> None:
        """Put a version on a stage, for a reason of that change's own."""
        self.change(names.stage(program, number), {"stage": stage, "reason": reason})

    def set_pointer(self, program: str, environment: str, pointer: Pointer) -> None:
        """Point an environment; one with nothing in it has no value."""
        value = None if pointer == Pointer() else pointer.to_json()
        self.change(names.environment(program, environment), value)

    def set_deployment(
        self, program: str, environment: str, identity: str, deployment: Deployment
    ) -> None:
        """Write a deployment record; members that a newer writer gave it stay."""
        name = names.deployment(program, environment, identity.removeprefix(environment + "-"))
        self.change(name, {**(self.get(name) or {}), **deployment.to_json()})

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes so far, without those that change nothing."""
        return tuple(
            Change(name, self._read[name], value)
            for name, value in self._changed.items()
            if not same_value(self._read[name], value)
        )

    @property
    def expects(self) -> tuple[tuple[str, Any], ...]:
        """What was read and is not itself changed, and what was listed."""
        changed = self._changed
        kept = (
            (name, value)
            for name, value in self._read.items()
            if name not in changed or same_value(value, changed[name])
        )
        return (*kept, *self._listed.items())

    def _before(self, name: str) -> Any:
        if name not in self._read:
            is_unknown = self._unknown is not None and name.endswith(self._unknown)
            self._read[name] = None if is_unknown else self._state.get(name)
        return self._read[name]

    def _list(self, *segments: str) -> None:
        prefix = names.prefix(*segments)
        self._listed.setdefault(prefix, self._state.newest(prefix))

    def under(self, prefix: str) -> list[Found]:
        """See ``State``."""
        self._listed.setdefault(prefix, self._state.newest(prefix))
        below = {found.name: found for found in self._state.under(prefix)}
        above = [
            Found(name, value, _TO_COME, below[name].created if name in below else _TO_COME)
            for name, value in self._changed.items()
            if value is not None and name.startswith(prefix)
        ]
        return [found for found in below.values() if found.name not in self._changed] + above

    def newest(self, prefix: str) -> int:
        """See ``State``."""
        return self._state.newest(prefix)

    def steps(self, name: str) -> list[Step]:
        """See ``State``."""
        kind, program, *_ = names.split(name)
        self._list(kind, program)
        return self._state.steps(name)

    def metrics(self, program: str, number: int) -> dict[str, float]:
        """See ``State``."""
        self._list("metrics", program, str(number))
        return self._state.metrics(program, number)

    def measured(self, program: str) -> dict[int, dict[str, float]]:
        """See ``State``."""
        self._list("metrics", program)
        return self._state.measured(program)

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        self._list("versions", program)
        return self._state.by_digest(program, prefix)

    def by_content(self, program: str, content: Digest) -> set[int]:
        """See ``State``."""
        self._list("versions", program)
        return self._state.by_content(program, content)

    def numbers(self, program: str) -> Iterator[int]:
        """See ``State``."""
        self._list("versions", program)
        return self._state.numbers(program)

    def on_stage(self, program: str, stage: str) -> Iterator[int]:
        """See ``State``."""
        self._list("stages", program)
        return self._state.on_stage(program, stage)

    def ranked(self, program: str, *, archived: bool = False) -> Iterator[Ranked]:
        """See ``State``."""
        self._list("versions", program)
        self._list("stages", program)
        return self._state.ranked(program, archived=archived)

    def latest(self, program: str) -> int | None:
        """See ``State``."""
        self._list("versions", program)
        self._list("stages", program)
        return self._state.latest(program)

    def records(
        self, program: str, environment: str, number: int | None = None
    ) -> Iterator[Record]:
        """See ``State``."""
        self._list("deployments", program, environment)
        return self._state.records(program, environment, number)


class After(State):
    """The state that a draft would lead to; the ordered questions show its changes as well."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def get(self, name: str) -> Any:
        """See ``State``."""
        return self._draft.get(name)

    def under(self, prefix: str) -> list[Found]:
        """See ``State``."""
        return self._draft.under(prefix)

    def newest(self, prefix: str) -> int:
        """See ``State``."""
        return self._draft.newest(prefix)

    def steps(self, name: str) -> list[Step]:
        """See ``State``."""
        return self._draft.steps(name)

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``."""
        return self._draft.by_digest(program, prefix)
