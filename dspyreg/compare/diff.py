"""What differs between two programs, part by part."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.formats.normal import without_credentials, without_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dspyreg.formats.normal import FieldText, Predictor, Program

ADDED, REMOVED, CHANGED, SAME = "added", "removed", "changed", "same"


class TextChange(NamedTuple):
    """A text before and after; None where there is none."""

    old: str | None
    new: str | None


class ValueChange(NamedTuple):
    """A member before and after; None where there is none."""

    key: str
    old: Any
    new: Any


class FieldChange(NamedTuple):
    """The text of the field at one place of the signature, before and after."""

    place: int
    old: FieldText | None
    new: FieldText | None


class DemoChange(NamedTuple):
    """A demo that came, went, was edited or moved. ``kind`` says which; ``augmented`` whether an
    optimizer made it, and did not find it labelled.
    """

    kind: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    augmented: bool


class PredictorDiff(NamedTuple):
    """What differs in one predictor; parts that are the same are empty or None."""

    name: str
    change: str
    instructions: TextChange | None = None
    fields: tuple[FieldChange, ...] = ()
    demos: tuple[DemoChange, ...] = ()
    lm: tuple[ValueChange, ...] = ()
    settings: tuple[ValueChange, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The predictor object of ``--json``."""
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
            "lm": [change._asdict() for change in self.lm],
            "settings": [change._asdict() for change in self.settings],
        }


def predictors(old: Program, new: Program) -> tuple[PredictorDiff, ...]:
    """Return what differs in each predictor, in the order of the new program, removed ones last."""
    before = {predictor.name: predictor for predictor in old.predictors}
    after = {predictor.name: predictor for predictor in new.predictors}
    kept = [_predictor(before.get(name), predictor) for name, predictor in after.items()]
    gone = [_predictor(before[name], None) for name in before if name not in after]
    return (*kept, *gone)


def _predictor(old: Predictor | None, new: Predictor | None) -> PredictorDiff:
    known = new or old
    assert known is not None  # noqa: S101 - one of the two is there
    found = PredictorDiff(
        name=known.name,
        change=CHANGED,
        instructions=_text(old.instructions if old else None, new.instructions if new else None),
        fields=_fields(old.fields if old else (), new.fields if new else ()),
        demos=_demos(old.demos if old else (), new.demos if new else ()),
        lm=_members(old.lm if old else None, new.lm if new else None),
        settings=values(old.settings if old else {}, new.settings if new else {}),
    )
    if old is None or new is None:
        return found._replace(change=REMOVED if new is None else ADDED)
    same = found == found._replace(instructions=None, fields=(), demos=(), lm=(), settings=())
    return found._replace(change=SAME) if same and old.more == new.more else found


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
    return () if before == after else (ValueChange("lm", before, after),)


def values(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ValueChange, ...]:
    """Return the members that differ between two mappings, by key."""
    keys = sorted(old.keys() | new.keys())
    return tuple(
        ValueChange(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)
    )


def _demos(old: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]]) -> tuple[DemoChange, ...]:
    """Demos are a set keyed by content; what is left over is paired by the values they share."""
    before, after = _keyed(old), _keyed(new)
    gone = [demo for key, demo in before.items() if key not in after]
    come = [demo for key, demo in after.items() if key not in before]
    found: list[DemoChange] = []
    for demo in list(come):
        twin = _twin(demo, gone)
        if twin is not None:
            gone.remove(twin)
            come.remove(demo)
            found.append(_change("edited", twin, demo))
    found += [_change(ADDED, None, demo) for demo in come]
    found += [_change(REMOVED, demo, None) for demo in gone]
    found += [_change("moved", after[key], after[key]) for key in _moved(before, after)]
    return tuple(found)


def _keyed(demos: Iterable[dict[str, Any]]) -> dict[bytes, dict[str, Any]]:
    return {_key(demo): without_marks(demo) for demo in demos}


def _key(demo: dict[str, Any]) -> bytes:
    return repr(sorted(without_marks(demo).items(), key=lambda pair: pair[0])).encode(
        errors="surrogatepass"
    )


def _change(kind: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> DemoChange:
    return DemoChange(kind, old, new, bool((new or old or {}).get("augmented")))


def _twin(demo: dict[str, Any], others: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The demo that begins as this one does: its first field is what the example is about."""
    first = next((item for item in demo.items() if item[0] != "augmented"), None)
    return next((other for other in others if first in list(other.items())), None)


def _moved(before: dict[bytes, Any], after: dict[bytes, Any]) -> list[bytes]:
    """The fewest demos that must change places to get from one order to the other."""
    old = [key for key in before if key in after]
    new = [key for key in after if key in before]
    kept: set[bytes] = set()
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept.update(new[block.b : block.b + block.size])
    return [key for key in new if key not in kept]


def words(old: str, new: str) -> list[tuple[str, str]]:
    """Return the words of two texts as (``same`` | ``removed`` | ``added``, text) in order."""
    a, b = _split(old), _split(new)
    found: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append((SAME, "".join(a[i:j])))
            continue
        if j > i:
            found.append((REMOVED, "".join(a[i:j])))
        if m > k:
            found.append((ADDED, "".join(b[k:m])))
    return found


def _split(text: str) -> list[str]:
    import re

    return re.findall(r"\s+|[^\s]+", text)
