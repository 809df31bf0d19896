"""Real programs: the suggested bump between two versions agrees with their labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from corpus import programs

from dspyreg.compare.bump import Level, Side, judge
from dspyreg.compare.contract import CAPTURED, NOT_KNOWN, Contract
from dspyreg.compare.inference import inferred
from dspyreg.formats.known import read
from dspyreg.render.known import FORMATS, render

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.formats.normal import Program
    from dspyreg.registry.facade.registry import Registry

FOLDER = programs.FOLDER / "made" if programs.FOLDER is not None else None
LEVELS = {str(level): level for level in Level}

# These releases of DSPy could not save what the label of the pair describes.
EXCEPTIONS = {
    "_by_dspy/2.4.17/typed_extract/1.0.1": Level.NONE,  # descriptions were not saved
    "_by_dspy/2.4.17/frozen_sub/1.1.0": Level.PATCH,  # the frozen sub-program was
    "_by_dspy/2.5.43/frozen_sub/1.1.0": Level.PATCH,
}


class Pair(NamedTuple):
    """Two programs, and the expected change between them."""

    old: Path
    new: Path
    label: dict[str, Any]

    @property
    def name(self) -> str:
        assert FOLDER is not None
        return self.new.relative_to(FOLDER).as_posix()

    @property
    def level(self) -> Level:
        return EXCEPTIONS.get(self.name, LEVELS[self.label["recommended_bump"]])


def pairs() -> list[Pair]:
    """Return every pair that has labels to compare."""
    pairs = []
    for path in sorted(FOLDER.rglob("label.json")) if FOLDER is not None else ():
        label = json.loads(path.read_bytes())
        if "compare_with" in label:
            old = path.parent.parent / label["compare_with"]
            pairs.append(Pair(old, path.parent, label))
    return pairs


def state(folder: Path) -> Program | None:
    """Return the saved state of a program, some of which have only a program directory."""
    path = folder / "program.json"
    return read(path.read_bytes()) if path.exists() else None


def saved(folder: Path) -> Path | None:
    """Return what was saved of a program, or None if DSPy could save nothing."""
    names = ("program.json", "program.pkl", "saved_program")
    return next((folder / name for name in names if (folder / name).exists()), None)


def captured(folder: Path) -> Side:
    """Return a side with the contract captured from the live program."""
    capture = json.loads((folder / "capture.json").read_bytes())
    contract = {
        "knowledge": CAPTURED,
        "forward": capture["forward"],
        "predictors": capture["predictors"],
    }
    return Side(Contract.from_json(contract), state(folder), capture["dspy"])


def from_json(folder: Path) -> Side:
    """Return a side known only from its saved state."""
    program = state(folder)
    if program is None:
        return Side(NOT_KNOWN)
    return Side(inferred(program), program, program.versions.get("dspy"))


def _each(chosen: list[Pair]) -> pytest.MarkDecorator:
    missing = f"{programs.VARIABLE} names no folder of programs"
    nothing = pytest.param(None, id="corpus", marks=pytest.mark.skip(reason=missing))
    names = [pair.name for pair in chosen]
    return pytest.mark.parametrize("pair", chosen or [nothing], ids=names or None)


EVERY = _each(pairs())


@EVERY
def test_captured_contracts_give_the_level_of_the_labels(pair: Pair):
    judgement = judge(captured(pair.old), captured(pair.new))
    assert judgement.level is pair.level, judgement.reasons
    assert judgement.unknown == ()


@EVERY
def test_a_comparison_of_states_alone_never_claims_compatibility(pair: Pair):
    judgement = judge(from_json(pair.old), from_json(pair.new))
    assert judgement.compatibility in {"breaking", "unknown"}


@EVERY
def test_a_comparison_of_states_alone_never_exceeds_the_true_level(pair: Pair):
    judgement = judge(from_json(pair.old), from_json(pair.new))
    assert judgement.level <= pair.level, judgement.reasons


@EVERY
def test_a_comparison_of_a_state_with_a_contract_never_exceeds_the_true_level(pair: Pair):
    for old, new in (
        (captured(pair.old), from_json(pair.new)),
        (from_json(pair.old), captured(pair.new)),
    ):
        judgement = judge(old, new)
        assert judgement.level <= max(pair.level, Level.PATCH), judgement.reasons
        assert judgement.compatibility in {"breaking", "unknown"}


@_each([pair for pair in pairs() if all(saved(folder) for folder in pair[:2])])
def test_a_pair_of_programs_can_be_shown_in_every_format(registry: Registry, pair: Pair):
    old, new = saved(pair.old), saved(pair.new)
    assert old is not None
    assert new is not None
    difference = registry.diff(old, new)
    for format_ in FORMATS:
        assert render(difference, format_)
    assert registry.diff(old, old).same_program


# Before 2.5.6 a state without DSPy's own instructions reveals neither fields nor their names.
_UNTOLD = {"_by_dspy/2.4.17/qa_predict/2.0.0", "_by_dspy/2.4.17/qa_predict/3.0.0"}


@_each([pair for pair in pairs() if pair.label["json_visible"] and pair.name not in _UNTOLD])
def test_a_comparison_of_states_gives_the_level_marked_as_visible(pair: Pair):
    judgement = judge(from_json(pair.old), from_json(pair.new))
    assert judgement.level is pair.level, judgement.reasons


def test_a_configured_corpus_has_pairs_to_compare():
    if FOLDER is None:
        pytest.skip(f"{programs.VARIABLE} names no folder of programs")
    assert len(pairs()) > 90
    assert set(EXCEPTIONS) | _UNTOLD <= {pair.name for pair in pairs()}
