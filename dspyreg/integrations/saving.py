"""Registering a live program: its state as DSPy saves it, its contract, settings and results."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import UsageError
from dspyreg.formats import known
from dspyreg.formats.document import NotAState
from dspyreg.integrations import dspy as door
from dspyreg.integrations import oddities, optimizers, origins, states, unsaved
from dspyreg.integrations.capture import capture
from dspyreg.integrations.matching import shown
from dspyreg.model.document import RUN

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from dspyreg.compare.contract import Contract
    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

_LOG = logging.getLogger("dspyreg")
_STATE: Final = "program.json"
_PICKLE: Final = "program.pkl"


def register(
    program: Any,
    *,
    name: str,
    metrics: Mapping[str, float] | None = None,
    bump: str = "auto",
    version: str | None = None,
    trainset: Any = None,
    optimizer: Any = None,
    metadata: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    changelog: str | None = None,
    redact: bool = False,
    allow_secrets: bool = False,
    allow_pickle: bool = False,
    exist_ok: bool = False,
    force: bool = False,
    reason: str | None = None,
    dry_run: bool = False,
    operation_id: str | None = None,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> Outcome:
    """Register a live program: the state that DSPy saves of it, with the contract of its
    predictors, and what an optimizer left on it: its score as a metric, from 0 to 1, a summary
    in the metadata, the record of the run as a file, ``optimizer.json``.

    What DSPy does not save is kept as its ``settings``: the configuration of predictors, the
    adapter, plain attributes of modules, descriptions of tools.

    Its ``previous_version`` is the one that the program was loaded from, or was compiled from a
    copy of, by ``load`` in this process; else the latest.

    The metadata have the size of ``trainset`` and a description of ``optimizer``; members of
    ``metrics`` and ``metadata`` take precedence. A state that cannot be JSON is saved as a pickle,
    with a notice; notices also name what DSPy does not save. ``allow_pickle`` reads the pickle.
    Raises what ``Registry.register`` raises, and ``UsageError`` for what is no program or cannot
    be saved.
    """
    contract = capture(program)
    captured = unsaved.capture(program)
    left = optimizers.left_on(program)
    described = optimizers.described(optimizer)
    if "score" in (metrics or {}):
        left = left.without_score()
    with TemporaryDirectory(prefix="dspyreg-") as directory, states.opened(registry) as target:
        path, notices = _saved(program, contract, Path(directory))
        paths = [path, *_record(left.results, described, Path(directory))]
        notices = (*notices, *captured.notices, *left.notices)
        for notice in notices:
            _LOG.warning("%s: %s", name, notice)
        outcome = target.register(
            name,
            paths,
            version=version,
            bump=bump,
            metrics={**left.metrics, **(metrics or {})},
            metadata={
                **left.metadata,
                **optimizers.examples(trainset),
                **described,
                **(metadata or {}),
            },
            tags=tags,
            changelog=changelog,
            contract=contract.to_json(),
            settings=captured.settings,
            parent=origins.parent(program, target, name),
            redact=redact,
            allow_secrets=allow_secrets,
            allow_pickle=allow_pickle,
            any_file=True,  # DSPy wrote it
            exist_ok=exist_ok,
            force=force,
            reason=reason,
            dry_run=dry_run,
            operation_id=operation_id,
        )
        outcome.notices = (*outcome.notices, *notices)
        # Versions are read lazily, and a registry that was opened here is closed by then.
        _ = outcome.versions
    return outcome


def _saved(program: Any, contract: Contract, directory: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the file that DSPy wrote, and notices of what is not in it."""
    notices = [f"{shown(each.name)} is not saved: {each.why}" for each in door.unsaved(program)]
    path = directory / _STATE
    try:
        program.save(path)
    except Exception as error:  # a user's value may raise anything
        why = f"{type(error).__name__}: {error}".replace(f"{directory}/", "")
        path = directory / _PICKLE
        _save_as_pickle(program, path, why)
        return path, (*notices, *_about_pickle(program, why))
    return path, (*notices, *_lost(path, contract))


def _about_pickle(program: Any, why: str) -> Iterator[str]:
    """Yield the reason for a pickle, and the values for which it is never loaded."""
    yield f"saved as a pickle, because it cannot be JSON: {oddities.no_json(program) or why}"
    never_read = oddities.never_read(program)
    if never_read:
        advice = "make it text, or leave it out"
        yield f"this version can never be loaded by dspyreg: {never_read}; {advice}"


def _record(
    results: dict[str, Any], described: Mapping[str, Any], directory: Path
) -> Iterator[Path]:
    """Write the record of a run into a file of its own, if there is one."""
    if results:
        record = {
            "method": described.get("optimizer"),
            "parameters": described.get("optimizer_settings", {}),
            "results": results,
        }
        path = directory / RUN
        path.write_text(json.dumps(record, ensure_ascii=False) + "\n", encoding="utf-8")
        yield path


def _save_as_pickle(program: Any, path: Path, why: str) -> None:
    try:
        program.save(path)
    except Exception as error:
        raise UsageError("program-not-savable", reason=why) from error


def _lost(path: Path, contract: Contract) -> list[str]:
    """Return notices of predictors that are not in the file, although DSPy did not complain."""
    try:
        state = known.read(path.read_bytes())
    except NotAState as error:
        return [f"what DSPy saved is no state with predictors: {error}"]
    written = {each.name for each in state.predictors} | state.others.keys()
    return [
        f"{shown(name)} is not saved: DSPy's own file says something else under that name"
        for name in contract.predictors
        if name not in written
    ]
