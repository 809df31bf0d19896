"""Parts of a program that are no predictors: retrievers, and modules whose code was optimized."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.formats.members import SOURCE
from dspyreg.formats.normal import ROOT
from dspyreg.integrations.matching import unlike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dspyreg.compare.contract import Contract
    from dspyreg.integrations.lm_state import Models


class ExtraParts:
    """The parts of a live program that are no predictors, and their saved states, by name.

    ``captured`` is the contract of the version, if there is one, ``now`` that of the program.
    """

    def __init__(
        self,
        live: Mapping[str, Any],
        saved: Mapping[str, Any],
        *,
        captured: Contract | None,
        now: Contract,
    ) -> None:
        self._live, self._saved = live, saved
        self._captured = captured.predictors if captured else {}
        self._now = now.predictors

    def problems(self) -> list[str]:
        """Return in words which parts do not fit their states."""
        problems = [f"{_shown(name)} of the program was not registered" for name in self._missing()]
        for name, part, state in self._pairs():
            problems += [
                f"{_shown(name)} was registered with `{key}`, which the program's does not own"
                for key in state
                if key not in _owned(part)
            ]
        return problems

    def code(self) -> list[str]:
        """Return in words which parts are code, which loading executes."""
        return [
            f"{_shown(name)} is code"
            for name, part, state in self._pairs()
            if state.get(SOURCE) and state[SOURCE] != getattr(part, SOURCE, None)
        ]

    def extras(self) -> list[str]:
        """Return in words what was registered and is missing in the program, or differs there."""
        return [
            *(
                f"{_shown(name)} was registered, and the program has none of that name"
                for name in self._saved
                if name not in self._live
            ),
            *(each for name in self._live for each in self._unlike(name)),
        ]

    def states(self, models: Models) -> dict[str, dict[str, Any]]:
        """Return the state to load into each part, by name."""
        return {
            name: {**state, "lm": models.of(name, state["lm"])} if "lm" in state else dict(state)
            for name, _, state in self._pairs()
        }

    def _unlike(self, name: str) -> list[str]:
        """Return in words the fields, types and tools that differ, where both sides are known."""
        before, now = self._captured.get(name), self._now.get(name)
        if before is None or now is None:
            return []
        of = _shown(name)
        return [
            *(
                f"field `{field}` of {of} was registered, and the program has none of it"
                if field in before.names
                else f"field `{field}` of {of} was not registered"
                for field in sorted(before.names ^ now.names)
            ),
            *unlike(of, before, now),
        ]

    def _missing(self) -> list[str]:
        return [name for name in self._live if not isinstance(self._saved.get(name), dict)]

    def _pairs(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        for name, part in self._live.items():
            state = self._saved.get(name)
            if isinstance(state, dict):
                yield name, part, state


def _shown(name: str) -> str:
    return f"`{name}`" if name != ROOT else "the bare module"


def _owned(part: Any) -> Iterable[str]:
    owned: dict[str, Any] = part.dump_state()
    return owned.keys()
