"""Recommended tests before an upgrade, from the reasons of a judgement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.compare.bump import Level

if TYPE_CHECKING:
    from dspyreg.compare.bump import Judgement, Reason

_TASKS = {
    Level.MAJOR: "change every caller, and test it",
    Level.MINOR: "test the callers",
    Level.PATCH: "evaluate again",
}


def breaking_changes(judgement: Judgement) -> tuple[str, ...]:
    """Return the breaking changes, in words."""
    return tuple(_in_words(each) for each in judgement.reasons if each.level is Level.MAJOR)


def recommended_tests(judgement: Judgement) -> tuple[str, ...]:
    """Return the tests to do, worst change first; nothing if the programs are the same."""
    tests = [f"{_TASKS[each.level]}: {_in_words(each)}" for each in judgement.reasons]
    if judgement.level is Level.PATCH and not tests:
        tests.append(f"{_TASKS[Level.PATCH]}: the bytes differ")
    if judgement.level is not Level.NONE:
        tests += [f"check by hand: {unknown}" for unknown in judgement.unknown]
    return tuple(dict.fromkeys(tests))


def _in_words(reason: Reason) -> str:
    if not reason.predictor or f"`{reason.predictor}`" in reason.message:
        return reason.message
    return f"`{reason.predictor}`: {reason.message}"
