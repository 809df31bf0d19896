"""An entry as the index has it, without its line."""

from typing import NamedTuple


class Row(NamedTuple):
    """The columns of an entry; ``changed`` counts the changes that an undo reverses."""

    seq: int
    actor: str
    program: str | None
    operation: str
    operation_id: str
    changed: int
    undoes: int | None
    undone_by: int | None
