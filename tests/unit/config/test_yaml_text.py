"""YAML that the loader does not accept."""

import re

import pytest
from documents import refusal

from dspyreg.config.document import read
from dspyreg.config.value import (
    DEFAULT,
)
from dspyreg.config.yaml_text import CONFIGURATION


def test_a_billion_laughs_document_is_refused_at_its_first_anchor():
    laughs = "a: &a [lol]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert str(refusal(laughs)).startswith("line 1: anchors and aliases are not accepted")


@pytest.mark.parametrize("text", ["stages: *a", "stages: &a {}", "&a stages: {}", "&a {}"])
def test_anchors_and_aliases_are_refused(text):
    assert "anchors and aliases" in str(refusal(text))


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!x", "!", "!!str"]
)
def test_tags_are_refused(tag):
    assert "tags such as" in str(refusal(f"metrics:\n  primary: {tag} x\n"))


@pytest.mark.parametrize("text", ["<<: {format: 1}", "stages:\n  <<: [{a: }, {b: }]\n"])
def test_merge_keys_are_refused(text):
    assert "merge keys" in str(refusal(text))


def test_a_second_document_is_refused():
    assert str(refusal("format: 1\n---\nformat: 1\n")).startswith("line 2: a second document")


@pytest.mark.parametrize("open_", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_an_extremely_nested_document_is_refused(open_):
    assert "nested more than" in str(refusal(open_ * 100_000))


def test_a_document_above_one_mebibyte_is_refused():
    assert "larger than 1 MiB" in str(refusal("#" * (CONFIGURATION.bytes + 1)))


def test_the_size_of_a_document_is_counted_in_bytes():
    assert "larger than 1 MiB" in str(refusal("#" + "é" * (CONFIGURATION.bytes // 2)))


def test_a_document_of_exactly_one_mebibyte_is_read():
    assert read("#" * CONFIGURATION.bytes) == DEFAULT


def test_a_document_with_too_many_values_is_refused():
    assert "more than 20000" in str(refusal("- a\n" * (CONFIGURATION.bytes // 4)))


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\ud800", "\ufffe"])
def test_a_control_character_is_refused_with_its_line(character):
    assert str(refusal(f"metrics:\n  primary: a{character}\n")).startswith("line 2: the character")


@pytest.mark.parametrize(
    "text", ["\n\tformat: 1", "\nformat: 1: 2", "\n[", "\n]", '\nformat: "', "\n%YAML 3.0\n---\n"]
)
def test_invalid_yaml_is_refused_with_its_line(text):
    assert re.match("line [23]: not YAML: ", str(refusal(text)))


@pytest.mark.parametrize(
    "text", ['"\\U00110000"', '"\\UFFFFFFFF"', f"%YAML 1.{'9' * 5000}\n---\n", "!%FF%FE x"]
)
def test_yaml_that_crashes_the_parser_is_refused_as_invalid(text):
    assert "not YAML" in str(refusal(text))
