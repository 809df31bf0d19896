"""How each result is laid out for people; a new result is a new row of ``SHEETS``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare import settings
from dspyreg.render.blocks import Fields, Lines, Sheet, Table
from dspyreg.render.text import number, time

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.model.entry import Entry
    from dspyreg.model.version import Version


def outcome(result: Any) -> Sheet:
    """The entries that a change made, as ``log`` shows them."""
    return log(result.entries) if result.entries else ()


def log(entries: tuple[Entry, ...] | list[Entry]) -> Sheet:
    """Entries, newest first."""
    rows = tuple(
        (
            str(entry.seq or "-"),
            time(entry.time),
            entry.actor,
            entry.operation if entry.outcome == "done" else f"{entry.operation} {entry.outcome}",
            _subject(entry),
            _remark(entry),
        )
        for entry in entries
    )
    return (Table(("seq", "time", "actor", "operation", "version", "reason"), rows),)


def history(result: Any) -> Sheet:
    """Entries of the log."""
    return log(result.entries)


def _subject(entry: Entry) -> str:
    if entry.program is None:
        return ""
    return f"{entry.program}@{entry.label}" if entry.label else entry.program


def _remark(entry: Entry) -> str:
    told = [f"undoes {entry.undoes}"] if entry.undoes else []
    told += ["forced"] if entry.forced else []
    evidence = entry.evidence if isinstance(entry.evidence, dict) else {}
    told += [_automatic(evidence.get("cause"))] if entry.automatic else []
    told += [entry.reason] if entry.reason else []
    if entry.operation == "approve" and entry.context.get("claimed"):
        told.append("the actor was given by hand")
    return "; ".join([*told, *evidence.get("failures", [])])


def _automatic(cause: Any) -> str:
    """Say why something happened by itself, as far as its entry makes sense."""
    if not isinstance(cause, dict) or not isinstance(cause.get("rule"), str):
        return "automatic"
    after = f" after entry {cause['entry']}" if cause.get("entry") else ""
    return f"automatic: {cause['rule']}{after}"


def entry(result: Entry) -> Sheet:
    """One entry, whole."""
    fields = (
        ("seq", str(result.seq)),
        ("id", str(result.id)),
        ("time", result.time),
        ("actor", result.actor),
        ("operation", result.operation),
        ("operation_id", result.operation_id),
        ("version", _subject(result)),
        ("outcome", result.outcome),
        ("remark", _remark(result)),
        *((f"context.{key}", str(value)) for key, value in sorted(result.context.items())),
        *_evidence(result.evidence),
    )
    rows = tuple((c.name, _value(c.old), _value(c.new)) for c in result.changes)
    table = (Table(("name", "old", "new"), rows),) if rows else ()
    return (Fields(tuple(pair for pair in fields if pair[1])), *table)


def _evidence(evidence: Any) -> list[tuple[str, str]]:
    if not isinstance(evidence, dict):
        return []
    return [(f"evidence.{key}", _value(value)) for key, value in sorted(evidence.items())]


def _value(value: Any) -> str:
    import json

    return "" if value is None else json.dumps(value, ensure_ascii=False)


_LONGEST: Final = 200  # characters of a member of the metadata


def version(result: Version, *, whole: bool = False) -> Sheet:
    """One version; long metadata are shortened unless they are wanted whole."""
    fields = (
        ("program", result.program),
        ("label", result.label),
        ("number", str(result.number)),
        ("stage", result.stage),
        ("live in", ", ".join(result.live_in)),
        ("score", number(result.score)),
        ("tags", ", ".join(result.tags)),
        ("changelog", result.changelog or ""),
        ("registered", _by(result.created_at, result.created_by)),
        ("promoted", _by(result.promoted_at, result.promoted_by)),
        ("digest", result.digest),
        *(
            (f"metadata.{key}", _plain(value) if whole else _shortened(_plain(value)))
            for key, value in sorted(result.metadata.items())
        ),
        *(
            (f"settings.{key}", _plain(value) if whole else _shortened(_plain(value)))
            for key, value in settings.flat(result.settings or {}).items()
        ),
        *((f"context.{key}", _plain(value)) for key, value in sorted(result.context.items())),
    )
    blocks: list[Any] = [Fields(tuple(pair for pair in fields if pair[1]))]
    if result.metrics:
        rows = tuple((name, number(value)) for name, value in sorted(result.metrics.items()))
        blocks.append(Table(("metric", "value"), rows))
    files = tuple((file.path, str(file.size), file.digest) for file in result.files)
    blocks.append(Table(("file", "bytes", "digest"), files))
    steps = tuple(
        (
            str(t.seq),
            time(t.timestamp),
            t.actor,
            f"{t.from_stage or 'none'} → {t.to_stage}",
            t.reason or "",
        )
        for t in result.transitions
    )
    blocks.append(Table(("seq", "time", "actor", "stage", "reason"), steps))
    return tuple(blocks)


def _by(at: str | None, who: str | None) -> str:
    return f"{time(at)} by {who}" if at else ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else _value(value)


def _shortened(text: str) -> str:
    rest = len(text) - _LONGEST
    return f"{text[:_LONGEST]}… ({rest} more characters: --all)" if rest > 0 else text


def page(result: Any) -> Sheet:
    """Versions in a list."""
    rows = tuple(
        (
            f"{each.program}@{each.label}",
            str(each.number),
            each.stage,
            ", ".join(each.live_in),
            number(each.score),
            time(each.created_at),
            each.created_by or "",
            ", ".join(each.tags),
        )
        for each in result.versions
    )
    columns = ("version", "number", "stage", "live in", "score", "registered", "by", "tags")
    return (Table(columns, rows),)


def programs(result: Any) -> Sheet:
    """Programs in a list."""
    rows = tuple(
        (
            each.name,
            each.latest or "",
            str(each.versions),
            ", ".join(f"{place}={label}" for place, label in each.live.items()),
        )
        for each in result.programs
    )
    return (Table(("program", "latest", "versions", "live"), rows),)


def resolution(result: Any) -> Sheet:
    """The bare label."""
    return (Lines((result.label,)),)


def status(result: Any) -> Sheet:
    """Where a program stands."""
    places = tuple(
        (
            name,
            serving.live or "-",
            serving.deployment.deployment_id if serving.deployment else "",
            time(serving.deployment.deployed_at) if serving.deployment else "",
            serving.deployment.deployed_by if serving.deployment else "",
        )
        for name, serving in result.environments.items()
    )
    stages = tuple(
        (stage, str(result.stage_counts[stage]), ", ".join(labels))
        for stage, labels in result.stages.items()
        if labels
    )
    from dspyreg.render.metrics_layout import trend_fields

    trend = trend_fields(result.history)
    blocks: list[Any] = [
        Table(("environment", "live", "deployment", "since", "by"), places),
        Table(("stage", "versions", "newest first"), stages),
    ]
    blocks += [Fields(trend)] if trend else []
    return (*blocks, Lines(result.recommendations)) if result.recommendations else tuple(blocks)


def board(result: Any) -> Sheet:
    """The stages as columns."""
    columns = {
        stage: [f"{program}@{label}" for program, label in found]
        for stage, found in result.stages.items()
    }
    height = max((len(column) for column in columns.values()), default=0)
    rows = tuple(
        tuple(column[row] if row < len(column) else "" for column in columns.values())
        for row in range(height)
    )
    lines = tuple((stage, name) for stage, column in columns.items() for name in column)
    return (Table(tuple(columns), rows, headless=lines),)


def checked_out(result: Any) -> Sheet:
    """Where the files are."""
    return (Lines(result.written),)


def verdict(result: Any) -> Sheet:
    """What a verification found."""
    fields = Fields(
        (
            ("ok", "yes" if result.ok else "no"),
            ("entries", str(result.entries)),
            ("blobs", str(result.blobs)),
            ("collected", str(result.collected)),
            ("head", f"{result.head.seq} {result.head.id}"),
        )
    )
    rows = tuple((p.kind, p.where, p.message) for p in result.problems)
    rows += tuple((f"{p.kind} repaired", p.where, p.message) for p in result.repaired)
    return (fields, Table(("problem", "where", "what"), rows)) if rows else (fields,)


def decision(result: Any) -> Sheet:
    """Whether a version would be let through, and every finding."""
    rows = tuple(
        ("passed" if finding.passed else "FAILED", finding.rule, finding.message)
        for finding in result.findings
    )
    head = Lines((verdict_on(result),))
    return (head, Table(("", "rule", "finding"), rows)) if rows else (head,)


def verdict_on(result: Any) -> str:
    """Return a decision in one line."""
    name = f"{result.program}@{result.label}" if result.label else result.program
    goal = result.environment or result.to_stage or "a higher rung"
    if result.passed and result.notices:
        return str(result.notices[0])
    if result.passed:
        return f"{name} may go to {goal}"
    count = sum(not finding.passed for finding in result.findings)
    return f"{name} may not go to {goal}: {count} of {len(result.findings)} failed"


def evidence_list(result: Any) -> Sheet:
    """The evidence on a version."""
    rows = tuple(
        (
            each.name,
            "passed" if each.passed else "FAILED",
            each.recorded_at,
            each.actor,
            each.file_name or "",
            each.note or "",
        )
        for each in result.evidence
    )
    return (Table(("evidence", "", "time", "actor", "file", "note"), rows),)


def swept(result: Any) -> Sheet:
    """What a collection deleted."""
    return (
        Fields(
            (
                ("would delete" if result.dry_run else "deleted", str(len(result.deleted))),
                ("bytes", str(result.bytes)),
                ("kept", str(result.kept)),
            )
        ),
    )


def configuration(result: Any) -> Sheet:
    """The YAML in force."""
    return (Lines(tuple(result.source.splitlines())),)


def difference(result: Any) -> Sheet:
    """What differs between two programs."""
    from dspyreg.render import diff_layout

    return diff_layout.sheet(result)


def prompt(result: Any) -> Sheet:
    """What the prompts of a version's predictors say."""
    from dspyreg.render import diff_layout

    return diff_layout.prompt(result)


def compatibility(result: Any) -> Sheet:
    """Whether callers can stay."""
    fields = (
        ("compatibility", result.compatibility),
        ("bump", str(result.judgement.level)),
        ("knowledge", result.knowledge),
    )
    return (Fields(fields), *_reasons(result.judgement.reasons))


def suggestion(result: Any) -> Sheet:
    """Which label a file deserves."""
    to = result.to or "no new version"
    fields = (
        ("change", f"{result.from_} → {to}"),
        ("bump", str(result.level)),
        ("knowledge", result.knowledge),
    )
    return (Fields(fields), *_reasons(result.reasons))


def _reasons(reasons: Any) -> Sheet:
    rows = tuple((str(each.level), each.predictor or "", each.message) for each in reasons)
    return (Table(("level", "predictor", "reason"), rows),) if rows else ()


def upgrade_path(result: Any) -> Sheet:
    """The steps of an upgrade; what to do at each."""
    steps = tuple((step.from_, step.to, step.compatibility) for step in result.steps)
    tasks = tuple(
        (f"{step.from_} → {step.to}", task)
        for step in result.steps
        for task in step.recommended_tests
    )
    blocks = (Table(("from", "to", "compatibility"), steps),)
    return (*blocks, Table(("step", "to do"), tasks)) if tasks else blocks


def made(result: Any) -> Sheet:
    """A new registry."""
    return (Fields((("store", result.store), ("registry_id", result.registry_id))),)


def trust(result: Any) -> Sheet:
    """What a registry can start, and whether that is trusted."""
    pairs = (
        ("store", result.store),
        *((("owner", result.owner),) if result.owner else ()),
        *((("safe", "yes" if result.safe else "no"),) if result.owner else ()),
        ("digest", result.digest or "-"),
        ("trusted", "yes" if result.trusted else "no"),
    )
    return (Fields(pairs), Table(("key", "command"), tuple(tuple(row) for row in result.commands)))


def converted(result: Any) -> Sheet:
    """Where the state is."""
    return (Lines((result.path or "",)),)


def measured(result: Any) -> Sheet:
    """What was measured of a program's versions."""
    from dspyreg.render import metrics_layout

    return metrics_layout.measured(result)


def plotted(result: Any) -> Sheet:
    """The same, drawn."""
    from dspyreg.render import metrics_layout

    return metrics_layout.plotted(result)


def trends(result: Any) -> Sheet:
    """Which way each metric goes."""
    from dspyreg.render import metrics_layout

    return metrics_layout.trends(result)


def comparison(result: Any, *, whole: bool = False) -> Sheet:
    """Two versions against each other."""
    from dspyreg.render import metrics_layout

    return metrics_layout.comparison(result, whole=whole)


def deployment_plan(result: Any) -> Sheet:
    """What a deployment would come to."""
    from dspyreg.render import metrics_layout

    return metrics_layout.deployment_plan(result)


SHEETS: Final[dict[str, Callable[[Any], Sheet]]] = {
    "Outcome": outcome,
    "History": history,
    "Entry": entry,
    "Version": version,
    "Page": page,
    "ProgramPage": programs,
    "Resolution": resolution,
    "Status": status,
    "Board": board,
    "CheckedOut": checked_out,
    "VerifyReport": verdict,
    "Swept": swept,
    "ConfigurationShown": configuration,
    "Made": made,
    "Difference": difference,
    "Compatibility": compatibility,
    "UpgradePath": upgrade_path,
    "Suggestion": suggestion,
    "Prompt": prompt,
    "Measurements": measured,
    "Plotted": plotted,
    "Trends": trends,
    "Comparison": comparison,
    "DeploymentPlan": deployment_plan,
    "Decision": decision,
    "EvidenceList": evidence_list,
    "Converted": converted,
    "TrustReport": trust,
}


# As SHEETS, but nothing is shortened.
WHOLE_SHEETS: Final[dict[str, Callable[[Any], Sheet]]] = {
    **SHEETS,
    "Version": partial(version, whole=True),
    "Comparison": partial(comparison, whole=True),
}
