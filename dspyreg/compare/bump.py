"""The bump level of a change and its reasons (docs/reference/bump.md)."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare import settings
from dspyreg.compare.contract import CAPTURED, UNKNOWN, Contract, Field, PredictorContract
from dspyreg.compare.inference import FINISH, key
from dspyreg.compare.schema import SchemaKind, facts
from dspyreg.formats.normal import ROOT, same, without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dspyreg.formats.normal import Predictor, Program

_OF_DSPY: Final = re.compile(r"\bdspy\.(?:[a-z_]\w*\.)*")
_TOOL_NAME: Final = "next_tool_name"
_BARE: Final = "self"  # DSPy's name for the one predictor of a bare Predict


class Level(IntEnum):
    """The size of a change, for callers."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Reason(NamedTuple):
    """A change: its level, its predictor and a message."""

    level: Level
    predictor: str | None
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return the reason object of ``--json``."""
        return {**self._asdict(), "level": str(self.level)}


class Side(NamedTuple):
    """A program in a comparison.

    ``state`` is None if it cannot be read. ``settings`` is what DSPy does not save of a program;
    None if it was not captured.
    """

    contract: Contract
    state: Program | None = None
    dspy: str | None = None
    settings: Mapping[str, Any] | None = None


class Judgement(NamedTuple):
    """The verdict on a change: its level, its reasons, and the facts that are missing."""

    level: Level
    reasons: tuple[Reason, ...]
    unknown: tuple[str, ...]
    same_program: bool

    @property
    def breaks(self) -> tuple[str, ...]:
        """The breaking changes, in words."""
        return tuple(
            f"{reason.predictor}: {reason.message}" if reason.predictor else reason.message
            for reason in self.reasons
            if reason.level is Level.MAJOR
        )

    @property
    def compatibility(self) -> str:
        """``identical``, ``compatible``, ``breaking``, or ``unknown`` if facts are missing."""
        if self.level is Level.MAJOR:
            return "breaking"
        if self.unknown:
            return "unknown"
        return "identical" if self.level is Level.NONE else "compatible"


INPUT_RULES: Final = {
    SchemaKind.NARROWED: Level.MAJOR,
    SchemaKind.RETYPED: Level.MAJOR,
    SchemaKind.LOST: Level.MAJOR,
    SchemaKind.GAINED_REQUIRED: Level.MAJOR,
    SchemaKind.WIDENED: Level.MINOR,
    SchemaKind.GAINED: Level.MINOR,
}
OUTPUT_RULES: Final = {
    SchemaKind.WIDENED: Level.MAJOR,
    SchemaKind.RETYPED: Level.MAJOR,
    SchemaKind.LOST: Level.MAJOR,
    SchemaKind.NARROWED: Level.MINOR,
    SchemaKind.GAINED: Level.MINOR,
    SchemaKind.GAINED_REQUIRED: Level.MINOR,
}


_TEXTS: Final = {
    "instructions": "the instructions changed",
    "demos": "the demos changed",
    "fields": "prefixes or descriptions changed",
    "settings": "the thresholds changed",
    "more": "other state changed",
}


def judge(old: Side, new: Side) -> Judgement:
    """Return the verdict on a change from one program to another."""
    reasons = [*_program_reasons(old, new), *_contract_reasons(old, new)]
    unsaved = [Reason(Level.PATCH, *each) for each in settings.reasons(old.settings, new.settings)]
    identical = False
    if old.state is not None and new.state is not None:
        identical = old.state.digest() == new.state.digest()
        reasons += () if identical else _state_reasons(old.state, new.state)
    reasons += unsaved
    identical = identical and not unsaved
    level = max((reason.level for reason in reasons), default=Level.NONE)
    if level is Level.NONE and not identical:
        level = Level.PATCH
    unknown = tuple(_unknown(old.contract, new.contract))
    return Judgement(level, tuple(sorted(reasons, key=_order)), unknown, identical)


def _order(reason: Reason) -> tuple[int, str, str]:
    return -reason.level, reason.predictor or "", reason.message


def _contract_reasons(old: Side, new: Side) -> Iterator[Reason]:
    if UNKNOWN in {old.contract.knowledge, new.contract.knowledge}:
        return
    before, after = _comparable(old, new), _comparable(new, old)
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    if [before[name] for name in gone] == [after[name] for name in come] and len(gone) == 1:
        a, b = gone.pop(), come.pop()
        yield Reason(Level.MAJOR, a, f"predictor {_shown(a)} was renamed {_shown(b)}")
    for name in gone:
        yield Reason(Level.MAJOR, name, f"predictor {_shown(name)} was removed")
    for name in come:
        yield Reason(Level.MAJOR, name, f"predictor {_shown(name)} was added")
    for name in before.keys() & after.keys():
        both = before[name], after[name]
        if not _is_captured(old) or not _is_captured(new):
            both = both[0], _with_old_names(*both)
        yield from _predictor_reasons(name, *both)


def _is_captured(side: Side) -> bool:
    return side.contract.is_captured


def _comparable(side: Side, other: Side) -> dict[str, PredictorContract]:
    """Return the predictors of a contract that can be compared with those of another.

    A saved state lacks the parts that DSPy did not save, such as frozen parts of a program.
    """
    if not _is_captured(side) or _is_captured(other):
        return side.contract.predictors
    predictors = dict(side.contract.predictors)
    if set(predictors) == {_BARE}:
        return {ROOT: predictors[_BARE]}
    if side.state is not None:
        saved = {predictor.name for predictor in side.state.predictors}
        predictors = {name: each for name, each in predictors.items() if name in saved}
    return predictors


def _with_old_names(old: PredictorContract, new: PredictorContract) -> PredictorContract:
    """Return the new contract with the old names of fields that have the same prefix.

    A name inferred from a prefix may differ from the real one in case and underscores.
    """
    by_key = {key(name): name for name in old.names - new.names}

    def renamed(fields: tuple[Field, ...]) -> tuple[Field, ...]:
        return tuple(
            f if f.name in old.names else f._replace(name=by_key.get(key(f.name), f.name))
            for f in fields
        )

    return new._replace(
        inputs=renamed(new.inputs), outputs=renamed(new.outputs), fields=renamed(new.fields)
    )


def _shown(name: str) -> str:
    return f"`{name}`" if name else "the program itself"


def _predictor_reasons(
    name: str, old: PredictorContract, new: PredictorContract
) -> Iterator[Reason]:
    yield from _tool_reasons(name, old, new)
    if not old.names or not new.names:
        return
    if old.fields or new.fields:
        yield from _name_reasons(name, old, new)
        return
    yield from _side_reasons(name, "input", old.inputs, new.inputs)
    yield from _side_reasons(name, "output", _without_tools(old), _without_tools(new))


def _name_reasons(name: str, old: PredictorContract, new: PredictorContract) -> Iterator[Reason]:
    """Compare names only, because some directions are unknown."""
    gone, come = sorted(old.names - new.names), sorted(new.names - old.names)
    for field in gone:
        yield Reason(Level.MAJOR, name, f"field `{field}` was removed or renamed")
    inputs = {field.name for field in new.inputs if field.required is not False}
    for field in come:
        level, kind = (Level.MAJOR, "input") if field in inputs else (Level.MINOR, "field")
        yield Reason(level, name, f"{kind} `{field}` was added")


def _side_reasons(
    name: str, kind: str, old: tuple[Field, ...], new: tuple[Field, ...]
) -> Iterator[Reason]:
    before, after = ({field.name: field for field in side} for side in (old, new))
    gone, come = before.keys() - after.keys(), after.keys() - before.keys()
    if len(gone) == len(come) == 1:
        a, b = next(iter(gone)), next(iter(come))
        yield Reason(Level.MAJOR, name, f"{kind} `{a}` was renamed `{b}`")
        gone, come = set(), set()
    for field in sorted(gone):
        yield Reason(Level.MAJOR, name, f"{kind} `{field}` was removed")
    for field in sorted(come):
        yield _added(name, kind, after[field])
    for field in sorted(before.keys() & after.keys()):
        yield from _field_reasons(name, kind, before[field], after[field])


def breaking_changes(old: PredictorContract, new: PredictorContract) -> list[str]:
    """Return the breaking changes, in words, in the fields and tools that both contracts have."""
    directions = (
        ("input", old.inputs, new.inputs),
        ("output", _without_tools(old), _without_tools(new)),
    )
    pairs = (
        (kind, a, b)
        for kind, before, after in directions
        for a in before
        for b in after
        if a.name == b.name
    )
    reasons = [reason for kind, a, b in pairs for reason in _field_reasons("", kind, a, b)]
    reasons += _argument_reasons("", old, new)
    return [reason.message for reason in reasons if reason.level is Level.MAJOR]


def _added(name: str, kind: str, field: Field) -> Reason:
    """Return the reason for an added field. An input of unknown necessity counts as required."""
    required = kind == "input" and field.required is not False
    noun = f"required {kind}" if required and field.required else kind
    return Reason(
        Level.MAJOR if required else Level.MINOR, name, f"{noun} `{field.name}` was added"
    )


def _field_reasons(name: str, kind: str, old: Field, new: Field) -> Iterator[Reason]:
    if kind == "input" and old.required is not new.required and None not in _required(old, new):
        level = Level.MAJOR if new.required else Level.MINOR
        necessity = "required" if new.required else "optional"
        yield Reason(level, name, f"{kind} `{old.name}` became {necessity}")
    if _is_same_dspy_type(old, new):
        return
    rules = INPUT_RULES if kind == "input" else OUTPUT_RULES
    if old.schema is None or new.schema is None:
        if old.type is not None and new.type is not None and old.type != new.type:
            yield Reason(Level.MAJOR, name, _retyped(kind, old, new))
        return
    for fact in facts(old.schema, new.schema):
        if fact.kind is SchemaKind.RETYPED and not fact.path:
            yield Reason(rules[fact.kind], name, _retyped(kind, old, new))
        else:
            path = f" at `{fact.path.lstrip('.')}`" if fact.path else ""
            yield Reason(rules[fact.kind], name, f"{kind} `{old.name}` {_was(fact.kind)}{path}")


def _is_same_dspy_type(old: Field, new: Field) -> bool:
    """Return whether both are the same type of DSPy, whose module and schema vary by release."""
    before, after = (_OF_DSPY.sub("dspy.", field.type or "") for field in (old, new))
    return before == after and "dspy." in before


def _required(*fields: Field) -> tuple[bool | None, ...]:
    return tuple(field.required for field in fields)


def _retyped(kind: str, old: Field, new: Field) -> str:
    return f"{kind} `{old.name}` was retyped from {old.type} to {new.type}"


def _was(kind: SchemaKind) -> str:
    participles = {SchemaKind.WIDENED, SchemaKind.NARROWED, SchemaKind.RETYPED}
    return f"was {kind}" if kind in participles else str(kind)


def tool_names(predictor: PredictorContract) -> set[str] | None:
    """Return the names of the tools that a predictor may call; None if it calls none."""
    if predictor.tools:
        return {tool.name for tool in predictor.tools}
    for field in predictor.outputs:
        if field.name == _TOOL_NAME and isinstance(field.schema, dict):
            return set(field.schema.get("enum", ())) - {FINISH}
    return None


def _without_tools(predictor: PredictorContract) -> tuple[Field, ...]:
    """Return the outputs without the choice of a tool: tools are compared on their own."""
    return tuple(field for field in predictor.outputs if field.name != _TOOL_NAME)


def _tool_reasons(name: str, old: PredictorContract, new: PredictorContract) -> Iterator[Reason]:
    before, after = tool_names(old), tool_names(new)
    if before is None or after is None:
        return
    for tool in sorted(before - after):
        yield Reason(Level.MAJOR, name, f"tool `{tool}` was removed or renamed")
    for tool in sorted(after - before):
        yield Reason(Level.MINOR, name, f"tool `{tool}` was added")
    yield from _argument_reasons(name, old, new)


def _argument_reasons(
    name: str, old: PredictorContract, new: PredictorContract
) -> Iterator[Reason]:
    arguments = {tool.name: tool.arguments for tool in old.tools}
    for kept in new.tools:
        known = arguments.get(kept.name)
        if known is not None and kept.arguments is not None and _differ(known, kept.arguments):
            yield Reason(Level.MAJOR, name, f"the arguments of tool `{kept.name}` changed")


def _differ(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether arguments differ. DSPy 2.5 records only the names of their types."""
    if not all(isinstance(schema, dict) for schema in (*old.values(), *new.values())):
        return old.keys() != new.keys()
    a, b = ({"type": "object", "properties": each} for each in (old, new))
    return bool(facts(a, b))


def _program_reasons(old: Side, new: Side) -> Iterator[Reason]:
    a, b = old.contract.forward, new.contract.forward
    if a is not None and b is not None and a != b:
        from dspyreg.compare.calls import fits

        fit = fits(a, b)
        if fit is not None:
            level = Level.MINOR if fit else Level.MAJOR
            yield Reason(level, None, f"forward{a} became forward{b}")
    if old.dspy and new.dspy and old.dspy.split(".")[:2] != new.dspy.split(".")[:2]:
        yield Reason(Level.MINOR, None, f"DSPy {old.dspy} became {new.dspy}")


def _state_reasons(old: Program, new: Program) -> Iterator[Reason]:
    before = {predictor.name: predictor for predictor in old.predictors}
    for predictor in new.predictors:
        if predictor.name in before:
            yield from _text_reasons(before[predictor.name], predictor)
    if not same(old.others, new.others):
        yield Reason(Level.PATCH, None, "state outside the predictors changed")


def _text_reasons(old: Predictor, new: Predictor) -> Iterator[Reason]:
    if not same(_model(old), _model(new)):
        yield Reason(Level.MINOR, new.name, _model_change(_model(old), _model(new)))
    elif not same(without_credentials(old.lm), without_credentials(new.lm)):
        yield Reason(Level.PATCH, new.name, "the settings of the language model changed")
    a, b = old.normal(), new.normal()
    changed = (name for name in _TEXTS if not same(a[name], b[name]))
    yield from (Reason(Level.PATCH, new.name, _TEXTS[name]) for name in changed)


def _model_change(old: Any, new: Any) -> str:
    if old is None:
        return f"the model {new} was set"
    return f"the model {old} is no longer set" if new is None else f"the model {old} became {new}"


def _model(predictor: Predictor) -> Any:
    return predictor.lm.get("model") if isinstance(predictor.lm, dict) else predictor.lm


def _unknown(old: Contract, new: Contract) -> Iterator[str]:
    known = {CAPTURED if each.is_captured else each.knowledge for each in (old, new)}
    if UNKNOWN in known:
        yield "inputs and outputs are unknown: a program cannot be read"
    elif known != {CAPTURED}:
        one = CAPTURED in known
        yield "types are known on one side only" if one else "types are not known from saved states"
