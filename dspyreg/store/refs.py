"""Refs: small files that people can ``cat``, a cache of where stages and environments point."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from dspyreg.model import names
from dspyreg.model.state import ARCHIVED, DEPRECATED, WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.model.state import Pointer, State

ENVIRONMENTS: Final = "environments"
STAGES: Final = "stages"


def expected(state: State, program: str) -> dict[str, str]:
    """Return the text of every ref of a program, by its path below ``refs``."""
    base = names.path(program)
    texts = {
        f"{base}/{ENVIRONMENTS}/{names.path(environment)}": _pointer(state, program, pointer)
        for environment, pointer in state.pointers(program).items()
    }
    stages = {f.value["stage"] for f in state.under(names.prefix("stages", program))}
    for stage in stages - {DEPRECATED, ARCHIVED}:
        newest = next(state.on_stage(program, stage))
        texts[f"{base}/{STAGES}/{names.path(stage)}"] = state.label(program, newest) + "\n"
    return texts


def follow_environment(root: Path, state: State, program: str, environment: str) -> None:
    """Make one environment's ref say what the log says."""
    pointer = state.pointer(program, environment)
    path = f"{names.path(program)}/{ENVIRONMENTS}/{names.path(environment)}"
    _put(root / path, None if pointer == type(pointer)() else _pointer(state, program, pointer))


def follow_stage(root: Path, state: State, program: str, stage: str) -> None:
    """Make one stage's ref say what the log says."""
    newest = next(state.on_stage(program, stage), None)
    text = None if newest is None else state.label(program, newest) + "\n"
    _put(root / names.path(program) / STAGES / names.path(stage), text)


def found(root: Path) -> dict[str, str]:
    """Return the text of every ref that is there, by its path below ``refs``."""
    texts = {}
    for path in sorted(root.glob("*/*/*")):
        with suppress(OSError, UnicodeDecodeError):
            texts[str(path.relative_to(root))] = path.read_text()
    return texts


def write(root: Path, texts: dict[str, str]) -> None:
    """Make the refs say exactly this, and remove the others."""
    for path in set(found(root)) - set(texts):
        _put(root / path, None)
    for path, text in texts.items():
        _put(root / path, text)


def _pointer(state: State, program: str, pointer: Pointer) -> str:
    live = [] if pointer.live is None else [(state.label(program, pointer.live), WHOLE)]
    if pointer.canary is None:
        return "".join(f"{label}\n" for label, _ in live)
    canary = pointer.canary
    shares = [(label, WHOLE - canary.percent) for label, _ in live]
    shares.append((state.label(program, canary.number), canary.percent))
    return "".join(f"{label} {share:g}\n" for label, share in shares)


def _put(path: Path, text: str | None) -> None:
    if text is None:
        with suppress(FileNotFoundError):
            path.unlink()
        return
    with suppress(OSError, UnicodeDecodeError):
        if path.read_text() == text:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    making.write_text(text)
    making.replace(path)
