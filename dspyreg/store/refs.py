"""Refs: files that people can ``cat``, a cache of the versions on stages and in environments."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from dspyreg.backends.sharing import share
from dspyreg.model import names
from dspyreg.model.state import ARCHIVED, DEPRECATED, WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dspyreg.model.state import Pointer, State

    Tell = Callable[[str], None]

ENVIRONMENTS: Final = "environments"
STAGES: Final = "stages"
_DIRECTORY: Final = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)  # not on Windows
_NO_DIRECTORY: Final = {errno.ELOOP, errno.EMLINK, errno.ENOTDIR}
_NO_FILE: Final = {errno.ENOENT, errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EOPNOTSUPP}
_LONGEST: Final = 1024
_LINE: Final = r"[A-Za-z0-9._+-]{1,128}(?: [0-9.e+-]{1,24})?\n"
_BEGUN: Final = r"[A-Za-z0-9._+-]{0,128}(?: [0-9.e+-]{0,24})?"
_MAKING: Final = r"\..+\.[0-9a-f]{8}"


def _discard(_: str) -> None:
    """Ignore a notice."""


def expected(state: State, program: str) -> dict[str, str]:
    """Return the text of every ref of a program, by its path below ``refs``."""
    base = names.path(program)
    texts = {
        f"{base}/{ENVIRONMENTS}/{names.path(environment)}": _pointer(state, program, pointer)
        for environment, pointer in state.pointers(program).items()
    }
    stages = {f.value["stage"] for f in state.under(names.prefix("stages", program))}
    for stage in stages - {DEPRECATED, ARCHIVED}:
        newest = next(state.on_stage(program, stage), None)
        if newest is None:  # the stage of a version that does not exist
            continue
        texts[f"{base}/{STAGES}/{names.path(stage)}"] = state.label(program, newest) + "\n"
    return texts


def follow_environment(
    root: Path, state: State, program: str, environment: str, *, tell: Tell = _discard
) -> None:
    """Write one environment's ref from the state."""
    pointer = state.pointer(program, environment)
    path = f"{names.path(program)}/{ENVIRONMENTS}/{names.path(environment)}"
    text = None if pointer == type(pointer)() else _pointer(state, program, pointer)
    _put(root, path, text, tell)


def follow_stage(
    root: Path, state: State, program: str, stage: str, *, tell: Tell = _discard
) -> None:
    """Write one stage's ref from the state."""
    newest = next(state.on_stage(program, stage), None)
    text = None if newest is None else state.label(program, newest) + "\n"
    _put(root, f"{names.path(program)}/{STAGES}/{names.path(stage)}", text, tell)


def existing(root: Path) -> dict[str, str]:
    """Return the text of every ref that exists, and of what a crash left among them, by its path
    below ``refs``. Files that are no refs are left out; no link is followed.
    """
    texts = {}
    for program in _names(_enter(root, ())):
        for kind in (ENVIRONMENTS, STAGES):
            directory = _enter(root, (program, kind))
            if directory is None:
                continue
            try:
                there = {name: _text(directory, name) for name in sorted(os.listdir(directory))}
            finally:
                os.close(directory)
            for name, text in there.items():
                if text is not None and _is_ours(name, text):
                    texts[f"{program}/{kind}/{name}"] = text
    return texts


def write(root: Path, texts: dict[str, str], *, tell: Tell = _discard) -> None:
    """Write exactly these refs, and remove the others."""
    for path in set(existing(root)) - set(texts):
        _put(root, path, None, tell)
    for path, text in texts.items():
        _put(root, path, text, tell)


def _pointer(state: State, program: str, pointer: Pointer) -> str:
    live = [] if pointer.live is None else [(state.label(program, pointer.live), WHOLE)]
    if pointer.canary is None:
        return "".join(f"{label}\n" for label, _ in live)
    canary = pointer.canary
    shares = [(label, WHOLE - canary.percent) for label, _ in live]
    shares.append((state.label(program, canary.number), canary.percent))
    return "".join(f"{label} {share:g}\n" for label, share in shares)


def _put(root: Path, path: str, text: str | None, tell: Tell) -> None:
    """Write a ref, or remove it where ``text`` is None."""
    *below, name = path.split("/")
    directory = _enter(root, below, None if text is None else tell)
    if directory is None:
        return
    try:
        if text is None:
            there = _read(directory, name)
            if there is not None and _is_ours(name, there):
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=directory)
        elif _text(directory, name) != text and _is_free(directory, name, f"{root}/{path}", tell):
            _replace(directory, name, text, f"{root}/{'/'.join(below)}")
    finally:
        os.close(directory)


def _replace(directory: int, name: str, text: str, location: str) -> None:
    making = f".{name}.{os.urandom(4).hex()}"
    new = os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666, dir_fd=directory)
    with open(new, "w") as file:
        file.write(text)
    share(f"{location}/{making}")
    os.replace(making, name, src_dir_fd=directory, dst_dir_fd=directory)


def _text(directory: int, name: str) -> str | None:
    """Return the text of a file that may be a ref; None if it is none or cannot be read."""
    with suppress(OSError):
        return _read(directory, name)
    return None


def _read(directory: int, name: str) -> str | None:
    """Return the text of a file that may be a ref; None if it is none. Raises ``OSError``."""
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise
    try:
        there = os.fstat(file)
        if stat.S_ISREG(there.st_mode) and there.st_size <= _LONGEST:
            return os.read(file, _LONGEST).decode()
    except UnicodeDecodeError:
        pass
    finally:
        os.close(file)
    return None


def _is_ours(name: str, text: str) -> bool:
    """Return whether a file is a ref, or one that a crash left unfinished."""
    if re.fullmatch(rf"(?:{_LINE}){{1,2}}", text):
        return True
    return bool(re.fullmatch(_MAKING, name) and re.fullmatch(rf"(?:{_LINE})?{_BEGUN}", text))


def _is_free(directory: int, name: str, location: str, tell: Tell) -> bool:
    """Return whether a ref can be written: a regular file is replaced, most others are removed."""
    try:
        mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return True
    return stat.S_ISREG(mode) or _clear(name, directory, location, tell)


def _clear(name: str, inside: int, location: str, tell: Tell) -> bool:
    from dspyreg.store.clearing import clear

    return clear(name, inside, location, tell)


# Directories are opened one by one, so that none of them can be a link, or become one.


def _enter(root: Path, below: Sequence[str], make: Tell | None = None) -> int | None:
    """Open a directory of refs and return its descriptor; None if there is none.

    With ``make``, missing directories are made: None means that something is in the way. ``make``
    receives notices of what was removed.
    """
    location = root.parent
    fd: int | None = os.open(location, os.O_RDONLY)
    for name in (root.name, *below):
        if fd is None:
            break
        outer, location = fd, location / name
        try:
            fd = _step(outer, name, str(location), make)
        finally:
            os.close(outer)
    return fd


def _step(outer: int, name: str, location: str, make: Tell | None) -> int | None:
    try:
        return os.open(name, _DIRECTORY, dir_fd=outer)
    except FileNotFoundError:
        if make is None:
            return None
    except OSError as error:
        if error.errno not in _NO_DIRECTORY:
            raise
        if make is None or not _clear(name, outer, location, make):
            return None
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=outer)
        share(location)
    return os.open(name, _DIRECTORY, dir_fd=outer)


def _names(directory: int | None) -> list[str]:
    """Return the names in an open directory, and close it."""
    if directory is None:
        return []
    try:
        return sorted(os.listdir(directory))
    finally:
        os.close(directory)
