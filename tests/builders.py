"""Registries and programs for tests; every builder defaults what a sentence does not mention."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from dspyreg.backends import memory
from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.config.value import DEFAULT, Environment, Rung, auto_deploys, complete
from dspyreg.lifecycle.draft import Draft
from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.entry import Change
from dspyreg.model.state import Deployment, NameChange, NameValue, Pointer, State
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry
from dspyreg.registry.transaction import appended

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from dspyreg.backends.interface import Store
    from dspyreg.config.value import Config
    from dspyreg.lifecycle.draft import Plan
    from dspyreg.registry.transaction.outcome import Outcome

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that advances by a second at each reading, and further on request."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def advance(self, by: timedelta) -> None:
        """Advance the clock."""
        self.at += by


CALLER = ("is_claimed", "origin", "provenance")


def a_registry(store: Store | None = None, *, actor: str = "ada", **more: Any) -> Registry:
    """Return a registry, in memory unless a store is given."""
    clock = more.pop("clock", None) or Clock()
    caller = Caller(actor, **{key: more.pop(key) for key in CALLER if key in more})
    return Registry(
        Context(store or memory.create(), caller, clock=clock, note=appended.note, **more)
    )


def act_as(registry: Registry, actor: str) -> None:
    """Continue in the name of another actor."""
    registry.context = registry.context.acting_as(Caller(actor))


def a_local_registry(directory: Path, *, actor: str = "ada", **more: Any) -> Registry:
    """Return a registry in a directory, created if it does not exist."""
    if not (directory / "format").exists():
        local.create_store(Location.of(directory))
    caches = more.pop("caches", [directory / "index.sqlite"])
    return a_registry(local.open_store(Location.of(directory)), actor=actor, caches=caches, **more)


@contextmanager
def unprivileged(*directories: Path) -> Iterator[None]:
    """Make directories read-only, also for root, which on Linux can give up its privilege for a
    while.
    """
    modes = {directory: directory.stat().st_mode for directory in directories}
    before = _laid_down() if os.geteuid() == 0 else None
    for directory in directories:
        directory.chmod(0o555)
    try:
        yield
    finally:
        for directory, mode in modes.items():
            directory.chmod(mode)
        if before is not None:
            before()


def _laid_down() -> Callable[[], None]:
    """Give up CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH; return a function that restores them."""
    import ctypes

    import pytest

    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "capset"):
        pytest.skip("root may write everywhere, and here nothing takes that power from it")
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)()
    libc.capget(header, data)
    held = data[0]

    def use(capabilities: int) -> None:
        data[0] = capabilities
        assert libc.capset(header, data) == 0, os.strerror(ctypes.get_errno())

    use(held & ~0b110)
    return lambda: use(held)


def a_program(instructions: object = "Answer the question.") -> str:
    """Return a small saved state, as DSPy 2.6 writes one."""
    signature = {"instructions": str(instructions), "fields": []}
    predictor = {"traces": [], "train": [], "demos": [], "signature": signature, "lm": None}
    return json.dumps({"predict": predictor})


class Programs:
    """Registers programs whose contents do not matter."""

    def __init__(self, registry: Registry, directory: Path) -> None:
        self.registry, self.directory = registry, directory
        self._contents = count(1)

    def file(self, content: str | bytes | None = None, name: str = "program.json") -> Path:
        """Write a file; without content one that no other has."""
        data = content if content is not None else a_program(next(self._contents))
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def register(self, program: str = "qa", label: str | None = None, **more: Any) -> Outcome:
        """Register a version; a program of its own unless ``content`` says what, any text."""
        content = more.pop("content", None)
        path = self.file(content)
        more.setdefault("any_file", content is not None)
        return self.registry.register(program, path, version=label, **more)

    def in_production(self, program: str = "qa", label: str | None = None, **more: Any) -> str:
        """Register a version and promote it to the top; return its label."""
        made = self.register(program, label, **more)
        assert made.version is not None
        for rung in ("staging", "production"):
            self.registry.promote(f"{program}@{made.version.label}", to=rung)
        return made.version.label


LADDER = ("development", "staging", "production")


def an_environment(name: str, rung: str | None = "production", **more: Any) -> Environment:
    """Return an environment with the defaults for its name and rung."""
    automatic = auto_deploys(name, rung, first=LADDER[0])
    told = {"auto_deploy": automatic, "protected": False, "rollback_enabled": True}
    return Environment(name, rung, **{**told, **more})


def a_config(*environments: Environment, rungs: tuple[str, ...] = LADDER, **more: Any) -> Config:
    """Return a configuration of these environments; rungs without one get their default."""
    return complete(tuple(Rung(rung) for rung in rungs), environments)._replace(**more)


class DictState(State):
    """A state in a dict, for rules that need no log."""

    def __init__(self) -> None:
        self.seq = 0
        self._found: dict[str, NameValue] = {}
        self._newest: dict[str, int] = {}
        self._steps: dict[str, list[NameChange]] = {}

    def get(self, name: str) -> Any:
        """See ``State``."""
        return self._found[name].value if name in self._found else None

    def under(self, prefix: str) -> list[NameValue]:
        """See ``State``."""
        found = (f for name, f in self._found.items() if name.startswith(prefix))
        return [f for f in found if f.value is not None]

    def by_digest(self, program: str, prefix: str) -> set[int]:
        """See ``State``; without blobs, only documents are known."""
        versions = ((n, self.version(program, n)) for n in self.numbers(program))
        return {n for n, version in versions if version and version.document.startswith(prefix)}

    def newest(self, prefix: str) -> int:
        """See ``State``."""
        return self._newest.get(prefix, 0)

    def steps(self, name: str) -> list[NameChange]:
        """See ``State``; entries are a minute apart."""
        return self._steps.get(name, [])

    def put(self, name: str, value: Any) -> None:
        """Give a name a value, in an entry of its own."""
        self.take([Change(name, self.get(name), value)])

    def take(self, changes: Iterable[Change]) -> None:
        """Apply the changes of one entry."""
        self.seq += 1
        for name, _, new in changes:
            created = self._found[name].created if name in self._found else self.seq
            self._found[name] = NameValue(name, new, self.seq, created)
            time = f"2026-11-01T12:{self.seq % 60:02}:00.000000Z"
            step = NameChange(self.seq, new, time, "ada", "promote", None)
            self._steps.setdefault(name, []).append(step)
            for prefix in names.prefixes(name):
                self._newest[prefix] = self.seq

    def add(self, program: str, label: str, stage: str = "development") -> int:
        """Add a version on a stage; return its number."""
        number = 1 + next(self.numbers(program), 0)
        document = Digest.of(f"{program}@{label}".encode())
        self.put(names.reserved_name(program), program)
        self.put(names.version(program, number), {"label": label, "document": document})
        self.put(names.label(program, label), number)
        self.stand(program, number, stage)
        return number

    def stand(self, program: str, number: int, stage: str) -> None:
        """Set the stage of a version."""
        self.put(names.stage(program, number), {"stage": stage, "reason": None})

    def serve(self, program: str, environment: str, number: int) -> None:
        """Make a version live in an environment without a deployment."""
        operation = f"op{self.seq}"
        record = Deployment(number, "live").to_json()
        self.put(names.deployment(program, environment, operation), record)
        pointer = Pointer(number, f"{environment}-{operation}").to_json()
        self.put(names.environment(program, environment), pointer)


class Rules:
    """The rules of the lifecycle on their own state, without a log or a disk."""

    def __init__(self, config: Config = DEFAULT) -> None:
        self.state, self.config = DictState(), config
        self._operations = count(1)

    def judge(self, rule: Callable[..., Plan], *given: Any, **more: Any) -> tuple[Plan, Draft]:
        """Return the plan of a rule, without applying it."""
        draft = Draft(self.state, f"{next(self._operations):04x}")
        return rule(draft, self.config, *given, **more), draft

    def carry_out(self, rule: Callable[..., Plan], *given: Any, **more: Any) -> Plan:
        """Apply the plan of a rule."""
        plan, draft = self.judge(rule, *given, **more)
        if plan.already is None:
            self.state.take(draft.changes)
        return plan

    def live(self, environment: str = "production", program: str = "qa") -> str | None:
        """Return the live label."""
        number = self.state.pointer(program, environment).live
        return None if number is None else self.state.label(program, number)

    def stage(self, label: str, program: str = "qa") -> str:
        """Return the stage of a version."""
        return self.state.stage(program, self.state.number(program, label) or 0)
