"""Taking very many lines into an index: see ``follow``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.store import fast_json
from dspyreg.store.follow import Follow
from dspyreg.store.index_state import IndexState

if TYPE_CHECKING:
    from dspyreg.model.line import Line


class _Read(IndexState):
    """The state, where very many values are read."""

    value_of = staticmethod(fast_json.value_of)


class FollowMany(Follow):
    """A pass over many new lines."""

    loads = staticmethod(fast_json.loads)

    def read(self, line: Line) -> None:
        """Note what an entry says; one that is not spelled as usual is left to ``Follow``."""
        found = fast_json.told_by(line.data, line.seq)
        if found is None:
            super().read(line)
            return
        told, rows = found
        whose = (told.actor, told.program, told.operation, told.operation_id)
        undoable = sum(not name.startswith("reserved/") for name, *_ in rows)
        self.note(line, told.time, whose, undoable, told.undoes)
        self.take_rows(rows)

    def take_rows(self, rows: list[fast_json.Row]) -> None:
        """Note what the newest line changes."""
        self.changes += rows
        for name, _, text in rows:
            self.touch(name, None if text is None else fast_json.value_of(text))

    def state(self) -> IndexState:
        """See ``Follow``."""
        return _Read(self.db, None)
