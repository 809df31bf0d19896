"""Layouts of differences between programs: word by word, with equal lines folded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.diff import ADDED, CHANGED, EDITED, REMOVED, SAME, values, words
from dspyreg.render.blocks import Fields, Layout, Marked, StyledText, Table
from dspyreg.render.text import number, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dspyreg.compare.diff import DemoChange, FieldChange, PredictorDiff, ValueChange
    from dspyreg.formats.normal import Predictor
    from dspyreg.registry.analyse.diff import Difference
    from dspyreg.registry.analyse.prompt import Prompt
    from dspyreg.render.blocks import Block
    from dspyreg.render.options import RenderOptions

_Line = tuple[StyledText, ...]

_CONTEXT: Final = 1
_MAX_VALUE: Final = 72
_MAX_RUN: Final = 40
_MAX_DEMOS: Final = 10
_ALIKE: Final = 0.4
_SIGNS: Final = {ADDED: "+", REMOVED: "-", EDITED: "~"}


def difference(result: Difference, options: RenderOptions) -> Layout:
    """Lay out what differs between two programs."""
    verdict = result.verdict
    fields = (
        ("from", verdict.a.name),
        ("to", verdict.b.name),
        ("bump", str(verdict.judgement.level)),
        ("compatibility", verdict.compatibility),
        *((f"{each.key}", f"{each.old or '-'} → {each.new or '-'}") for each in result.versions),
    )
    blocks: list[Block] = [Fields(fields)]
    reasons = tuple(
        (str(each.level), each.predictor or "", each.message) for each in verdict.judgement.reasons
    )
    if reasons:
        blocks.append(Table(("level", "predictor", "reason"), reasons))
    if result.metrics:
        blocks.append(_metrics(result))
    lines = [line for each in result.predictors for line in _predictor(each)]
    lines += _section("beside the predictors", _beside(result.others))
    lines += _section("what DSPy does not save", _values(result.settings))
    return (*blocks, Marked(tuple(lines))) if lines else tuple(blocks)


def metric_rows(result: Difference) -> tuple[tuple[str, ...], ...]:
    """Return the rows of a table of metrics: both values, the change, the better side."""
    names = {"a": result.verdict.a.name, "b": result.verdict.b.name, "tie": "equal"}
    return tuple(
        (
            each.metric,
            number(each.a),
            number(each.b),
            "" if each.change is None else f"{each.change:+.4g}",
            "" if each.change_percent is None else f"{each.change_percent:+.2f}%",
            names.get(each.better or "", ""),
        )
        for each in result.metrics
    )


def _metrics(result: Difference) -> Table:
    columns = ("metric", "from", "to", "change", "percent", "better")
    return Table(columns, metric_rows(result))


def _predictor(predictor: PredictorDiff) -> Iterator[_Line]:
    name = predictor.name or "the program itself"
    if predictor.change == SAME:
        yield (StyledText(name, "head"), StyledText(": the same"))
        return
    change = "" if predictor.change == CHANGED else f": {predictor.change}"
    yield (StyledText(name, "head"), StyledText(change))
    if predictor.instructions is not None:
        old, new = predictor.instructions
        yield from _section("instructions", text_lines(old or "", new or ""))
    yield from _section("fields", _fields(predictor.fields))
    yield from _section("language model", _values(predictor.lm))
    yield from _section("thresholds", _values(predictor.settings))
    yield from _section("other state", _values(predictor.more))
    if predictor.demos:
        yield from _section(f"demos: {_counts(predictor)}", _demos(predictor.demos))


def _section(title: str, lines: Iterable[_Line]) -> Iterator[_Line]:
    body = list(lines)
    if body:
        yield (StyledText(f"  {title}"),)
        yield from ((StyledText("    "), *line) for line in body)


# Texts


def text_lines(old: str, new: str) -> Iterator[_Line]:
    """Yield the lines of a text with its changes marked and equal lines folded.

    Texts with little in common are shown one after the other.
    """
    runs = words(old, new)
    alike = sum(len(text) for kind, text in runs if kind == SAME)
    if alike < _ALIKE * max(len(old), len(new)):
        for kind, text in ((REMOVED, old), (ADDED, new)):
            yield from (
                (StyledText(line, kind if line else SAME),) for line in text.split("\n") if text
            )
        return
    yield from _folded(_split(StyledText(text, kind) for kind, text in runs))


def _split(spans: Iterable[StyledText]) -> list[_Line]:
    """Return spans as lines."""
    lines: list[list[StyledText]] = [[]]
    for span in spans:
        first, *rest = span.text.split("\n")
        lines[-1].append(StyledText(first, span.kind))
        lines += [[StyledText(each, span.kind)] for each in rest]
    return [tuple(span for span in line if span.text) for line in lines]


def _folded(lines: list[_Line]) -> Iterator[_Line]:
    changed = [n for n, line in enumerate(lines) if any(span.kind != SAME for span in line)]
    near = {n + d for n in changed for d in range(-_CONTEXT, _CONTEXT + 1)}
    hidden = 0
    for nth, line in enumerate((*lines, ())):
        if nth not in near and nth < len(lines):
            hidden += 1
            continue
        if hidden:
            yield (StyledText(f"… {hidden} {'line' if hidden == 1 else 'lines'} the same"),)
            hidden = 0
        if nth < len(lines):
            yield line


# Members


def _values(changes: Iterable[ValueChange]) -> Iterator[_Line]:
    for change in changes:
        yield (StyledText(f"{one_line(change.key)}: "), *_between(change.old, change.new))


def _beside(changes: Iterable[ValueChange]) -> Iterator[_Line]:
    """Yield the changes outside the predictors, member by member; code line by line."""
    for change in members(changes):
        if is_code(change.old, change.new):
            yield (StyledText(f"{one_line(change.key)}:"),)
            lines = text_lines(change.old or "", change.new or "")
            yield from ((StyledText("  "), *line) for line in lines)
        else:
            yield from _values((change,))


def members(changes: Iterable[ValueChange]) -> Iterator[ValueChange]:
    """Yield the changes outside the predictors, one for each member that differs."""
    for change in changes:
        old, new = change.old, change.new
        if not isinstance(old, dict | None) or not isinstance(new, dict | None):
            yield change
            continue
        for each in values(old or {}, new or {}):
            yield each._replace(key=f"{change.key}.{each.key}".lstrip("."))


def is_code(*texts: Any) -> bool:
    """Return whether these are texts, one of them with several lines."""
    return all(isinstance(text, str | None) for text in texts) and any(
        "\n" in text for text in texts if text
    )


def _between(old: Any, new: Any) -> Iterator[StyledText]:
    if old is not None:
        yield StyledText(shortened(spelt(old)), REMOVED)
    if new is not None:
        yield StyledText(shortened(spelt(new)), ADDED)


def _fields(changes: Iterable[FieldChange]) -> Iterator[_Line]:
    for change in changes:
        old, new = (
            "" if text is None else one_line(f"{text.prefix} {text.description}")
            for text in (change.old, change.new)
        )
        yield (
            StyledText(f"{change.place + 1}. "),
            *(StyledText(t, kind) for kind, t in words(old, new)),
        )


def spelt(value: Any) -> str:
    """Return a JSON value on one line; a text as it is."""
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def shortened(text: str, length: int = _MAX_VALUE) -> str:
    """Return the text, cut if it is long."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


# Demos


def _counts(predictor: PredictorDiff) -> str:
    kinds = [change.kind for change in predictor.demos]
    counts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    return ", ".join([*counts, f"{predictor.demos_kept} unchanged"])


def _demos(changes: Sequence[DemoChange]) -> Iterator[_Line]:
    for change in changes[:_MAX_DEMOS]:
        yield from _demo(change)
    if len(changes) > _MAX_DEMOS:
        yield (StyledText(f"… and {len(changes) - _MAX_DEMOS} more"),)


def _demo(change: DemoChange) -> Iterator[_Line]:
    sign = _SIGNS.get(change.kind, ">")
    made = " (augmented)" if change.augmented else ""
    old, new = change.old or {}, change.new or {}
    if change.kind != EDITED:
        kind = change.kind if change.kind in {ADDED, REMOVED} else SAME
        text = " · ".join(
            f"{one_line(k)}: {shortened(spelt(v))}" for k, v in _fields_of(new or old)
        )
        yield (StyledText(f"{sign}{made} "), StyledText(text, kind))
        return
    beginning = next((f"{one_line(k)}: {shortened(spelt(v))}" for k, v in _fields_of(new)), "")
    yield (StyledText(f"{sign}{made} {beginning}"),)
    for key in dict.fromkeys((*old, *new)):
        a, b = (spelt(demo[key]) if key in demo else "" for demo in (old, new))
        if a != b:
            yield (StyledText(f"    {one_line(key)}: "), *_run(a, b))


def _fields_of(demo: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in demo.items() if key != "augmented"]


def _run(old: str, new: str) -> Iterator[StyledText]:
    """Yield the words of two short texts; long runs are cut."""
    for kind, text in words(old, new):
        if kind != SAME:
            yield StyledText(shortened(text), kind)
        elif len(text) > 2 * _MAX_RUN:
            yield StyledText(f"{text[:_MAX_RUN]} … {text[-_MAX_RUN:]}")
        else:
            yield StyledText(text)


# A prompt


def prompt(result: Prompt, options: RenderOptions) -> Layout:
    """Lay out the instructions, fields and demos of a version's predictors."""
    lines: list[_Line] = []
    for nth, predictor in enumerate(result.predictors):
        lines += [()] if nth else []
        lines += _prompt(predictor)
    return (Marked(tuple(lines)),)


def _prompt(predictor: Predictor) -> Iterator[_Line]:
    yield (StyledText(predictor.name or "the program itself", "head"),)
    instructions = predictor.instructions
    yield from _section("instructions", _plain(instructions or "(none are saved)"))
    yield from _section("fields", (_text(field) for field in predictor.fields))
    for nth, demo in enumerate(predictor.demos, start=1):
        made = " (augmented)" if demo.get("augmented") else ""
        yield from _section(f"demo {nth}{made}", _members(demo))


def _plain(text: str) -> Iterator[_Line]:
    yield from ((StyledText(line),) for line in text.split("\n"))


def _text(field: Any) -> _Line:
    return (StyledText(one_line(f"{field.prefix} {field.description}")),)


def _members(demo: dict[str, Any]) -> Iterator[_Line]:
    for key, value in _fields_of(demo):
        if isinstance(value, str) and "\n" in value:
            yield (StyledText(f"{one_line(key)}:"),)
            yield from ((StyledText("  "), *line) for line in _plain(value))
        else:
            yield (StyledText(f"{one_line(key)}: {spelt(value)}"),)
