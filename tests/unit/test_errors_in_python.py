"""Hints are written once, and name Python arguments in Python."""

from __future__ import annotations

import pickle
import traceback
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_program

from dspyreg.errors import Conflict, NotFound, Refused, UsageError

if TYPE_CHECKING:
    from dspyreg.registry.facade.registry import Registry


@pytest.mark.parametrize(
    ("command", "python"),
    [
        ("--force --reason=WHY overrides it", "force=True, reason=WHY overrides it"),
        ("--select=aggressive takes it", "select='aggressive' takes it"),
        ("--version=1.2.0", "version='1.2.0'"),
        ("--env=NAME: eu, us", "environment=NAME: eu, us"),
        ('--operation-id="$RUN"', 'operation_id="$RUN"'),
        ("`dspyreg trust --place --store x`", "`dspyreg trust --place --store x`"),
        ("make room", "make room"),
    ],
)
def test_a_hint_about_an_option_names_the_keyword_argument_in_python(command: str, python: str):
    error = UsageError("no", hint=command)
    assert (error.command_hint, error.hint) == (command, python)


def test_an_error_without_a_hint_has_none():
    assert UsageError("no").hint is None


def test_refusals_name_the_python_arguments_to_pass(registry: Registry, programs: Programs):
    programs.register(content=a_program())
    with pytest.raises(Refused) as error:
        programs.register(content=a_program())
    assert error.value.hint == "version=LABEL or force=True registers it again"
    with pytest.raises(Conflict) as conflict:
        programs.register(label="1.0.0", content=a_program())
    assert conflict.value.hint == "exist_ok=True accepts that"
    with pytest.raises(UsageError) as usage:
        registry.promote("qa@1.0.0", force=True)
    assert usage.value.hint == "force=True, reason=WHY"


def test_an_error_survives_pickling():
    error = NotFound("version", "9.9.9 of qa", hint="log-ends", last=3)
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.hint, copy.facts) == (str(error), error.hint, error.facts)
    assert (copy.kind, copy.exit_code) == ("version", 3)


def test_a_traceback_shows_the_hint():
    error = UsageError("actor-unknown")
    shown = "".join(traceback.format_exception(error))
    assert "cannot determine the actor\nhint: actor=NAME or DSPYREG_ACTOR\n" in shown
