"""Values that people write on a command line or in a file beside it."""

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

_FEWEST_WORDS: Final = 2
_LARGEST: Final = 16 << 20


def words(program: str | None, paths: Iterable[Path], result: Path | None) -> list[str]:
    """Return the words of ``register``. Raises ``UsageError`` if one is missing: with an
    optimizer's result either the program or its files may be.
    """
    found = [str(word) for word in (program, *paths) if word is not None]
    if result is None and len(found) < _FEWEST_WORDS:
        missing = "PATH..." if found else "PROGRAM"
        raise UsageError(f"Missing argument '{missing}'.", hint="`dspyreg register --help`")
    return found


def registering(
    registry: Registry, words: Sequence[str], result: Path | None
) -> Callable[..., Outcome]:
    """Return how to register what the words name: a program, and files. With an optimizer's
    result one word alone is a file if it looks like one.
    """
    if result is None:
        return partial(registry.register, words[0], words[1:])
    from dspyreg.registry.artifacts.program_state import is_path

    told = _mapping(result)
    program, *paths = (None, *words) if len(words) == 1 and is_path(words[0]) else (*words, None)
    found = [path for path in paths if path is not None]
    return partial(registry.register_result, told, program, found, beside=result.parent)


def metrics(pairs: Iterable[str], file: Path | None) -> dict[str, float]:
    """Return the measurements of ``NAME=NUMBER`` words, and of a file below them."""
    found = _mapping(file)
    for name, text in map(_pair, pairs):
        try:
            found[name] = _number(text)
        except ValueError as error:
            raise UsageError(f"metric {name} is not a number: {text!r}") from error
    return found


def named_metric(word: str) -> str:
    """Return a measurement's word with its name; a bare number is one of ``score``."""
    return word if "=" in word else f"score={word}"


def _number(text: str) -> float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def metadata(pairs: Iterable[str], file: Path | None) -> dict[str, Any]:
    """Return the metadata of ``KEY=VALUE`` words, and of a file below them. A value that is JSON
    is taken as that, any other as text.
    """
    found = _mapping(file)
    found.update({key: plain_data.value(text) for key, text in map(_pair, pairs)})
    return found


def _pair(word: str) -> tuple[str, str]:
    name, sign, text = word.partition("=")
    if not sign or not name:
        raise UsageError(f"not NAME=VALUE: {word!r}")
    return name, text


def contract(class_path: str | None) -> dict[str, Any] | None:
    """Return the contract of ``pkg.mod:NAME``, captured from a live program of that class."""
    if class_path is None:
        return None
    from dspyreg.integrations import capture_class

    return capture_class(class_path).to_json()


def read_text(file: Path) -> str:
    """Return the text of a file that a person wrote. Raises ``NotFound``, ``UsageError``."""
    try:
        with open(file, "rb") as stream:
            data = stream.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound("file", str(file)) from error
    except PermissionError as error:
        raise Denied(f"cannot read {file}: {error.strerror}") from error
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise UsageError(f"{file} has more than {_LARGEST >> 20} MiB")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8") from error


def _mapping(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    told = _parsed(file, read_text(file))
    if not isinstance(told, dict) or not all(isinstance(key, str) for key in told):
        raise UsageError(f"{file} is not a mapping of names to values")
    return told


def _parsed(file: Path, text: str) -> Any:
    try:
        return plain_data.document(text)
    except UsageError as error:
        raise UsageError(f"{file}: {error}", hint=error.command_hint) from error
