"""Markdown for a pull request. What comes from artifacts stands in code and nowhere else: there
it can be no markup, no HTML, no link and no mention.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.diff import ADDED, CHANGED, EDITED, REMOVED, SAME, runs
from dspyreg.render.as_diff import metric_rows, shortened, spelt
from dspyreg.render.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dspyreg.compare.diff import DemoChange, PredictorDiff

_TICKS = re.compile("`+")
_MOST_DEMOS: Final = 20
_LONGEST_LINE: Final = 400
_MOST_THE_SAME: Final = 3
_SIGNS: Final = {REMOVED: "-", ADDED: "+", SAME: " "}


def code(text: str) -> str:
    """A text as code, in a line or the cell of a table."""
    told = one_line(text).replace("|", "\\|")
    if not told:
        return ""
    fence = "`" * (1 + _longest_run(told))
    pad = " " if told.startswith(("`", " ")) or told.endswith(("`", " ")) else ""
    return f"{fence}{pad}{told}{pad}{fence}"


def block(lines: Iterable[str], language: str = "diff") -> str:
    """Lines as a block of code; none of them can end it."""
    told = [visible(line) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, told), default=0))
    return "\n".join((fence + language, *told, fence)) + "\n"


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def difference(result: Any) -> str:
    """What differs between two programs."""
    return "\n".join(_difference(result)) + "\n"


def _difference(result: Any) -> Iterator[str]:
    verdict = result.verdict
    yield f"### {code(verdict.a.name)} → {code(verdict.b.name)}\n"
    level, compatibility = str(verdict.judgement.level), verdict.compatibility
    yield f"**{level}** · {compatibility} · contract {verdict.knowledge}\n"
    reasons = [
        (str(each.level), code(each.predictor or ""), code(each.message))
        for each in verdict.judgement.reasons
    ]
    yield from _table(("level", "predictor", "reason"), reasons)
    rows = [(code(name), *rest, code(best)) for name, *rest, best in metric_rows(result)]
    yield from _table(("metric", "from", "to", "change", "percent", "better"), rows)
    versions = [(code(v.key), code(v.old or "-"), code(v.new or "-")) for v in result.versions]
    yield from _table(("saved with", "from", "to"), versions)
    for predictor in result.predictors:
        yield from _predictor(predictor)
    yield from _details("beside the predictors", None, _values(result.others))
    yield from (f"- {code(notice)}" for notice in verdict.notices)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    found = [" | ".join(row) for row in rows]
    if found:
        yield f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}"
        yield from (f"| {row} |" for row in found)
        yield ""


def _predictor(predictor: PredictorDiff) -> Iterator[str]:
    name = predictor.name or "the program itself"
    if predictor.change == SAME:
        return
    if predictor.change != CHANGED:
        yield f"Predictor {code(name)} was {predictor.change}.\n"
    if predictor.instructions is not None:
        yield from _details("instructions", name, _lines(*predictor.instructions))
    parts = {"language model": predictor.lm, "thresholds": predictor.settings}
    fields = [line for change in predictor.fields for line in _pair(change.old, change.new, " ")]
    yield from _details("fields", name, fields)
    for title, changes in {**parts, "other state": predictor.more}.items():
        yield from _details(title, name, _values(changes))
    yield from _details("demos", name, _demos(predictor), open_=False)


def _details(
    title: str, name: str | None, lines: Iterable[str], *, open_: bool = True
) -> Iterator[str]:
    """A part that can be folded away; its title cannot be code, which needs a line of its own."""
    found = list(lines)
    if found:
        yield f"<details{' open' if open_ else ''}><summary>{title}</summary>\n"
        yield from [f"{code(name)}\n"] if name is not None else []
        yield block(found)
        yield "</details>\n"


def _lines(old: str | None, new: str | None) -> Iterator[str]:
    a, b = ([] if text is None else text.split("\n") for text in (old, new))
    for kind, lines in runs(a, b):
        if kind != SAME or len(lines) <= _MOST_THE_SAME:
            yield from (f"{_SIGNS[kind]} {line}" for line in lines)
            continue
        yield f"  {lines[0]}"
        yield f"@@ {len(lines) - 2} lines the same @@"
        yield f"  {lines[-1]}"


def _values(changes: Iterable[Any]) -> Iterator[str]:
    for change in changes:
        for sign, value in (("-", change.old), ("+", change.new)):
            if value is not None:
                yield _short(f"{sign} {one_line(change.key)}: {spelt(value)}")


def _pair(old: Any, new: Any, between: str) -> Iterator[str]:
    for sign, text in (("-", old), ("+", new)):
        if text is not None:
            yield _short(f"{sign} {one_line(between.join(text))}")


def _short(text: str) -> str:
    return shortened(text, _LONGEST_LINE)


def _demos(predictor: PredictorDiff) -> Iterator[str]:
    for change in predictor.demos[:_MOST_DEMOS]:
        yield from _demo(change)
    rest = len(predictor.demos) - _MOST_DEMOS
    if rest > 0:
        yield f"@@ and {rest} more @@"
    if predictor.demos:
        yield f"@@ {predictor.demos_kept} unchanged @@"


def _demo(change: DemoChange) -> Iterator[str]:
    if change.kind == EDITED:
        yield from (_of(change.old, "-"), _of(change.new, "+"))
    elif change.kind == REMOVED:
        yield _of(change.old, "-")
    else:
        yield _of(change.new, "+" if change.kind != "moved" else "  moved:")


def _of(demo: dict[str, Any] | None, sign: str) -> str:
    told = " · ".join(f"{one_line(key)}: {spelt(value)}" for key, value in (demo or {}).items())
    return _short(f"{sign} {told}")


MARKDOWN: Final[dict[str, Callable[[Any], str]]] = {"Difference": difference}
