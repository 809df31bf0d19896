"""The JSON documents of results (docs/reference/json.md)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from dspyreg.registry.artifacts.checkout import CheckedOut
    from dspyreg.registry.artifacts.convert import Converted
    from dspyreg.registry.read.log import EntryList
    from dspyreg.registry.read.status import Board, Status
    from dspyreg.registry.read.versions import Page, ProgramPage
    from dspyreg.store.verify import VerifyReport


class JsonText(str):
    """JSON that is text already."""

    __slots__ = ()


class _Document(Protocol):
    def to_json(self) -> dict[str, Any]: ...


class _Fields(Protocol):
    def _asdict(self) -> dict[str, Any]: ...


def own(result: _Document) -> Any:
    """Return the document that a result makes of itself."""
    return result.to_json()


def fields(result: _Fields) -> Any:
    """Return the fields of a result."""
    return dict(result._asdict())


def entry_list(result: EntryList) -> Any:
    """Return entries of the log."""
    return {"entries": [entry.to_json() for entry in result]}


def page(result: Page) -> JsonText:
    """Return a page of versions, which are JSON already."""
    place = {"total": result.total, **_place(result.limit, result.offset)}
    rest = json.dumps(place, separators=(",", ":"))[1:]
    return JsonText(f'{{"versions":[{",".join(result.texts)}],{rest}')


def program_page(result: ProgramPage) -> Any:
    """Return a page of programs."""
    return {
        "programs": [program._asdict() for program in result.programs],
        "total": result.total,
        **_place(result.limit, result.offset),
    }


def _place(limit: int, offset: int) -> dict[str, int | None]:
    """Return the number of a page, from 1, its limit and its offset. Without a limit, one page
    holds all.
    """
    number = offset // limit + 1 if limit > 0 else 1
    return {"page": number, "limit": None if limit < 0 else limit, "offset": offset}


def status(result: Status) -> Any:
    """Return the status of a program; the exit code tells ``was_deployed``."""
    values = result._asdict()
    del values["was_deployed"]
    return {
        **values,
        "environments": {
            name: {
                "live": serving.live,
                "canary": serving.canary._asdict() if serving.canary else None,
                "deployment": serving.deployment._asdict() if serving.deployment else None,
            }
            for name, serving in result.environments.items()
        },
    }


def board(result: Board) -> Any:
    """Return the versions of every stage."""
    return {
        "stages": {
            stage: [{"program": program, "label": label} for program, label in versions]
            for stage, versions in result.stages.items()
        }
    }


def checked_out(result: CheckedOut) -> Any:
    """Return the version and the paths of its files."""
    return {"version": result.version.to_json(), "path": result.path, "files": result.files}


def verification(result: VerifyReport) -> Any:
    """Return the report of a verification."""
    return {
        **result._asdict(),
        "problems": [problem._asdict() for problem in result.problems],
        "repaired": [problem._asdict() for problem in result.repaired],
        "head": {"seq": result.head.seq, "id": result.head.id},
    }


def converted(result: Converted) -> Any:
    """Return what was converted, without the text."""
    values = result._asdict()
    return {key: values[key] for key in ("family", "to", "path", "notices")}
