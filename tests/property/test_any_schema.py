"""Properties of compare/schema, for any value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.compare.schema import SchemaKind, facts

TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


NOTHING = {"type": "null"}


def an_object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def any_of(*members: Any) -> dict[str, Any]:
    return {"anyOf": list(members)}


def a_list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


W, N, R = SchemaKind.WIDENED, SchemaKind.NARROWED, SchemaKind.RETYPED


LOST, GAINED, NEEDED = SchemaKind.LOST, SchemaKind.GAINED, SchemaKind.GAINED_REQUIRED


MIRROR = {W: {N}, N: {W}, R: {R}, LOST: {GAINED, NEEDED}, GAINED: {LOST}, NEEDED: {LOST}}


def assert_mirrored(old: Any, new: Any) -> None:
    there, back = facts(old, new), facts(new, old)
    assert len(there) == len(back)
    for fact in there:
        assert any(other.kind in MIRROR[fact.kind] and other.path == fact.path for other in back)


PLAIN = st.sampled_from([{}, TEXT, WHOLE, NUMBER, NOTHING, {"type": "boolean"}])


VALUES = st.lists(st.sampled_from(["a", "b", 1, 2.5, None, True]), min_size=1, unique_by=repr)


NAMES = st.sampled_from(["a", "b", "title", "description"])


def _objects(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(NAMES, schemas, max_size=3)
    return st.builds(
        lambda some, needed: an_object(*[n for n in some if n in needed], **some),
        properties,
        st.sets(NAMES),
    )


SCHEMAS = st.recursive(
    PLAIN | st.builds(lambda values: {"enum": values}, VALUES),
    lambda schemas: (
        _objects(schemas)
        | st.builds(a_list, schemas)
        | st.builds(any_of, schemas, schemas)
        | st.builds(lambda s: {"type": "object", "additionalProperties": s}, schemas)
    ),
    max_leaves=6,
)


@given(SCHEMAS)
def test_a_schema_does_not_differ_from_itself(schema: Any):
    assert facts(schema, schema) == []


@given(SCHEMAS, SCHEMAS)
def test_schema_differences_are_symmetric(old: Any, new: Any):
    assert_mirrored(old, new)
