"""The contract of every blob store (``dspyreg.backends.interface.Blobs``)."""

from __future__ import annotations

import io
import os
import threading
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from dspyreg.backends.local.blobs import LocalBlobs
from dspyreg.backends.memory import MemoryBlobs
from dspyreg.model.digest import Digest

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.backends.interface import Blobs

HELLO = Digest("b3:d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24")
DAY = timedelta(days=1)
SOON = timedelta(minutes=1)
BIG = bytes(range(256)) * (5 << 12)  # 5 MiB, far above the size copied in memory


def listed(blobs: Blobs) -> list[Digest]:
    return [blob.digest for blob in blobs.list()]


class BlobsContract(ABC):
    """The contract; a subclass makes an empty store, and ages and damages a blob."""

    @pytest.fixture
    @abstractmethod
    def blobs(self, tmp_path: Path) -> Blobs:
        """Return an empty blob store."""

    @abstractmethod
    def age(self, blobs: Blobs, digest: Digest, by: timedelta) -> None:
        """Make a blob older."""

    @abstractmethod
    def damage(self, blobs: Blobs, digest: Digest) -> None:
        """Change the stored bytes of a blob."""

    def read(self, blobs: Blobs, digest: Digest) -> bytes:
        with blobs.open(digest) as file:
            return file.read()

    def test_a_blob_is_named_by_the_blake3_of_its_plain_bytes(self, blobs: Blobs):
        assert blobs.put(b"hello world") == HELLO
        assert self.read(blobs, HELLO) == b"hello world"

    def test_an_empty_blob_is_a_blob(self, blobs: Blobs):
        assert self.read(blobs, blobs.put(b"")) == b""

    def test_putting_the_same_bytes_twice_makes_one_blob(self, blobs: Blobs):
        assert blobs.put(b"hello world") == blobs.put(b"hello world")
        assert listed(blobs) == [HELLO]

    def test_every_blob_is_listed_once(self, blobs: Blobs):
        digests = {blobs.put(f"{n}".encode()) for n in range(600)}
        assert sorted(listed(blobs)) == sorted(digests)

    def test_an_empty_backend_lists_nothing(self, blobs: Blobs):
        assert listed(blobs) == []

    def test_opening_a_missing_blob_raises_file_not_found(self, blobs: Blobs):
        with pytest.raises(FileNotFoundError):
            blobs.open(HELLO)

    def test_a_missing_blob_has_no_stat(self, blobs: Blobs):
        assert blobs.stat(HELLO) is None

    def test_stat_returns_the_size_and_the_age(self, blobs: Blobs):
        blobs.put(b"hello world")
        self.age(blobs, HELLO, DAY)
        found = blobs.stat(HELLO)
        assert found is not None
        assert found.size == 11
        assert DAY <= found.age < DAY + SOON

    def test_an_open_blob_supports_seek(self, blobs: Blobs):
        with blobs.open(blobs.put(b"hello world")) as file:
            file.seek(6)
            assert file.read() == b"world"

    # Sources

    @pytest.mark.parametrize("data", [b"", b"hello world", BIG], ids=["empty", "small", "big"])
    def test_a_file_is_stored_byte_for_byte(self, blobs: Blobs, tmp_path: Path, data: bytes):
        path = tmp_path / "source"
        path.write_bytes(data)
        assert self.read(blobs, blobs.put(path)) == data
        assert path.read_bytes() == data

    @pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1])
    def test_files_around_one_mebibyte_are_stored_whole(
        self, blobs: Blobs, tmp_path: Path, size: int
    ):
        path = tmp_path / "source"
        path.write_bytes(BIG[:size])
        assert blobs.put(path) == Digest.of(BIG[:size])

    @pytest.mark.parametrize("data", [b"", b"hello world", BIG], ids=["empty", "small", "big"])
    def test_a_stream_in_memory_is_stored(self, blobs: Blobs, data: bytes):
        assert self.read(blobs, blobs.put(io.BytesIO(data))) == data

    @pytest.mark.parametrize("data", [b"hello world", BIG], ids=["small", "big"])
    @pytest.mark.parametrize("buffering", [0, -1], ids=["raw", "buffered"])
    def test_a_stream_is_stored_from_its_current_position(
        self, blobs: Blobs, tmp_path: Path, data: bytes, buffering: int
    ):
        path = tmp_path / "source"
        path.write_bytes(data)
        with open(path, "rb", buffering) as stream:
            stream.read(6)
            assert self.read(blobs, blobs.put(stream)) == data[6:]

    @pytest.mark.parametrize("data", [b"", b"hello world", BIG], ids=["empty", "small", "big"])
    def test_a_pipe_is_stored_up_to_its_end(self, blobs: Blobs, data: bytes):
        reader, writer = os.pipe()
        with open(reader, "rb") as stream:
            feeder = threading.Thread(target=_feed, args=(writer, data))
            feeder.start()
            digest = blobs.put(stream)
            feeder.join()
        assert self.read(blobs, digest) == data

    def test_an_unreadable_source_raises_the_error_of_the_caller(
        self, blobs: Blobs, tmp_path: Path
    ):
        with pytest.raises(OSError, match="nothing"):
            blobs.put(tmp_path / "nothing")
        assert listed(blobs) == []

    def test_a_stream_that_fails_leaves_nothing_behind(self, blobs: Blobs):
        with pytest.raises(ZeroDivisionError):
            blobs.put(_Broken(b"x" * 100))
        assert listed(blobs) == []
        assert blobs.sweep(if_older_than=timedelta()) == 0

    def test_changing_the_source_afterwards_does_not_change_the_blob(
        self, blobs: Blobs, tmp_path: Path
    ):
        path = tmp_path / "source"
        path.write_bytes(BIG)
        digest = blobs.put(path)
        with open(path, "r+b") as file:
            file.write(b"changed")
        assert self.read(blobs, digest) == BIG

    # Many at once

    @pytest.mark.parametrize("count", [0, 1, 10, 100])
    def test_put_all_returns_the_digests_in_order(self, blobs: Blobs, count: int):
        sources = [f"{n}".encode() for n in range(count)]
        digests = blobs.put_all(iter(sources))
        assert digests == [Digest.of(source) for source in sources]
        assert [self.read(blobs, digest) for digest in digests] == sources

    def test_put_all_takes_sources_of_every_kind_and_size(self, blobs: Blobs, tmp_path: Path):
        path = tmp_path / "source"
        path.write_bytes(BIG)
        few = [b"", path, io.BytesIO(b"hello world"), b"hello world", BIG]
        wanted = [Digest.of(data) for data in (b"", BIG, b"hello world", b"hello world", BIG)]
        for _ in range(2):
            sources = [*(f"{n}".encode() for n in range(100)), *few]
            assert blobs.put_all(sources)[100:] == wanted
            few[2] = io.BytesIO(b"hello world")
        assert self.read(blobs, HELLO) == b"hello world"

    def test_put_all_renews_the_age_of_blobs_and_heals_them(self, blobs: Blobs):
        sources = [f"{n}".encode() for n in range(100)]
        for digest in blobs.put_all(sources):
            self.age(blobs, digest, DAY)
            self.damage(blobs, digest)
        for digest, source in zip(blobs.put_all(sources), sources, strict=True):
            found = blobs.stat(digest)
            assert found is not None
            assert found.age < SOON
            assert self.read(blobs, digest) == source

    @pytest.mark.parametrize("count", [1, 100])
    def test_a_failing_source_of_put_all_leaves_nothing_unnamed(self, blobs: Blobs, count: int):
        sources = [*(f"{n}".encode() for n in range(count)), _Broken(b"x" * 100)]
        with pytest.raises(ZeroDivisionError):
            blobs.put_all(sources)
        assert blobs.sweep(if_older_than=timedelta()) == 0

    def test_an_unreadable_source_of_put_all_raises_the_error_of_the_caller(
        self, blobs: Blobs, tmp_path: Path
    ):
        sources = [*(f"{n}".encode() for n in range(100)), tmp_path / "nothing"]
        with pytest.raises(OSError, match="nothing"):
            blobs.put_all(sources)

    # Age

    def test_a_new_blob_has_no_age(self, blobs: Blobs):
        found = blobs.stat(blobs.put(b"hello world"))
        assert found is not None
        assert timedelta() <= found.age < SOON

    @pytest.mark.parametrize("data", [b"hello world", BIG], ids=["small", "big"])
    def test_put_renews_the_age_of_a_blob(self, blobs: Blobs, data: bytes):
        digest = blobs.put(data)
        self.age(blobs, digest, DAY)
        blobs.put(io.BytesIO(data))
        found = blobs.stat(digest)
        assert found is not None
        assert found.age < SOON

    @pytest.mark.parametrize("data", [b"hello world", BIG], ids=["small", "big"])
    def test_put_heals_a_damaged_blob(self, blobs: Blobs, tmp_path: Path, data: bytes):
        digest = blobs.put(data)
        self.damage(blobs, digest)
        assert self.read(blobs, digest) != data
        path = tmp_path / "source"
        path.write_bytes(data)
        blobs.put(path)
        assert self.read(blobs, digest) == data

    def test_list_returns_the_size_and_the_age(self, blobs: Blobs):
        digest = blobs.put(b"hello world")
        self.age(blobs, digest, DAY)
        (found,) = blobs.list()
        assert (found.digest, found.size) == (digest, 11)
        assert DAY <= found.age < DAY + SOON

    # Deletion

    def test_a_blob_of_the_given_age_is_deleted(self, blobs: Blobs):
        blobs.put(b"hello world")
        self.age(blobs, HELLO, DAY)
        assert blobs.delete(HELLO, if_older_than=DAY)
        assert blobs.stat(HELLO) is None
        assert listed(blobs) == []

    def test_a_blob_below_the_given_age_is_not_deleted(self, blobs: Blobs):
        blobs.put(b"hello world")
        self.age(blobs, HELLO, DAY - SOON)
        assert not blobs.delete(HELLO, if_older_than=DAY)
        assert self.read(blobs, HELLO) == b"hello world"

    def test_a_blob_that_was_put_again_is_not_deleted(self, blobs: Blobs):
        blobs.put(b"hello world")
        self.age(blobs, HELLO, DAY)
        blobs.put(b"hello world")
        assert not blobs.delete(HELLO, if_older_than=SOON)

    def test_deleting_a_missing_blob_returns_false(self, blobs: Blobs):
        assert not blobs.delete(HELLO, if_older_than=timedelta())

    def test_a_deleted_blob_can_be_put_again(self, blobs: Blobs):
        blobs.put(b"hello world")
        self.age(blobs, HELLO, DAY)
        blobs.delete(HELLO, if_older_than=DAY)
        blobs.put(b"hello world")
        assert self.read(blobs, HELLO) == b"hello world"

    def test_an_open_blob_stays_readable_after_its_deletion(self, blobs: Blobs):
        blobs.put(b"hello world")
        with blobs.open(HELLO) as file:
            assert blobs.delete(HELLO, if_older_than=timedelta())
            assert file.read() == b"hello world"

    def test_an_open_blob_stays_readable_after_it_was_put_again(self, blobs: Blobs):
        blobs.put(b"hello world")
        with blobs.open(HELLO) as file:
            blobs.put(b"hello world")
            assert file.read() == b"hello world"

    def test_sweep_deletes_no_blobs(self, blobs: Blobs):
        blobs.put(b"hello world")
        assert blobs.sweep(if_older_than=timedelta()) == 0
        assert listed(blobs) == [HELLO]

    # Threads

    def test_threads_that_put_the_same_bytes_make_one_blob(self, blobs: Blobs):
        with ThreadPoolExecutor(8) as pool:
            digests = set(pool.map(blobs.put, [b"hello world"] * 64))
        assert digests == {HELLO}
        assert listed(blobs) == [HELLO]

    def test_put_all_survives_a_concurrent_deletion(self, blobs: Blobs):
        sources = [f"{n}".encode() for n in range(100)]
        for digest in blobs.put_all(sources):
            self.age(blobs, digest, DAY)
        with ThreadPoolExecutor(2) as pool:
            put = pool.submit(blobs.put_all, sources)
            for source in sources:
                blobs.delete(Digest.of(source), if_older_than=SOON)
            digests = put.result()
        assert [self.read(blobs, digest) for digest in digests] == sources

    def test_put_survives_a_concurrent_deletion(self, blobs: Blobs):
        for _ in range(50):
            blobs.put(b"hello world")
            self.age(blobs, HELLO, DAY)
            with ThreadPoolExecutor(2) as pool:
                put = pool.submit(blobs.put, b"hello world")
                pool.submit(blobs.delete, HELLO, if_older_than=SOON).result()
                put.result()
            assert self.read(blobs, HELLO) == b"hello world"


class TestMemoryBlobs(BlobsContract):
    """Blobs in memory fulfil the contract."""

    @pytest.fixture
    def blobs(self) -> MemoryBlobs:
        return MemoryBlobs()

    def age(self, blobs: Blobs, digest: Digest, by: timedelta) -> None:
        assert isinstance(blobs, MemoryBlobs)
        blobs.advance(by)

    def damage(self, blobs: Blobs, digest: Digest) -> None:
        assert isinstance(blobs, MemoryBlobs)
        data, since = blobs._stored[digest]
        blobs._stored[digest] = b"X" + data[1:], since


class TestLocalBlobs(BlobsContract):
    """Blobs in files fulfil the contract."""

    @pytest.fixture
    def blobs(self, tmp_path: Path) -> LocalBlobs:
        return LocalBlobs(tmp_path / "objects")

    def path(self, blobs: Blobs, digest: Digest) -> Path:
        assert isinstance(blobs, LocalBlobs)
        return blobs._objects.directory / digest.hex[:2] / digest.hex[2:]

    def age(self, blobs: Blobs, digest: Digest, by: timedelta) -> None:
        path = self.path(blobs, digest)
        at = path.stat().st_mtime_ns - int(by.total_seconds() * 1e9)
        os.utime(path, ns=(at, at))

    def damage(self, blobs: Blobs, digest: Digest) -> None:
        with open(self.path(blobs, digest), "r+b") as file:
            file.write(b"X")


class _Broken(io.BytesIO):
    """A stream that fails after its first bytes."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() or size in {None, -1}:
            raise ZeroDivisionError
        return super().read(10)


def _feed(fd: int, data: bytes) -> None:
    with open(fd, "wb") as sink:
        sink.write(data)
