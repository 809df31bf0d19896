"""Every byte of a small store's log, blobs and ``format`` is changed, one at a time.

Every byte is xored with 1, every seventh with 0xFF as well. What takes long is tried at every
fifth of these (reading, where it is the log that is damaged), or at every eleventh (writers that
have an index: each leaves a store to be restored).
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import pytest
from builders import Programs, a_local_registry

from dspyreg.backends.local import store as local
from dspyreg.backends.location import Location
from dspyreg.errors import Corrupt, RegistryError, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

pytestmark = pytest.mark.usefixtures("_disk_without_power_cuts")

CONTENTS = {"1.0.0": b'{"demos": []}', "1.1.0": b'{"demos": [1]}'}
SEGMENT = "00000000000000000001.jsonl"
with_and_without_an_index = pytest.mark.parametrize("indexed", [True, False])


class Flip(NamedTuple):
    """One byte of a file, and the mask it is xored with."""

    offset: int
    mask: int


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Two versions, the first in staging."""
    directory = tmp_path / ".dspyreg"
    with a_local_registry(directory) as registry:
        programs = Programs(registry, tmp_path)
        for label, content in CONTENTS.items():
            programs.register(label=label, content=content)
        registry.promote("qa@1.0.0")
    return directory


def flips_of(path: Path, every: int = 1) -> Iterator[Flip]:
    for offset in range(0, path.stat().st_size, every):
        yield Flip(offset, 1)
        if offset % 7 == 0:
            yield Flip(offset, 0xFF)


@contextmanager
def flipped(path: Path, flip: Flip) -> Iterator[bytes]:
    """Change a byte of a file, and restore the file at the end."""
    good = path.read_bytes()
    bad = bytearray(good)
    bad[flip.offset] ^= flip.mask
    put(path, flip.offset, bad[flip.offset])
    yield bytes(bad)
    os.truncate(path, len(good))
    put(path, flip.offset, good[flip.offset])


def put(path: Path, offset: int, byte: int) -> None:
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(bytes([byte]))


def opened(store: Path, *, indexed: bool) -> Registry:
    return a_local_registry(store, caches=[store / "index.sqlite"] if indexed else [])


def require_that_nothing_wrong_is_served(registry: Registry, out: Path) -> None:
    for label, content in CONTENTS.items():
        with suppress(RegistryError):
            assert registry.read(f"qa@{label}") == content
        with suppress(RegistryError):
            registry.checkout(f"qa@{label}", out)
            assert (out / "program.json").read_bytes() == content
        left = [*out.glob("*.json")]
        assert [path.read_bytes() for path in left] in ([], [content])
        shutil.rmtree(out, ignore_errors=True)


def named_by_verify(registry: Registry) -> set[str]:
    verdict = registry.verify(repair=False)
    assert verdict.ok == (not verdict.problems)
    return {problem.where for problem in verdict.problems}


@with_and_without_an_index
def test_verify_finds_a_flipped_byte_of_the_log_and_names_its_entry(indexed: bool, store: Path):
    log = store / "log" / SEGMENT
    good = log.read_bytes()
    for flip in flips_of(log):
        nth = good[: flip.offset].count(b"\n") + 1
        with flipped(log, flip) as bad, opened(store, indexed=indexed) as registry:
            assert f"entry {nth}" in named_by_verify(registry), flip
            assert log.read_bytes() == bad, flip


@with_and_without_an_index
def test_a_log_with_a_flipped_byte_never_serves_wrong_data(
    indexed: bool, store: Path, tmp_path: Path
):
    log = store / "log" / SEGMENT
    for flip in flips_of(log, every=5):
        with flipped(log, flip), opened(store, indexed=indexed) as registry:
            require_that_nothing_wrong_is_served(registry, tmp_path / "out")


def test_a_writer_without_an_index_refuses_a_log_with_a_flipped_byte(store: Path):
    log = store / "log" / SEGMENT
    for flip in flips_of(log):
        with flipped(log, flip) as bad, opened(store, indexed=False) as registry:
            with pytest.raises(Corrupt):
                registry.promote("qa@1.1.0")
            assert log.read_bytes() == bad, flip


def test_a_writer_with_an_index_truncates_nothing_in_a_log_with_a_flipped_byte(store: Path):
    log, index = store / "log" / SEGMENT, store / "index.sqlite"
    known = index.read_bytes()
    for flip in flips_of(log, every=11):
        with flipped(log, flip) as bad:
            with opened(store, indexed=True) as registry, suppress(Corrupt):
                registry.promote("qa@1.1.0")
            assert log.read_bytes().startswith(bad), flip
        index.write_bytes(known)


def test_a_writer_with_an_older_index_refuses_a_last_line_with_a_flipped_byte(store: Path):
    log, index = store / "log" / SEGMENT, store / "index.sqlite"
    known = index.read_bytes()
    with opened(store, indexed=False) as registry:
        registry.promote("qa@1.1.0")
    length = len(log.read_bytes().splitlines()[-1])
    for back in range(1, length + 2, 2):
        with flipped(log, Flip(log.stat().st_size - back, 1)) as bad:
            with opened(store, indexed=True) as registry, pytest.raises(Corrupt):
                registry.promote("qa@1.0.0")
            assert log.read_bytes() == bad
        index.write_bytes(known)


@with_and_without_an_index
def test_verify_finds_a_flipped_byte_of_a_blob_and_the_blob_is_not_served(
    indexed: bool, store: Path, tmp_path: Path
):
    for blob in sorted((store / "objects").glob("??/*")):
        for flip in flips_of(blob):
            with flipped(blob, flip), opened(store, indexed=indexed) as registry:
                assert f"b3:{blob.parent.name}{blob.name}" in named_by_verify(registry), flip
                require_that_nothing_wrong_is_served(registry, tmp_path / "out")


@with_and_without_an_index
def test_a_version_with_a_flipped_byte_is_not_promoted(indexed: bool, store: Path):
    with a_local_registry(store) as registry:
        version = registry.show("qa@1.1.0")
        before = registry.log()[0]
    for digest in (version.digest, *(file.digest for file in version.files)):
        blob = store / "objects" / digest[3:5] / digest[5:]
        for flip in flips_of(blob):
            with flipped(blob, flip), opened(store, indexed=indexed) as registry:
                with pytest.raises(Corrupt):
                    registry.promote("qa@1.1.0")
                assert registry.log()[0] == before


def test_a_store_with_a_flipped_byte_in_its_format_file_is_not_opened(store: Path):
    path = store / "format"
    for flip in flips_of(path):
        with flipped(path, flip), pytest.raises((Corrupt, UnsupportedFormat)):
            local.open_store(Location.of(store))
