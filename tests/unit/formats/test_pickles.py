"""What a pickle holds, listed without executing it."""

from __future__ import annotations

import decimal
import pickle
from email.message import Message

import pytest
from hypothesis import given

import dspyreg
from dspyreg.formats import pickles


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_the_modules_that_neither_python_nor_dspy_brings_along_are_named(protocol: int):
    value = [given, dspyreg.RegistryError, decimal.Decimal, Message, given]
    data = pickle.dumps(value, protocol)
    assert pickles.contents(data).modules == ("dspyreg.errors", "hypothesis.core")


def test_a_module_that_was_named_before_is_known_again():
    data = pickle.dumps([given, "hypothesis.core", "example", dspyreg.RegistryError])
    named = pickle.dumps(["hypothesis.core", given])
    assert pickles.contents(data).modules == ("dspyreg.errors", "hypothesis.core")
    assert pickles.contents(named).modules == ("hypothesis.core",)


def test_texts_are_no_modules():
    assert pickles.contents(pickle.dumps(["mysigs", "QA", b"mysigs"])).modules == ()


@pytest.mark.parametrize("data", [b"", b"\x80\x05", b"nonsense", b"\x93.", b"h\x00\x93."])
def test_a_broken_one_is_an_error_or_names_nothing(data: bytes):
    try:
        assert pickles.contents(data).modules == ()
    except ValueError:
        return
