"""Reads of the index that are no state of names: entries by their columns, pages of versions.

Each takes the state whose index it reads. Entries after its seq are left out; what is read of
versions is of the head, so the state must be one without ``at``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.model import names
from dspyreg.model.digest import Digest
from dspyreg.model.line import Head
from dspyreg.model.state import ARCHIVED
from dspyreg.store.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dspyreg.store.index_state import IndexState

_MAX_INTEGER: Final = (1 << 63) - 1
_END: Final = "\x7f"  # sorts after everything that a name is made of
_ROWS: Final = """
select seq, actor, program, operation, operation_id, changed, undoes,
    case when undone_by <= :until then undone_by end
from entries where seq <= :until and {condition} order by seq desc limit :limit
"""
_IS_EFFECTIVE: Final = "changed > 0 and ifnull(undone_by > :until, 1)"
_UNDOES_AN_UNDO: Final = (
    "(select undoes from entries as undone where undone.seq = entries.undoes) is not null"
)
_IN_PROGRAM: Final = " and program = :program"
_PROGRAMS: Final = """
with recursive found(program) as (
    select min(program) from versions where program >= ?1 and program < ?2
    union all
    select (select min(program) from versions
            where program > found.program and program < ?2)
    from found where program is not null)
select program from found where program is not null limit ?3
"""
_LABELS: Final = """
select name, max(seq), value from changes where name >= ? and name < ?
group by name having value is not null order by name {order} limit ?
"""


# Entries


def row(state: IndexState, seq: int) -> Row | None:
    """Return an entry; None if there is none with this seq."""
    return next(_rows(state, "seq = :seq", seq=_bound(seq)), None)


def newest_rows(state: IndexState, program: str | None = None, *, limit: int = -1) -> list[Row]:
    """Return the newest entries, of one program if it is named, newest first; all for -1."""
    condition = "1" if program is None else "program = :program"
    return [*_rows(state, condition, limit=limit, program=program)]


def rows_of_operation(state: IndexState, operation_id: str) -> list[Row]:
    """Return the entries of an operation, newest first."""
    return [*_rows(state, "operation_id = :operation_id", operation_id=operation_id)]


def effective_rows(state: IndexState, operation_id: str) -> list[Row]:
    """Return the entries of an operation that changed something and are not undone."""
    condition = f"operation_id = :operation_id and {_IS_EFFECTIVE}"
    return [*_rows(state, condition, operation_id=operation_id)]


def rows_by_operation(state: IndexState, operation: str) -> list[Row]:
    """Return the entries that record an operation, such as ``gc``, newest first."""
    return [*_rows(state, "operation = :operation", operation=operation)]


def newest_undoable(state: IndexState, program: str | None) -> Row | None:
    """Return the newest entry that an undo without a seq takes back."""
    condition = f"{_IS_EFFECTIVE} and undoes is null{'' if program is None else _IN_PROGRAM}"
    return next(_rows(state, condition, limit=1, program=program), None)


def newest_undo(state: IndexState, program: str | None) -> Row | None:
    """Return the newest undo that a redo without a seq takes back."""
    undoes = f"undoes is not null and not {_UNDOES_AN_UNDO}"
    condition = f"{_IS_EFFECTIVE} and {undoes}{'' if program is None else _IN_PROGRAM}"
    return next(_rows(state, condition, limit=1, program=program), None)


def writers(state: IndexState, name: str, *, after: int = 0) -> list[int]:
    """Return the effective entries that undo nothing and changed a name, newest first."""
    rows = state.db.execute(
        "select seq from changes join entries using (seq)"
        " where name = ? and seq > ? and seq <= ? and undoes is null"
        " and ifnull(undone_by > ?, 1) order by seq desc",
        (name, after, state.until, state.until),
    )
    return [seq for (seq,) in rows]


def head_at(state: IndexState, seq: int) -> Head | None:
    """Return the head that an entry made; None if there is none with this seq."""
    query = "select seq, id, hint from entries where seq = ? and seq <= ?"
    row = state.db.execute(query, (_bound(seq), state.until)).fetchone()
    return None if row is None else Head(row[0], Digest(row[1]), row[2])


def seq_at(state: IndexState, time: str) -> int:
    """Return the seq of the last entry at or before a time, by the running maximum; 0 if none."""
    query = "select max(seq) from entries where latest <= ? and seq <= ?"
    return state.db.execute(query, (time, state.until)).fetchone()[0] or 0


def latest_time(state: IndexState, seq: int) -> str | None:
    """Return the running maximum of the times up to an entry; None if there is no such entry."""
    row = state.db.execute("select latest from entries where seq = ?", (_bound(seq),)).fetchone()
    return None if row is None else row[0]


def _rows(state: IndexState, condition: str, *, limit: int = -1, **values: Any) -> Iterator[Row]:
    query = _ROWS.format(condition=condition)
    values = {"until": state.until, "limit": _bound(limit), **values}
    return (Row(*columns) for columns in state.db.execute(query, values))


def _bound(value: int) -> int:
    """Return a number that SQLite takes. It refuses longer integers; no seq and no count in an
    index is as large, so the largest selects what they would.
    """
    return max(-_MAX_INTEGER, min(value, _MAX_INTEGER))


# Versions


def version_json(state: IndexState, program: str, number: int) -> str | None:
    """Return the JSON document of a version as text; None if it does not exist."""
    query = "select json from versions where program = ? and number = ?"
    row = state.db.execute(query, (program, number)).fetchone()
    return None if row is None else row[0]


def version_page(
    state: IndexState,
    program: str | None,
    stage: str | None,
    *,
    archived: bool,
    limit: int,
    offset: int,
) -> tuple[list[str], int]:
    """Return the JSON documents of versions, highest first, and the count of all that match.

    Without a ``stage`` those that are archived are left out, unless ``archived``.
    """
    conditions, values = ["1"], list[Any]()
    if program is not None:
        conditions.append("program = ?")
        values.append(program)
    if stage is not None:
        conditions.append("stage = ?")
        values.append(stage)
    elif not archived:
        conditions.append("stage <> ?")
        values.append(ARCHIVED)
    chosen = "from versions where " + " and ".join(conditions)  # user text goes in as values only
    order = f"order by program, stage = '{ARCHIVED}', rank is null desc, rank desc, number desc"
    page = f"select json {chosen} {order} limit ? offset ?"
    rows = state.db.execute(page, (*values, _bound(limit), _bound(offset)))
    texts = [text for (text,) in rows]
    return texts, state.db.execute(f"select count(*) {chosen}", values).fetchone()[0]


def scores(state: IndexState, program: str) -> dict[int, float]:
    """Return the scores of a program's versions that have one, by number, in that order."""
    rows = state.db.execute(
        "select number, score from versions"
        " where program = ? and score is not null order by number",
        (program,),
    )
    return dict(rows.fetchall())


def documents(state: IndexState) -> set[Digest]:
    """Return the documents of all versions."""
    rows = state.db.execute("select distinct document from versions")
    return {Digest(document) for (document,) in rows}


# Completion


def programs_after(state: IndexState, text: str, limit: int) -> list[str]:
    """Return the first programs whose name begins with a text, in byte order."""
    rows = state.db.execute(_PROGRAMS, (text, text + _END, limit))
    return [program for (program,) in rows]


def last_program(state: IndexState, text: str) -> str | None:
    """Return the last program whose name begins with a text, in byte order."""
    query = "select max(program) from versions where program >= ? and program < ?"
    last: str | None = state.db.execute(query, (text, text + _END)).fetchone()[0]
    return last


def labels_by_name(
    state: IndexState, program: str, text: str, limit: int, *, descending: bool = False
) -> list[str]:
    """Return the first, or last, labels of a program that begin with a text, in byte order."""
    prefix = names.prefix("labels", program)
    query = _LABELS.format(order="desc" if descending else "asc")
    rows = state.db.execute(query, (prefix + text, prefix + text + _END, limit))
    return [name.removeprefix(prefix) for name, *_ in rows]


def newest_labels(state: IndexState, program: str, limit: int) -> list[str]:
    """Return the labels of the newest versions of a program, newest first."""
    query = "select label from versions where program = ? order by number desc limit ?"
    return [label for (label,) in state.db.execute(query, (program, limit))]
