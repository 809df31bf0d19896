"""In whose name a registry is changed."""

from __future__ import annotations

import pytest
from builders import Clock

from dspyreg.backends import memory
from dspyreg.errors import UsageError
from dspyreg.registry.context import Caller, Context
from dspyreg.registry.facade.registry import Registry


def nobody() -> str:
    raise UsageError("nobody knows who you are")


def test_who_only_reads_is_not_asked_for_a_name():
    registry = Registry(Context(memory.create(), Caller(nobody), clock=Clock()))
    assert not registry.versions().texts


def test_who_changes_something_is_asked_first():
    registry = Registry(Context(memory.create(), Caller(nobody), clock=Clock()))
    with pytest.raises(UsageError, match="nobody knows"):
        registry.promote("not there")


def test_nobody_is_asked_twice():
    names = iter(["ada"])
    registry = Registry(Context(memory.create(), Caller(lambda: next(names)), clock=Clock()))
    assert (registry.actor, registry.actor) == ("ada", "ada")
