"""Every state of the corpus is read as its oracle says; no other file is a state."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, NamedTuple

import pytest
from corpus import programs

from dspyreg.formats import convert
from dspyreg.formats.document import NotAState
from dspyreg.formats.known import read

if TYPE_CHECKING:
    from pathlib import Path

MISSING = f"{programs.VARIABLE} names no folder of programs"
FAMILIES = {"2.4": "A", "2.5": "C", "2.6": "D", "3.": "D"}
NO_PREDICTOR = "dspy.retrieve.retrieve.Retrieve"
BARE = {"<root>": "", "self": ""}


class Oracle(NamedTuple):
    """Expectations of a state: its family, its predictors, the number of its demos."""

    family: str
    predictors: set[str]
    demos: int | None


def made() -> dict[Path, Oracle]:
    """Return the expectations recorded where the states were made, by state."""
    if programs.FOLDER is None:
        return {}
    return {path: _captured(path) for path in programs.FOLDER.glob("made/**/program.json")}


def _captured(path: Path) -> Oracle:
    capture = json.loads((path.parent / "capture.json").read_text())
    family = next(f for v, f in FAMILIES.items() if capture["dspy"].startswith(v))
    names = {n for n, each in capture["predictors"].items() if each["kind"] != NO_PREDICTOR}
    if family != "A":  # replaced by the versions that save itself writes
        names -= {"metadata"}
    return Oracle(family, {BARE.get(name, name) for name in names}, None)


def collected() -> dict[Path, Oracle]:
    """Return the expectations of states from public repositories, by state."""
    index = programs.FOLDER / "found" / "INDEX.tsv" if programs.FOLDER else None
    if index is None:
        return {}
    with open(index, newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {_place(index.parent, row): _indexed(row) for row in rows}


def _place(folder: Path, row: dict[str, str]) -> Path:
    return folder / row["repo"].replace("/", "__") / row["file"]


def _indexed(row: dict[str, str]) -> Oracle:
    names = {BARE.get(name, name) for name in row["predictors"].split(",")}
    return Oracle(row["family"].partition(":")[0], names, int(row["demos"]))


STATES = {**made(), **collected()}


def _name(value: object) -> str | None:
    root = programs.FOLDER
    return str(value.relative_to(root)) if root and hasattr(value, "relative_to") else None


each = pytest.mark.parametrize(
    "path",
    sorted(STATES) or [pytest.param(None, marks=pytest.mark.skip(reason=MISSING))],
    ids=_name,
)


@each
def test_a_state_is_read_with_its_family_and_predictors(path: Path):
    program, oracle = read(path.read_bytes()), STATES[path]
    assert program.family == oracle.family
    assert {each.name for each in program.predictors} == oracle.predictors


@each
def test_a_state_is_read_with_all_of_its_demos(path: Path):
    if STATES[path].demos is None:
        state = json.loads(path.read_bytes())
        kept = [state] if "demos" in state else state.values()
        demos = sum(len(each["demos"]) for each in kept if "demos" in each)
    else:
        demos = STATES[path].demos
    assert sum(len(each.demos) for each in read(path.read_bytes()).predictors) == demos


@each
def test_a_state_is_read_with_its_own_instructions_and_texts(path: Path):
    text = path.read_text()
    for predictor in read(path.read_bytes()).predictors:
        for part in (predictor.instructions or "", *(p for f in predictor.fields for p in f)):
            assert json.dumps(part)[1:-1] in text or part in text or _escaped(part) in text


def _escaped(part: str) -> str:
    """Return a text as ujson writes it, which DSPy used up to 2.6."""
    return json.dumps(part)[1:-1].replace("/", "\\/")


@each
def test_a_converted_state_is_read_as_one_of_the_current_family(path: Path):
    program = read(path.read_bytes())
    again = read(convert.text_of(program).encode())
    assert again.family == convert.CURRENT_FAMILY
    assert {each.name for each in again.predictors} == {
        convert.current_name(program, each) for each in program.predictors
    }


def test_every_json_file_of_the_corpus_is_an_expected_state():
    if programs.FOLDER is None:
        pytest.skip(MISSING)
    paths = [path for path in programs.in_the_corpus() if path.suffix == ".json" and path.is_file()]
    assert set(paths) == set(STATES)


def test_every_other_file_of_the_corpus_is_not_a_state():
    if programs.FOLDER is None:
        pytest.skip(MISSING)
    others = [p for p in programs.FOLDER.rglob("*") if p.is_file() and p not in STATES]
    assert len(others) > 100
    for path in others:
        with pytest.raises(NotAState):
            read(path.read_bytes())
