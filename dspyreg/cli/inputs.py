"""Values that people write on a command line, or in a file that it names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dspyreg.config import plain_data
from dspyreg.errors import Denied, NotFound, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

_MAX_BYTES: Final = 16 << 20


def words(program: str | None, paths: Iterable[Path], result: Path | None) -> list[str]:
    """Return the words of ``register``. Raises ``UsageError`` if one is missing; with an
    optimizer's result, which names them too, the program and its files may be.
    """
    named = [str(word) for word in (program, *paths) if word is not None]
    if result is None and len(named) < 2:
        raise UsageError("argument-missing", argument="PATH..." if named else "PROGRAM")
    return named


def registering(
    registry: Registry, words: Sequence[str], result: Path | None
) -> Callable[..., Outcome]:
    """Return the call that registers what the words name, with an optimizer's result or not."""
    if result is None:
        return partial(registry.register, words[0], words[1:])
    name, paths = (words[0], words[1:]) if len(words) > 1 else (None, words)
    return partial(registry.register_result, _mapping(result), name, paths, beside=result.parent)


def metrics(pairs: Iterable[str], file: Path | None) -> dict[str, float]:
    """Return the measurements of ``NAME=NUMBER`` words; they override those of a file."""
    values = _mapping(file)
    for name, text in map(_pair, pairs):
        try:
            values[name] = _number(text)
        except ValueError as error:
            raise UsageError("metric-not-a-number", metric=name, value=text) from error
    return values


def named_metric(word: str) -> str:
    """Return the word of a measurement with its name; a bare number is one of ``score``."""
    return word if "=" in word else f"score={word}"


def _number(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def metadata(pairs: Iterable[str], file: Path | None) -> dict[str, Any]:
    """Return the metadata of ``KEY=VALUE`` words; they override those of a file. A value is JSON,
    or else text.
    """
    values = _mapping(file)
    values.update({key: plain_data.value(text) for key, text in map(_pair, pairs)})
    return values


def _pair(word: str) -> tuple[str, str]:
    name, sign, text = word.partition("=")
    if not sign or not name:
        raise UsageError("not-a-pair", word=word)
    return name, text


def contract(class_path: str | None) -> dict[str, Any] | None:
    """Return the contract captured from the class ``pkg.mod:NAME``."""
    if class_path is None:
        return None
    from dspyreg.integrations import capture_class

    return capture_class(class_path).to_json()


def read_text(file: Path) -> str:
    """Return the text of a file that a person wrote. Raises ``NotFound``, ``UsageError``."""
    try:
        with open(file, "rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("file", str(file)) from error
    except PermissionError as error:
        raise Denied("input-unreadable", file=file, reason=error.strerror) from error
    except OSError as error:
        raise StorageError("input-unreadable", file=file, reason=error.strerror) from error
    if len(data) > _MAX_BYTES:
        raise UsageError("input-too-large", file=file, mebibytes=_MAX_BYTES >> 20)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageError("input-not-utf8", file=file) from error


def _mapping(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    values = _parsed(file, read_text(file))
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise UsageError("input-not-a-mapping", file=file)
    return values


def _parsed(file: Path, text: str) -> Any:
    try:
        return plain_data.document(text)
    except UsageError as error:
        wrong = UsageError("input-invalid", file=file, reason=error)
        wrong.set_hint(error.command_hint)
        raise wrong from error
