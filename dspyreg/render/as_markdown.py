"""Markdown for a pull request. Text from artifacts is always code: in code it cannot be markup,
HTML, a link or a mention.
"""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.diff import ADDED, CHANGED, EDITED, REMOVED, SAME, runs
from dspyreg.render import as_plain
from dspyreg.render.blocks import Fields, Table
from dspyreg.render.decision_layout import verdict_on
from dspyreg.render.diff_layout import is_code, members, metric_rows, shortened, spelt
from dspyreg.render.metrics_layout import METRIC_COLUMNS, side_by_side, side_names, some
from dspyreg.render.results import layout, name_of
from dspyreg.render.text import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from dspyreg.compare.diff import DemoChange, PredictorDiff
    from dspyreg.registry.analyse.compare import Comparison
    from dspyreg.registry.analyse.diff import Difference
    from dspyreg.registry.gate.check import Decision
    from dspyreg.render.blocks import Block
    from dspyreg.render.options import RenderOptions

_TICKS = re.compile("`+")
_MAX_DEMOS: Final = 20
_MAX_LINE: Final = 400
_MAX_TEXT: Final = 2_000  # characters of one line of a text
_MAX_THE_SAME: Final = 3
_MAX_PART: Final = 12_000  # characters
_MAX_ROWS: Final = 100
_MAX_COMMENT: Final = 60_000  # of 65,536 characters; the poster adds some
_END: Final = 1_000  # of it kept free for the note on what was left out
_SIGNS: Final = {REMOVED: "-", ADDED: "+", SAME: " "}


def render(result: object, options: RenderOptions) -> str:
    """Return a result as Markdown: in its own form, or else its layout block by block."""
    if own := OWN.get(name_of(result)):
        return own(result, options)
    return "\n".join(_block(each, options) for each in layout(result, options))


def _block(part: Block, options: RenderOptions) -> str:
    if isinstance(part, Table):
        rows = [tuple(map(code, row)) for row in part.rows]
        return "".join(_table(part.columns, rows))
    if isinstance(part, Fields):
        return "".join(f"- {code(name)}: {code(value)}\n" for name, value in part.pairs)
    return block(as_plain.lines((part,), options), "text")


def code(text: str) -> str:
    """Return a text as code, for a line or the cell of a table."""
    line = one_line(text).replace("|", "\\|")
    if not line:
        return ""
    fence = "`" * (1 + _longest_run(line))
    pad = " " if line.startswith(("`", " ")) or line.endswith(("`", " ")) else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def block(lines: Iterable[str], language: str = "diff") -> str:
    """Return lines as a block of code; none of them can end it."""
    body = [visible(line) for line in lines]
    fence = "`" * max(3, 1 + max(map(_longest_run, body), default=0))
    return "\n".join((fence + language, *body, fence)) + "\n"


def _longest_run(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)


def difference(result: Difference, _: RenderOptions) -> str:
    """Return what differs between two programs, cut to the size of a comment."""
    kept: list[str] = []
    room, left_out = _MAX_COMMENT - _END, 0
    for part in _difference(result):
        if len(part) < room and not left_out:
            kept.append(part)
            room -= len(part) + 1
        else:
            left_out += 1
    if left_out:
        names = f"{result.verdict.a.name} {result.verdict.b.name}"
        kept.append(
            f"**{left_out} more parts were left out**, because a comment holds no more: "
            f"{code(shortened(f'dspyreg diff {names}', _END // 2))} shows them.\n"
        )
    return "\n".join(kept) + "\n"


def _difference(result: Difference) -> Iterator[str]:
    """Yield the parts, each complete in itself."""
    verdict = result.verdict
    yield f"### {code(verdict.a.name)} → {code(verdict.b.name)}\n"
    level, compatibility = str(verdict.judgement.level), verdict.compatibility
    yield f"**{level}** · {compatibility} · contract {verdict.knowledge}\n"
    yield from (f"- {code(_short(notice))}" for notice in verdict.notices[:_MAX_ROWS])
    yield from [""] if verdict.notices else []
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
    for change in members(result.others):
        code_lines = is_code(change.old, change.new)
        lines = _lines(change.old, change.new) if code_lines else _values((change,))
        yield from _details("beside the predictors", change.key, lines)
    yield from _details("what DSPy does not save", None, _values(result.settings))


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        rest = len(lines) - _MAX_ROWS
        more = [f"\n{rest} more rows were left out."] if rest > 0 else []
        head = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
        yield "\n".join((*head, *lines[:_MAX_ROWS], *more, ""))


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
    """Yield a part that can be collapsed. A summary cannot hold code: the name is below it."""
    body = _folded(list(lines))
    if body:
        head = f"<details{' open' if open_ else ''}><summary>{title}</summary>\n"
        named = [f"{code(shortened(name, _MAX_LINE))}\n"] if name is not None else []
        yield "\n".join((head, *named, block(body), "</details>\n"))


def _folded(lines: list[str]) -> list[str]:
    """Return as many lines as one part may have, and the number left out."""
    room = _MAX_PART
    for nth, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return [*lines[:nth], f"@@ {len(lines) - nth} more lines were left out @@"]
    return lines


def _lines(old: str | None, new: str | None) -> Iterator[str]:
    a, b = ([] if text is None else text.split("\n") for text in (old, new))
    for kind, lines in runs(a, b):
        if kind != SAME or len(lines) <= _MAX_THE_SAME:
            yield from (_line(_SIGNS[kind], line) for line in lines)
            continue
        yield _line(" ", lines[0])
        yield f"@@ {len(lines) - 2} lines the same @@"
        yield _line(" ", lines[-1])


def _line(sign: str, text: str) -> str:
    """Return a line of a text, cut if it is very long."""
    rest = len(text) - _MAX_TEXT
    more = f"… and {rest} more characters" if rest > 0 else ""
    return f"{sign} {text[:_MAX_TEXT]}{more}"


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
    return shortened(text, _MAX_LINE)


def _demos(predictor: PredictorDiff) -> Iterator[str]:
    for change in predictor.demos[:_MAX_DEMOS]:
        yield from _demo(change)
    rest = len(predictor.demos) - _MAX_DEMOS
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
    text = " · ".join(f"{one_line(key)}: {spelt(value)}" for key, value in (demo or {}).items())
    return _short(f"{sign} {text}")


def decision(result: Decision, _: RenderOptions) -> str:
    """Return whether a version may go to a stage or environment, and every finding."""
    mark = "✅" if result.passed else "❌"
    lines = [f"### {mark} {code(verdict_on(result))}", ""]
    findings = list(result.findings)
    if len(findings) > _MAX_ROWS:
        findings.sort(key=attrgetter("passed"))  # failures are never left out
    rows = [
        ("✅" if finding.passed else "❌", finding.rule, code(finding.message))
        for finding in findings
    ]
    return "\n".join([*lines, *_table(("", "rule", "finding"), rows)]).rstrip() + "\n"


def comparison(result: Comparison, options: RenderOptions) -> str:
    """Return the comparison of two versions."""
    return "\n".join(_comparison(result, whole=options.whole)).rstrip() + "\n"


def _comparison(result: Comparison, *, whole: bool) -> Iterator[str]:
    a, b = result.versions
    names = side_names(result)
    yield f"### {code(str(a))} → {code(str(b))}\n"
    yield f"**Winner:** {_winner(result, names)} · {result.verdict.compatibility}\n"
    yield f"{code(result.recommendation)}\n"
    rows = [
        (code(name), *rest, code(best)) for name, *rest, best in side_by_side(result.metrics, names)
    ]
    yield from _table(METRIC_COLUMNS, rows)
    alone = [(code(metric), code(str(b))) for metric in result.added]
    alone += [(code(metric), code(str(a))) for metric in result.removed]
    yield from _table(("metric", "only in"), alone)
    changes = {
        "configuration": result.configuration_changes,
        "metadata": some(result.metadata_changes, whole=whole),
    }
    for title, lines in changes.items():
        yield from _details(title, None, map(_signed, lines))


def _winner(result: Comparison, names: dict[str, str]) -> str:
    best = result.result.winner
    name = code(names[best]) if best in {"a", "b"} else names[best]
    return f"{name}, worse in nothing" if result.result.definitely else name


def _signed(line: str) -> str:
    """Return a change in words as a line of a diff."""
    verb, _, rest = line.partition(" ")
    return _short(f"{_SIGNS.get(verb, '!')} {one_line(rest)}")


OWN: Final[dict[str, Callable[[Any, RenderOptions], str]]] = {
    "registry.analyse.compare.Comparison": comparison,
    "registry.analyse.diff.Difference": difference,
    "registry.gate.check.Decision": decision,
}
