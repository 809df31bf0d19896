"""The match of a saved state with a live program, by name (pure: values in, values out)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare import inference
from dspyreg.compare.bump import breaking_changes, tool_names
from dspyreg.compare.contract import CAPTURED
from dspyreg.formats.convert import (
    CURRENT_FAMILY,
    OBSOLETE,
    REASONING,
    THOUGHT,
    current_name,
    reasoned,
)
from dspyreg.formats.normal import ROOT, FieldText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dspyreg.compare.contract import Contract, PredictorContract
    from dspyreg.formats.normal import Predictor, Program

_SELF: Final = "self"  # what DSPy once called a program that is a predictor itself
_INNER: Final = "predictor"  # a typed predictor, up to DSPy 2.5, held the real one
_MARK = re.compile(r"\$\{([^\W\d]\w*)\}")


class LiveField(NamedTuple):
    """A field of a live predictor: its texts in prompts, and whether it is an input."""

    text: FieldText
    is_input: bool


Live = dict[str, LiveField]


class Placed(NamedTuple):
    """A saved predictor for a live one, and the texts of its fields by name."""

    saved: Predictor
    texts: dict[str, FieldText]


def demos_for(saved: Predictor, live: Live) -> list[dict[str, Any]]:
    """Return the demos of a predictor, with reasoning under the name of the live one."""
    if THOUGHT in live or REASONING not in live:
        return list(saved.demos)
    return [demo if REASONING in demo else reasoned(demo) for demo in saved.demos]


class Fit(NamedTuple):
    """The saved predictor for each live one, and in words what does not fit.

    ``extras`` are names that the program does not have, and types and tools that differ; a caller
    may tolerate these, but not ``problems``.
    """

    placed: dict[str, Placed]
    problems: tuple[str, ...]
    extras: tuple[str, ...]


def fit(
    program: Program,
    contract: Contract | None,
    live: Mapping[str, Live],
    now: Contract,
    unsaved: Mapping[str, str],
) -> Fit:
    """Return how a saved program fits the predictors of a live one, whose contract is ``now``.

    A captured contract has the names and types of fields, and the tools. Without one, names are
    inferred from texts, as far as possible. ``unsaved`` are predictors that DSPy does not load,
    with the reason.
    """
    homes = homes_of(program, live)
    pairs = [
        _Pair(homes[saved.name], saved, _captured(contract, homes[saved.name], saved.name), live)
        for saved in program.predictors
        if saved.name in homes
    ]
    alone = live.keys() - homes.values()
    problems = [
        f"{shown(name)} of the program was not registered" for name in live if name in alone
    ]
    extras = [
        _homeless(current_name(program, saved), unsaved)
        for saved in program.predictors
        if saved.name not in homes
    ]
    for pair in pairs:
        problems += [*pair.missing(), *pair.reversed(), *pair.stray_settings()]
        extras += [*pair.surplus(), *pair.stray_members()]
        extras += pair.other_than(now.predictors[pair.home])
    placed = {pair.home: Placed(pair.saved, pair.texts()) for pair in pairs}
    return Fit(placed, tuple(problems), tuple(extras))


def shown(name: str) -> str:
    """Return a predictor as messages name it."""
    return f"predictor `{name}`" if name != ROOT else "the bare predictor"


def homes_of(program: Program, live: Mapping[str, Live]) -> dict[str, str]:
    """Return the live name for each saved predictor: its own, or, for an older family, the one that
    today's DSPy would give it.
    """
    names = {saved.name: saved for saved in program.predictors}
    homes = {name: name for name in names if name in live}
    for name, saved in names.items():
        if name in homes:
            continue
        for moved in _moved(program, saved):
            if moved in live and moved not in homes.values():
                homes[name] = moved
                break
    return homes


def _moved(program: Program, saved: Predictor) -> Iterator[str]:
    yield current_name(program, saved)
    if program.family == CURRENT_FAMILY:
        return
    yield _below(saved.name)
    if saved.name == _SELF:
        yield from (ROOT, _below(ROOT))
    outer, _, last = saved.name.rpartition(".")
    if last == _INNER:
        yield outer
        yield _below(outer)


def _below(name: str) -> str:
    return f"{name}.predict" if name != ROOT else "predict"


def _homeless(name: str, unsaved: Mapping[str, str]) -> str:
    for each, why in unsaved.items():
        if each in {name, _below(name)}:
            return f"{shown(name)} was registered, and DSPy will not load it: {why}"
    return f"{shown(name)} was registered, and the program has none of that name"


def _with_reasoning(contract: PredictorContract, live: Live) -> PredictorContract:
    """Return a contract with the reasoning under the name that the live predictor has for it."""
    if THOUGHT in live or REASONING not in live or REASONING in contract.names:
        return contract
    outputs = (
        field._replace(name=REASONING) if field.name == THOUGHT else field
        for field in contract.outputs
    )
    return contract._replace(outputs=tuple(outputs))


def _captured(contract: Contract | None, *names: str) -> PredictorContract | None:
    if contract is None or contract.knowledge != CAPTURED:
        return None
    return next((contract.predictors[n] for n in names if n in contract.predictors), None)


class _Pair:
    """A saved predictor, and the live one to load it into."""

    def __init__(
        self,
        home: str,
        saved: Predictor,
        contract: PredictorContract | None,
        live: Mapping[str, Live],
    ) -> None:
        self.home, self.saved = home, saved
        self._live = live[home]
        self._contract = contract and _with_reasoning(contract, self._live)
        self._outputs = [name for name, field in self._live.items() if not field.is_input]
        # Before 2.5.6 DSPy saved no text but the prefix of the last output.
        self._has_last_prefix_only = saved.last_prefix is not None
        self._names = self._named()
        self._known = self._all_names()

    def texts(self) -> dict[str, FieldText]:
        """Return the texts that were saved, by the names of the program's fields."""
        texts: dict[str, FieldText] = {}
        for name, text in zip(self._names, self.saved.fields, strict=True):
            if name is not None and name in self._live:
                live = self._live[name].text
                is_prefix = self._has_last_prefix_only
                texts[name] = live._replace(prefix=text.prefix) if is_prefix else text
        return texts

    def missing(self) -> list[str]:
        """Return in words the fields of the program that were not saved."""
        return [
            f"field `{name}` of {shown(self.home)} was not registered"
            for name in self._live
            if self._known and name not in self._known
        ]

    def surplus(self) -> list[str]:
        """Return in words the fields that were saved and that the program does not have."""
        # Default instructions name fields where no text does, if not always all of them.
        known = self._known or inference.read(self.saved).names - {THOUGHT}
        named = sorted(known - self._live.keys())
        pairs = zip(self._names, self.saved.fields, strict=True)
        nameless = [text.prefix for name, text in pairs if name is None]
        of = f"of {shown(self.home)}"
        return [
            *(f"field `{n}` {of} was registered, and the program has none of it" for n in named),
            *(
                f"a field {of}, in prompts {p!r}, belongs to none of the program's"
                for p in nameless
            ),
        ]

    def reversed(self) -> list[str]:
        """Return in words the inputs that are outputs now, and the outputs that are inputs."""
        if self._contract is None:
            return []
        inputs = {field.name for field in self._contract.inputs}
        kinds = {True: "an input", False: "an output"}
        return [
            f"field `{name}` of {shown(self.home)} was {kinds[name in inputs]}"
            f" and is {kinds[field.is_input]} of the program"
            for name, field in self._live.items()
            if name in self._contract.names and field.is_input != (name in inputs)
        ]

    def stray_settings(self) -> list[str]:
        """Return in words the settings of outputs that the program does not have."""
        return [
            f"{shown(self.home)} has settings for `{name}`, which is no output of the program"
            for name in self.saved.settings
            if name not in self._outputs
        ]

    def stray_members(self) -> list[str]:
        """Return in words the saved members that no predictor has."""
        return [
            f"{shown(self.home)} was registered with `{name}`, which no predictor owns"
            for name in self.saved.more
            if name not in OBSOLETE
        ]

    def other_than(self, now: PredictorContract) -> list[str]:
        """Return in words the tools, and the types that break callers, that differ now."""
        if self._contract is None:
            return []
        return unlike(shown(self.home), self._contract, now)

    def _named(self) -> list[str | None]:
        """Return the name of every text that was saved, in order."""
        if self._has_last_prefix_only:
            contract = self._contract
            outputs = [field.name for field in contract.outputs] if contract else self._outputs
            return [outputs[-1] if outputs else None]
        if self._contract is not None:
            names = [field.name for field in (*self._contract.inputs, *self._contract.outputs)]
            if len(names) == len(self.saved.fields):
                return list(names)
        return _guessed(self.saved, self._live)

    def _all_names(self) -> set[str]:
        """Return the names of all saved fields; none if neither contract nor texts have them."""
        if self._contract is not None:
            return self._contract.names
        if self._has_last_prefix_only:
            return set()
        return {name for name in self._names if name is not None}


def unlike(of: str, captured: PredictorContract, now: PredictorContract) -> list[str]:
    """Return in words the types that break callers, and the tools, that differ from the captured.

    ``of`` is the name of their owner in messages.
    """
    before, after = tool_names(captured), tool_names(now)
    tools = [] if before is None or after is None else sorted(before ^ after)
    return [
        *(f"{of}: {change}" for change in breaking_changes(captured, now)),
        *(
            f"tool `{name}` of {of} was registered, and the program has none of it"
            if name in (before or ())
            else f"tool `{name}` of {of} was not registered"
            for name in tools
        ),
    ]


def _guessed(saved: Predictor, live: Live) -> list[str | None]:
    """Return names inferred from texts: from their marks, else from the prefixes and descriptions
    of the program's fields. None for a text that fits no field.
    """
    names = [_marked(text) for text in saved.fields]
    for same in (_is_called, _is_described):
        for n, text in enumerate(saved.fields):
            free = [name for name in live if name not in names]
            if names[n] is None:
                names[n] = next((f for f in free if same(text, f, live[f].text)), None)
    return names


def _marked(text: FieldText) -> str | None:
    mark = _MARK.fullmatch(text.description.strip())
    return mark[1] if mark else None


def _is_called(saved: FieldText, name: str, live: FieldText) -> bool:
    return saved.prefix == live.prefix or inference.key(
        saved.prefix.partition(":")[0]
    ) == inference.key(name)


def _is_described(saved: FieldText, _: str, live: FieldText) -> bool:
    return bool(saved.description) and saved.description == live.description
