"""A pickled state may hold examples, dates and containers; anything else is refused."""

from __future__ import annotations

import collections
import datetime
import os
import pickle
import pickletools
from decimal import Decimal
from typing import Any

import pytest

from dspyreg.formats.document import NotAState
from dspyreg.integrations import unpickling


class Runs:
    """Calls something when it is unpickled."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


def test_plain_values_come_back():
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
def test_any_other_name_is_refused(protocol: int, hostile: Any):
    with pytest.raises(NotAState, match="it would import"):
        unpickling.loads(pickle.dumps({"x": hostile}, protocol))


def test_the_harmless_names_cannot_be_changed():
    # The class of our own stand-in, given a state as if it were an instance.
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
def test_what_is_no_pickled_mapping_is_refused(data: bytes):
    with pytest.raises(NotAState):
        unpickling.loads(data)


def test_a_pickle_that_holds_itself_is_refused():
    state: dict[str, Any] = {"x": {"demos": []}}
    state["x"]["demos"].append(state)
    with pytest.raises(NotAState):
        unpickling.loads(pickle.dumps(state))
