"""Differences between schemas, the same in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from dspyreg.compare.schema import Fact, SchemaKind, facts

TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
NOTHING = {"type": "null"}


def an_object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def one_of(*values: Any, type: str = "string") -> dict[str, Any]:  # noqa: A002
    return {"enum": list(values), "type": type}


def any_of(*members: Any) -> dict[str, Any]:
    return {"anyOf": list(members)}


def a_list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


W, N, R = SchemaKind.WIDENED, SchemaKind.NARROWED, SchemaKind.RETYPED
LOST, GAINED, NEEDED = SchemaKind.LOST, SchemaKind.GAINED, SchemaKind.GAINED_REQUIRED

TABLE: dict[str, tuple[Any, Any, list[tuple[SchemaKind, str]]]] = {
    "another type": (TEXT, WHOLE, [(R, "")]),
    "whole numbers become numbers": (WHOLE, NUMBER, [(W, "")]),
    "anything becomes a text": ({}, TEXT, [(N, "")]),
    "one more value": (one_of("a"), one_of("a", "b"), [(W, "")]),
    "one value fewer": (one_of("a", "b"), one_of("b"), [(N, "")]),
    "one value for another": (one_of("a", "b"), one_of("a", "c"), [(W, ""), (N, "")]),
    "no value in common": (one_of("a"), one_of("b"), [(R, "")]),
    "a constant becomes one of two": ({"const": "a"}, one_of("a", "b"), [(W, "")]),
    "values become any text": (one_of("a", "b"), TEXT, [(W, "")]),
    "numbers as values become any number": (one_of(1, 2.5), NUMBER, [(W, "")]),
    "values become another type": (one_of("a"), WHOLE, [(R, "")]),
    "may be null": (TEXT, any_of(TEXT, NOTHING), [(W, "")]),
    "may no longer be null": (any_of(TEXT, NOTHING), TEXT, [(N, "")]),
    "may be null, in one word": (TEXT, {"type": ["string", "null"]}, [(W, "")]),
    "one more member": (any_of(TEXT, WHOLE), any_of(TEXT, WHOLE, NOTHING), [(W, "")]),
    "the other half of a union": (any_of(TEXT, NOTHING), any_of(WHOLE, NOTHING), [(R, "")]),
    "below an optional object": (
        any_of(an_object(a=TEXT), NOTHING),
        any_of(an_object(a=TEXT, b=TEXT), NOTHING),
        [(GAINED, ".b")],
    ),
    "a list of something else": (a_list(TEXT), a_list(WHOLE), [(R, "[]")]),
    "a list of anything": (a_list(TEXT), {"type": "array"}, [(W, "[]")]),
    "a list becomes a set": (a_list(TEXT), {**a_list(TEXT), "uniqueItems": True}, [(R, "")]),
    "a pair of other things": (
        {"type": "array", "prefixItems": [TEXT, TEXT]},
        {"type": "array", "prefixItems": [TEXT, WHOLE]},
        [(R, "")],
    ),
    "a property more": (an_object(a=TEXT), an_object(a=TEXT, b=TEXT), [(GAINED, ".b")]),
    "a required property more": (
        an_object(a=TEXT),
        an_object("b", a=TEXT, b=TEXT),
        [(NEEDED, ".b")],
    ),
    "a property lost": (an_object("a", a=TEXT, b=TEXT), an_object("a", a=TEXT), [(LOST, ".b")]),
    "a property of another type": (an_object(a=TEXT), an_object(a=WHOLE), [(R, ".a")]),
    "a property no longer required": (an_object("a", a=TEXT), an_object(a=TEXT), [(W, ".a")]),
    "a property required": (an_object(a=TEXT), an_object("a", a=TEXT), [(N, ".a")]),
    "deep inside": (
        an_object(a=a_list(an_object(b=one_of("x")))),
        an_object(a=a_list(an_object(b=one_of("x", "y")))),
        [(W, ".a[].b")],
    ),
    "no further properties": (
        an_object(a=TEXT),
        {**an_object(a=TEXT), "additionalProperties": False},
        [(N, "")],
    ),
    "a mapping to something else": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": WHOLE},
        [(R, "{}")],
    ),
    "an object without known properties": (an_object(a=TEXT), {"type": "object"}, [(R, "")]),
    "a limit where there was none": (TEXT, {**TEXT, "maxLength": 5}, [(N, "")]),
    "a higher floor": ({**WHOLE, "minimum": 1}, {**WHOLE, "minimum": 2}, [(N, "")]),
    "a higher ceiling": ({**WHOLE, "maximum": 1}, {**WHOLE, "maximum": 2}, [(W, "")]),
    "a text that is a date": (TEXT, {**TEXT, "format": "date"}, [(R, "")]),
}


@pytest.mark.parametrize("case", TABLE)
def test_schema_differences_are_reported(case: str):
    old, new, expected = TABLE[case]
    assert facts(old, new) == [Fact(*each) for each in expected]


MIRROR = {W: {N}, N: {W}, R: {R}, LOST: {GAINED, NEEDED}, GAINED: {LOST}, NEEDED: {LOST}}


def assert_mirrored(old: Any, new: Any) -> None:
    there, back = facts(old, new), facts(new, old)
    assert len(there) == len(back)
    for fact in there:
        assert any(other.kind in MIRROR[fact.kind] and other.path == fact.path for other in back)


@pytest.mark.parametrize("case", TABLE)
def test_a_schema_widened_one_way_is_narrowed_the_other_way(case: str):
    old, new, _ = TABLE[case]
    assert_mirrored(old, new)


def test_annotations_are_ignored():
    annotated = {
        **TEXT,
        "title": "Answer",
        "description": "short",
        "default": "",
        "examples": ["x"],
    }
    assert facts(TEXT, annotated) == []


def test_a_property_can_be_named_title():
    assert facts(an_object(title=TEXT), an_object()) == [Fact(LOST, ".title")]


def test_a_reference_equals_its_target():
    named = {"$ref": "#/$defs/Item", "$defs": {"Item": an_object(a=TEXT)}}
    assert facts(named, an_object(a=TEXT)) == []


def test_a_renamed_definition_is_the_same_schema():
    old = {"$ref": "#/$defs/Item", "$defs": {"Item": an_object(a=TEXT)}}
    new = {"$ref": "#/$defs/Thing", "$defs": {"Thing": an_object(a=TEXT)}}
    assert facts(old, new) == []


def a_tree(name: str, **more: Any) -> dict[str, Any]:
    below = a_list({"$ref": f"#/$defs/{name}"})
    node = an_object(left=below, right=below, other=below, more=below, **more)
    return {"$ref": f"#/$defs/{name}", "$defs": {name: node}}


def test_a_recursive_schema_is_compared():
    assert facts(a_tree("Tree"), a_tree("Node")) == []
    assert facts(a_tree("Tree"), a_tree("Tree", value=TEXT)) == [Fact(GAINED, ".value")]


@pytest.mark.parametrize("odd", [None, True, 3, "string", [], {"$ref": 3}, {"properties": 3}])
def test_values_that_are_not_schemas_are_compared(odd: Any):
    assert facts(odd, odd) == []
    assert facts(odd, TEXT)
