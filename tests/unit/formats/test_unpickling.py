"""A pickled state may hold examples, dates and containers; anything else is refused."""

from __future__ import annotations

import collections
import datetime
import json
import os
import pickle
import pickletools
from decimal import Decimal
from typing import Any

import pytest

from dspyreg.formats import unpickling
from dspyreg.formats.document import NotAState


class Runs:
    """Calls something when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


def test_plain_pickled_values_are_read():
    state = {
        "x": {
            "demos": [{"when": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)}],
            "train": (1, 2.5, None, b"x", Decimal("1.5"), {"a"}, frozenset({"b"})),
            "more": collections.OrderedDict(a=[datetime.date(2026, 1, 2)]),
        }
    }
    assert unpickling.loads(pickle.dumps(state)) == state


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "hostile",
    [
        Runs(os.system, "true"),
        Runs(eval, "1"),
        Runs(getattr, "", "join"),
        Runs(__import__, "os"),
        Runs(bytearray, 10),
        collections.Counter("a"),
    ],
    ids=["system", "eval", "getattr", "import", "bytearray", "class"],
)
def test_any_other_global_in_a_pickle_is_refused(protocol: int, hostile: Any):
    with pytest.raises(NotAState, match="it would import"):
        unpickling.loads(pickle.dumps({"x": hostile}, protocol))


def test_the_allowed_classes_cannot_be_modified_by_a_pickle():
    # The state of an instance, applied to the class of our stand-in.
    data = b"cdspy.primitives.example\nExample\n}(V__reduce__\nV1\nub."
    assert list(pickletools.genops(data))  # it is well formed
    with pytest.raises(NotAState):
        unpickling.loads(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"not a pickle",
        pickle.dumps([1]),
        pickle.dumps({1: 2}),
        pickle.dumps({"x": 1})[:-3],
        b"\x80\x04\x8a\xff.",
    ],
)
def test_a_pickle_that_is_not_a_mapping_is_refused(data: bytes):
    with pytest.raises(NotAState):
        unpickling.loads(data)


def test_a_recursive_pickle_is_refused():
    state: dict[str, Any] = {"x": {"demos": []}}
    state["x"]["demos"].append(state)
    with pytest.raises(NotAState):
        unpickling.loads(pickle.dumps(state))


@pytest.mark.parametrize("as_member", [b"\x8f(h\x01\x90", b"(h\x01K\x01d"], ids=["set", "dict"])
def test_a_tuple_as_key_or_set_member_is_refused(as_member: bytes):
    tuples = b"".join(b"h\x01h\x01\x86\x94q\x01" for _ in range(100))
    data = b"\x80\x04}(X\x01\x00\x00\x00x)q\x01" + tuples + as_member + b"u."
    with pytest.raises(NotAState, match="tuple cannot be a key"):
        unpickling.loads(data)


def test_dates_become_text_and_sets_become_lists_in_json():
    demo = {"on": datetime.date(2026, 1, 2), "of": {"b", "a"}, "how": (1, Decimal("1.50"))}
    text = unpickling.as_json(pickle.dumps({"x": {"demos": [demo]}}))
    assert json.loads(text)["x"]["demos"] == [
        {"on": "2026-01-02", "of": ["a", "b"], "how": [1, "1.50"]}
    ]


@pytest.mark.parametrize("odd", ["\ud800", {(b"a"): 1}, {datetime.date(2026, 1, 2): 1}])
def test_values_that_json_cannot_express_are_refused(odd: Any):
    with pytest.raises(NotAState, match="JSON cannot express"):
        unpickling.as_json(pickle.dumps({"x": {"demos": [{"q": odd}]}}))
