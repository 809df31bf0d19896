"""The differences between two programs, part by part."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.formats.normal import same, without_credentials, without_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dspyreg.formats.normal import FieldText, Predictor, Program

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"
EDITED, MOVED = "edited", "moved"
_MAX_PAIRS: Final = 4_000_000
_WORD = re.compile(r"\s*\S+|\s+\Z")


class TextChange(NamedTuple):
    """A text before and after; None if it is missing."""

    old: str | None
    new: str | None


class ValueChange(NamedTuple):
    """A member before and after; None if it is missing."""

    key: str
    old: Any
    new: Any


class FieldChange(NamedTuple):
    """The texts of the field at one position of the signature, before and after."""

    place: int
    old: FieldText | None
    new: FieldText | None


class DemoChange(NamedTuple):
    """A demo that was added, removed, edited or moved, as ``kind`` says.

    ``augmented`` demos were made by an optimizer; the others are labelled examples.
    """

    kind: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    augmented: bool


class PredictorDiff(NamedTuple):
    """The differences in one predictor. Equal parts are empty or None."""

    name: str
    change: str
    instructions: TextChange | None = None
    fields: tuple[FieldChange, ...] = ()
    demos: tuple[DemoChange, ...] = ()
    lm: tuple[ValueChange, ...] = ()
    settings: tuple[ValueChange, ...] = ()
    more: tuple[ValueChange, ...] = ()
    demos_kept: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the predictor object of ``--json``."""
        return {
            "name": self.name,
            "change": self.change,
            "instructions": self.instructions._asdict() if self.instructions else None,
            "fields": [
                {
                    "place": field.place,
                    "old": field.old._asdict() if field.old else None,
                    "new": field.new._asdict() if field.new else None,
                }
                for field in self.fields
            ],
            "demos": [demo._asdict() for demo in self.demos],
            "demos_kept": self.demos_kept,
            "lm": [change._asdict() for change in self.lm],
            "settings": [change._asdict() for change in self.settings],
            "more": [change._asdict() for change in self.more],
        }


def predictors(old: Program, new: Program) -> tuple[PredictorDiff, ...]:
    """Return the differences by predictor, in the order of the new program, removed ones last."""
    before = {predictor.name: predictor for predictor in old.predictors}
    after = {predictor.name: predictor for predictor in new.predictors}
    kept = [_predictor(before.get(name), predictor) for name, predictor in after.items()]
    gone = [_predictor(before[name], None) for name in before if name not in after]
    return (*kept, *gone)


def _predictor(old: Predictor | None, new: Predictor | None) -> PredictorDiff:
    known = new or old
    assert known is not None  # noqa: S101 - one of the two is there
    demos, kept = _demos(old.demos if old else (), new.demos if new else ())
    diff = PredictorDiff(
        name=known.name,
        change=CHANGED,
        instructions=_text(old.instructions if old else None, new.instructions if new else None),
        fields=_fields(old.fields if old else (), new.fields if new else ()),
        demos=demos,
        demos_kept=kept,
        lm=_members(old.lm if old else None, new.lm if new else None),
        settings=values(old.settings if old else {}, new.settings if new else {}),
        more=values(old.more if old else {}, new.more if new else {}),
    )
    if old is None or new is None:
        return diff._replace(change=REMOVED if new is None else ADDED)
    return diff if any(diff[2:-1]) else diff._replace(change=SAME)


def _text(old: str | None, new: str | None) -> TextChange | None:
    return None if old == new else TextChange(old, new)


def _fields(old: Sequence[FieldText], new: Sequence[FieldText]) -> tuple[FieldChange, ...]:
    places = range(max(len(old), len(new)))
    pairs = (
        (n, old[n] if n < len(old) else None, new[n] if n < len(new) else None) for n in places
    )
    return tuple(FieldChange(n, a, b) for n, a, b in pairs if a != b)


def _members(old: Any, new: Any) -> tuple[ValueChange, ...]:
    before, after = without_credentials(old), without_credentials(new)
    if isinstance(before, dict | None) and isinstance(after, dict | None):
        return values(before or {}, after or {})
    return () if same(before, after) else (ValueChange("lm", before, after),)


def values(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ValueChange, ...]:
    """Return the members that differ between two mappings, by key."""
    keys = sorted(old.keys() | new.keys())
    changes = (ValueChange(key, old.get(key), new.get(key)) for key in keys)
    return tuple(change for change in changes if not _same_member(change, old, new))


def _same_member(change: ValueChange, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return (change.key in old) is (change.key in new) and same(change.old, change.new)


def _demos(
    old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]
) -> tuple[tuple[DemoChange, ...], int]:
    """Return the changes of demos, and the number of unchanged ones.

    Demos are a set keyed by content. An old and a new demo with the same first field are one that
    was edited.
    """
    before, after = _keyed(old), _keyed(new)
    gone = {key: demo for key, demo in before.items() if key not in after}
    come = {key: demo for key, demo in after.items() if key not in before}
    moved = _moved([key for key in before if key in after], [key for key in after if key in before])
    edited = [_change(EDITED, gone.pop(a), come.pop(b)) for a, b in _same_beginning(gone, come)]
    changes = (
        *edited,
        *(_change(ADDED, None, demo) for demo in come.values()),
        *(_change(REMOVED, demo, None) for demo in gone.values()),
        *(_change(MOVED, after[key], after[key]) for key in moved),
    )
    return changes, len(after) - len(come) - len(edited) - len(moved)


_Key = tuple[str, int]


def _keyed(demos: Iterable[dict[str, Any]]) -> dict[_Key, dict[str, Any]]:
    """Return the demos by their content and a counter among equal ones."""
    keyed: dict[_Key, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    for demo in map(without_marks, demos):
        key = json.dumps(demo, sort_keys=True)
        counts[key] = counts.get(key, 0) + 1
        keyed[key, counts[key]] = demo
    return keyed


def _change(kind: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> DemoChange:
    return DemoChange(kind, old, new, bool((new or old or {}).get("augmented")))


def _same_beginning(
    gone: Mapping[_Key, dict[str, Any]], come: Mapping[_Key, dict[str, Any]]
) -> list[tuple[_Key, _Key]]:
    """Return pairs of demos with the same first field: it is the subject of an example."""
    by_beginning: dict[str, list[_Key]] = {}
    for key, demo in reversed(list(gone.items())):
        by_beginning.setdefault(_beginning(demo), []).append(key)
    matches = ((by_beginning.get(_beginning(demo)), key) for key, demo in come.items() if demo)
    return [(keys.pop(), key) for keys, key in matches if keys]


def _beginning(demo: dict[str, Any]) -> str:
    return json.dumps(next((item for item in demo.items() if item[0] != "augmented"), None))


def _moved(old: list[_Key], new: list[_Key]) -> list[_Key]:
    """Return the smallest set of keys that must move to get from one order to the other.

    These are all but a longest increasing subsequence of the old positions (patience sorting).
    """
    position = {key: n for n, key in enumerate(old)}
    ends: list[int] = []
    lengths: list[int] = []
    for key in new:
        at = bisect_left(ends, position[key])
        ends[at : at + 1] = [position[key]]
        lengths.append(at)
    kept, next_length, low = set[_Key](), len(ends) - 1, len(old)
    for key, length in zip(reversed(new), reversed(lengths), strict=True):
        if length == next_length and position[key] < low:
            kept.add(key)
            low, next_length = position[key], next_length - 1
    return [key for key in new if key not in kept]


def words(old: str, new: str) -> list[tuple[str, str]]:
    """Return the words of two texts as (``same`` | ``removed`` | ``added``, text) in order."""
    parts: list[tuple[str, str]] = []
    for kind, run in runs(_WORD.findall(old), _WORD.findall(new)):
        text = "".join(run)
        if kind == ADDED and parts and parts[-1][0] == REMOVED:
            before = parts.pop()[1]
            blank = _common_blank(before, text)
            parts += [(SAME, blank), (REMOVED, before[len(blank) :]), (ADDED, text[len(blank) :])]
        else:
            parts.append((kind, text))
    return [(kind, text) for kind, text in parts if text]


def _common_blank(a: str, b: str) -> str:
    """Return the white space that two texts both begin with; nothing if one of them is empty."""
    pairs = enumerate(zip(a, b, strict=False))
    return a[: next((n for n, (x, y) in pairs if x != y or not x.isspace()), 0)]


def runs(a: list[str], b: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the same, removed and added runs between two lists of words or lines, in order.

    Equal items at both ends are split off first. If many thousands remain, they are not compared
    but replaced as one run.
    """
    head = _common_length(a, b)
    tail = _common_length(a[head:][::-1], b[head:][::-1])
    yield SAME, a[:head]
    yield from _between(a[head : len(a) - tail], b[head : len(b) - tail])
    yield SAME, a[len(a) - tail :]


def _common_length(a: list[str], b: list[str]) -> int:
    """Return the length of the common beginning of two lists."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((n for n, (x, y) in pairs if x != y), min(len(a), len(b)))


def _between(a: list[str], b: list[str]) -> Iterator[tuple[str, list[str]]]:
    if len(a) * len(b) > _MAX_PAIRS:
        yield from ((REMOVED, a), (ADDED, b))
        return
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield SAME, a[i:j]
        else:
            yield from ((REMOVED, a[i:j]), (ADDED, b[k:m]))
