"""The caller of a registry: the name, operation id and seal of its entries."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from builders import Clock, Programs, a_registry

from dspyreg.backends import memory
from dspyreg.errors import UsageError
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry

if TYPE_CHECKING:
    from pathlib import Path


def nobody() -> str:
    raise UsageError("nobody knows who you are")


def test_reading_requires_no_actor():
    registry = Registry(Context(memory.create(), Caller(nobody), clock=Clock()))
    assert not registry.versions().texts


def test_a_change_determines_the_actor_first():
    registry = Registry(Context(memory.create(), Caller(nobody), clock=Clock()))
    with pytest.raises(UsageError, match="nobody knows"):
        registry.promote("not there")


def test_the_actor_is_determined_once():
    names = iter(["ada"])
    registry = Registry(Context(memory.create(), Caller(lambda: next(names)), clock=Clock()))
    assert (registry.actor, registry.actor) == ("ada", "ada")


def a_seal(members: bytes) -> dict[str, Any]:
    return {"sig": hashlib.sha256(members).hexdigest()}


def test_a_sealed_entry_carries_the_member_of_its_seal_and_verifies(tmp_path: Path):
    registry = a_registry()
    Programs(registry, tmp_path).register(label="1.0.0")
    registry.context = registry.context.acting_as(Caller("bob", seal=a_seal))
    entry = registry.promote("qa@1.0.0").entry
    assert entry is not None
    *_, line = (json.loads(line) for line in registry.lines())
    sealed, _, rest = json.dumps(line, separators=(",", ":")).partition(',"sig":')
    assert line["actor"] == "bob"
    assert line["sig"] == a_seal(sealed[1:].encode())["sig"]
    assert rest.partition(",")[2].startswith('"seq":2,')
    assert registry.verify().problems == ()
    assert registry.log(seq=2)[0] == entry


def test_a_seal_cannot_replace_a_member_of_an_entry(tmp_path: Path):
    registry = a_registry()
    Programs(registry, tmp_path).register(label="1.0.0")
    registry.context = registry.context.acting_as(Caller("bob", seal=lambda _: {"actor": "ada"}))
    with pytest.raises(ValueError, match="actor"):
        registry.promote("qa@1.0.0")
    assert len(registry.log()) == 1


def test_entries_have_the_operation_id_of_their_caller(tmp_path: Path):
    registry = a_registry()
    Programs(registry, tmp_path).register(label="1.0.0")
    mine = Registry(registry.context.acting_as(Caller("bob", operation_id="0123456789abcdef")))
    entry = mine.promote("qa@1.0.0").entry
    assert entry is not None
    assert (entry.actor, entry.operation_id) == ("bob", "0123456789abcdef")
    assert registry.score("qa@1.0.0", {"em": 1}).entry.operation_id != entry.operation_id  # type: ignore[union-attr]


def test_a_registry_acting_as_another_person_shares_the_log(tmp_path: Path):
    registry = a_registry()
    Programs(registry, tmp_path).register(label="1.0.0")
    entry = registry.acting_as("Bob ", origin={"request": "17"}).promote("qa@1.0.0").entry
    assert entry is not None
    assert (entry.actor, entry.context["request"], entry.context["claimed"]) == ("Bob", "17", True)
    assert registry.log()[0] == entry
    assert registry.actor != "Bob"


def test_an_authenticated_actor_is_not_claimed(tmp_path: Path):
    registry = a_registry()
    Programs(registry, tmp_path).register(label="1.0.0")
    entry = registry.acting_as("bob", claimed=False).promote("qa@1.0.0").entry
    assert entry is not None
    assert "claimed" not in entry.context


def test_acting_as_nobody_is_a_usage_error():
    with pytest.raises(UsageError):
        a_registry().acting_as("")
