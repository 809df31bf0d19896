"""The contents of a pickle, listed without executing it."""

from __future__ import annotations

import decimal
import pickle
from email.message import Message

import pytest
from hypothesis import given

import dspyreg
from dspyreg.formats import pickles


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_modules_outside_python_and_dspy_are_listed(protocol: int):
    value = [given, dspyreg.RegistryError, decimal.Decimal, Message, given]
    data = pickle.dumps(value, protocol)
    assert pickles.contents(data).modules == ("dspyreg.errors", "hypothesis.core")


def test_a_module_referenced_through_the_memo_is_listed():
    data = pickle.dumps([given, "hypothesis.core", "example", dspyreg.RegistryError])
    named = pickle.dumps(["hypothesis.core", given])
    assert pickles.contents(data).modules == ("dspyreg.errors", "hypothesis.core")
    assert pickles.contents(named).modules == ("hypothesis.core",)


def test_texts_in_a_pickle_are_not_listed_as_modules():
    assert pickles.contents(pickle.dumps(["mysigs", "QA", b"mysigs"])).modules == ()


@pytest.mark.parametrize("data", [b"", b"\x80\x05", b"nonsense", b"\x93.", b"h\x00\x93."])
def test_a_broken_pickle_is_a_value_error_or_lists_no_modules(data: bytes):
    try:
        assert pickles.contents(data).modules == ()
    except ValueError:
        return
