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


class Beside:
    """Such parts of a live program, and what was saved of them, by name; the contract that was
    captured, if any, and that of the program now.
    """

    def __init__(
        self,
        live: Mapping[str, Any],
        saved: Mapping[str, Any],
        *,
        told: Contract | None,
        now: Contract,
    ) -> None:
        self._live, self._saved = live, saved
        self._told, self._now = told.predictors if told else {}, now.predictors

    def problems(self) -> list[str]:
        """What of them does not fit."""
        found = [f"{_shown(name)} of the program was not registered" for name in self._missing()]
        for name, part, told in self._both():
            found += [
                f"{_shown(name)} was registered with `{key}`, which the program's does not own"
                for key in told
                if key not in _owned(part)
            ]
        return found

    def code(self) -> list[str]:
        """Code among them, which loading them executes."""
        return [
            f"{_shown(name)} is code"
            for name, part, told in self._both()
            if told.get(SOURCE) and told[SOURCE] != getattr(part, SOURCE, None)
        ]

    def extras(self) -> list[str]:
        """What was registered and is nowhere in the program, or of another kind there."""
        return [
            *(
                f"{_shown(name)} was registered, and the program has none of that name"
                for name in self._saved
                if name not in self._live
            ),
            *(each for name in self._live for each in self._unlike(name)),
        ]

    def _unlike(self, name: str) -> list[str]:
        """Fields, types and tools that are others than they were, where both are known."""
        told, now = self._told.get(name), self._now.get(name)
        if told is None or now is None:
            return []
        of = _shown(name)
        return [
            *(
                f"field `{field}` of {of} was registered, and the program has none of it"
                if field in told.names
                else f"field `{field}` of {of} was not registered"
                for field in sorted(told.names ^ now.names)
            ),
            *unlike(of, told, now),
        ]

    def wanted(self, models: Models) -> dict[str, dict[str, Any]]:
        """The state of each, by name."""
        return {
            name: {**told, "lm": models.of(name, told["lm"])} if "lm" in told else dict(told)
            for name, _, told in self._both()
        }

    def _missing(self) -> list[str]:
        return [name for name in self._live if not isinstance(self._saved.get(name), dict)]

    def _both(self) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        for name, part in self._live.items():
            told = self._saved.get(name)
            if isinstance(told, dict):
                yield name, part, told


def _shown(name: str) -> str:
    return f"`{name}`" if name != ROOT else "the bare module"


def _owned(part: Any) -> Iterable[str]:
    owned: dict[str, Any] = part.dump_state()
    return owned.keys()
