"""The contract of every journal (``dspyreg.backends.interface.Journal``)."""

from __future__ import annotations

import fcntl
import os
import signal
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from dspyreg.backends.interface import Diverged
from dspyreg.backends.local.journal import LocalJournal
from dspyreg.backends.local.segments import START
from dspyreg.backends.memory import MemoryJournal
from dspyreg.model import line as lines
from dspyreg.model.digest import Digest
from dspyreg.model.line import Head, Line, genesis

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dspyreg.backends.interface import Journal, Place

GENESIS = genesis(b"a registry\n")


def saying(text: str) -> Place:
    """Return a ``place`` that appends one line, whatever precedes it."""
    return lambda _, head: lines.compose(f'"say":"{text}"'.encode(), head)


def said(found: Sequence[Line]) -> list[str]:
    return [line.data.split(b'"')[3].decode() for line in found]


def with_heads_before(start: Head, log: Sequence[Line]) -> list[tuple[Head, Line]]:
    """Return each line with the head before it."""
    return list(zip([start, *(line.head for line in log)], log, strict=False))


class Stop(Exception):
    """Raised by a ``place`` that refuses to append."""


class JournalContract(ABC):
    """The contract; a subclass makes an empty log."""

    @pytest.fixture
    @abstractmethod
    def journal(self, tmp_path: Path) -> Journal:
        """Return an empty log."""

    @pytest.fixture
    def start(self, journal: Journal) -> Head:
        """The head of the empty log."""
        return journal.head()

    def fill(self, journal: Journal, count: int) -> list[Head]:
        """Append lines; return the head before them and after each."""
        heads = [journal.head()]
        for nth in range(1, count + 1):
            heads.append(journal.append(heads[-1], saying(f"{nth}")))
        return heads

    # Head

    def test_the_head_of_an_empty_log_is_its_genesis(self, journal: Journal):
        assert journal.head().same(GENESIS)

    def test_the_head_is_the_last_line(self, journal: Journal):
        heads = self.fill(journal, 3)
        assert journal.head().same(heads[-1])
        assert journal.head().seq == 3

    @pytest.mark.parametrize("count", [0, 1, 7])
    def test_head_returns_the_hint_itself_when_the_log_has_not_grown(
        self, journal: Journal, count: int
    ):
        self.fill(journal, count)
        head = journal.head()
        assert journal.head(head) is head
        assert journal.head(head) is head

    def test_the_head_returned_by_append_is_a_valid_hint(self, journal: Journal):
        head = self.fill(journal, 2)[-1]
        assert journal.head(head) is head

    def test_an_older_hint_leads_to_the_head(self, journal: Journal):
        heads = self.fill(journal, 7)
        assert all(journal.head(hint).same(heads[-1]) for hint in heads)

    def test_a_hint_from_another_log_leads_to_the_head(self, journal: Journal):
        heads = self.fill(journal, 3)
        foreign = Head(2, Digest.of(b"foreign"), heads[2].hint)
        assert journal.head(foreign).same(heads[-1])

    # Read

    def test_lines_are_read_as_they_were_appended(self, journal: Journal, start: Head):
        self.fill(journal, 7)
        assert said(list(journal.read(start))) == ["1", "2", "3", "4", "5", "6", "7"]

    def test_reading_continues_after_any_head(self, journal: Journal):
        heads = self.fill(journal, 7)
        assert [len(list(journal.read(head))) for head in heads] == [7, 6, 5, 4, 3, 2, 1, 0]

    def test_every_line_follows_the_line_before_it(self, journal: Journal, start: Head):
        self.fill(journal, 7)
        head = start
        for line in journal.read(start):
            assert line.follows(head)
            head = line.head

    def test_a_head_is_located_without_its_hint(self, journal: Journal):
        bare = self.fill(journal, 7)[3]._replace(hint="")
        assert said(list(journal.read(bare))) == ["4", "5", "6", "7"]

    def test_a_head_is_located_despite_a_wrong_hint(self, journal: Journal):
        heads = self.fill(journal, 7)
        misled = heads[3]._replace(hint=heads[5].hint)
        assert said(list(journal.read(misled))) == ["4", "5", "6", "7"]

    @pytest.mark.parametrize("seq", [0, 2, 3, 9])
    def test_reading_after_a_head_outside_the_log_raises_diverged(self, journal: Journal, seq: int):
        self.fill(journal, 3)
        with pytest.raises(Diverged) as caught:
            list(journal.read(Head(seq, Digest.of(b"another history"))))
        assert caught.value.head.seq == seq

    def test_raw_lines_are_the_lines_of_the_log(self, journal: Journal, start: Head):
        self.fill(journal, 7)
        raw = [data for _, data in journal.raw()]
        assert raw == [line.data for line in journal.read(start)]

    # Turns

    def test_a_turn_keeps_other_writers_from_appending(self, journal: Journal, start: Head):
        with ThreadPoolExecutor(1) as pool:
            with journal.turn():
                other = pool.submit(journal.append, start, saying("other"))
                with pytest.raises(TimeoutError):
                    other.result(timeout=0.05)
                head = journal.append(start, saying("own"))
            assert head.seq == 1
            assert other.result().seq == 2

    def test_a_nested_turn_does_not_end_the_outer_turn(self, journal: Journal, start: Head):
        with journal.turn():
            with journal.turn():
                journal.append(start, saying("1"))
            journal.append(start, saying("2"))
        assert said(list(journal.read(start))) == ["1", "2"]

    def test_a_turn_that_fails_is_released(self, journal: Journal, start: Head):
        with pytest.raises(Stop), journal.turn():
            raise Stop
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(journal.append, start, saying("other")).result().seq == 1

    # Append

    def test_place_receives_the_new_lines_and_their_head(self, journal: Journal, start: Head):
        given: list[tuple[list[str], Head]] = []

        def place(since: Sequence[Line], head: Head) -> bytes:
            given.append((said(since), head))
            return lines.compose(b'"say":"last"', head)

        heads = self.fill(journal, 3)
        journal.append(heads[1], place)
        assert given[-1][0] == ["2", "3"]
        assert given[-1][1].same(heads[3])
        assert said(list(journal.read(start))) == ["1", "2", "3", "last"]

    def test_append_returns_the_new_head(self, journal: Journal, start: Head):
        head = journal.append(start, saying("1"))
        assert head.seq == 1
        assert head.same(journal.head())

    def test_append_writes_nothing_when_place_raises(self, journal: Journal, start: Head):
        def place(*_: object) -> bytes:
            raise Stop

        self.fill(journal, 1)
        with pytest.raises(Stop):
            journal.append(start, place)
        assert said(list(journal.read(start))) == ["1"]

    def test_the_next_append_works_after_place_has_raised(self, journal: Journal, start: Head):
        def place(*_: object) -> bytes:
            raise Stop

        with pytest.raises(Stop):
            journal.append(start, place)
        journal.append(start, saying("1"))
        assert said(list(journal.read(start))) == ["1"]

    def test_appending_after_a_head_outside_the_log_writes_nothing(
        self, journal: Journal, start: Head
    ):
        def place(*_: object) -> bytes:
            pytest.fail("nobody may plan on another history")

        self.fill(journal, 3)
        for seq in (0, 2, 3, 9):
            with pytest.raises(Diverged):
                journal.append(Head(seq, Digest.of(b"another history")), place)
        assert said(list(journal.read(start))) == ["1", "2", "3"]

    def test_settle_changes_nothing(self, journal: Journal, start: Head):
        journal.settle()
        self.fill(journal, 3)
        journal.settle()
        assert said(list(journal.read(start))) == ["1", "2", "3"]

    def test_a_line_of_64_kib_is_stored(self, journal: Journal, start: Head):
        room = lines.LONGEST - len(lines.compose(b'"say":""', start))
        journal.append(start, saying("x" * room))
        assert len(next(journal.read(start)).data) == lines.LONGEST - 1

    # Many at once

    def test_threads_append_one_after_another(self, journal: Journal, start: Head):
        with ThreadPoolExecutor(8) as pool:
            heads = list(pool.map(lambda n: journal.append(start, saying(f"{n}")), range(80)))
        assert sorted(head.seq for head in heads) == list(range(1, 81))
        assert sorted(map(int, said(list(journal.read(start))))) == list(range(80))

    def test_sixteen_threads_with_their_own_cursors_lose_nothing(
        self, journal: Journal, start: Head
    ):
        def work(thread: int) -> list[str]:
            """Append, alone and within turns, and read on from the position of this thread."""
            head, seen = start, []
            for nth in range(12):
                if nth % 4 == 3:
                    with journal.turn():
                        journal.append(head, saying(f"{thread}-{nth}"))
                        assert journal.append(head, saying(f"{thread}+")).seq > head.seq + 1
                else:
                    journal.append(head, saying(f"{thread}-{nth}"))
                hint = journal.head(head)
                assert hint.seq > head.seq
                lines_read = list(journal.read(head))
                seen += said(lines_read)
                head = lines_read[-1].head
            return seen

        with ThreadPoolExecutor(16) as pool:
            seen_by_each = list(pool.map(work, range(16)))
        log = list(journal.read(start))
        in_order, own = said(log), [f"{t}-{n}" for t in range(16) for n in range(12)]
        assert [line.seq for line in log] == list(range(1, 16 * 15 + 1))
        assert all(line.follows(before) for before, line in with_heads_before(start, log))
        assert sorted(in_order) == sorted([*own, *(f"{t}+" for t in range(16) for _ in range(3))])
        assert all(seen == in_order[: len(seen)] for seen in seen_by_each)

    def test_reading_does_not_wait_for_a_turn(self, journal: Journal, start: Head):
        def read() -> tuple[Head, list[str]]:
            return journal.head(start), said(list(journal.read(start)))

        with ThreadPoolExecutor(1) as pool, journal.turn():
            made = journal.append(start, saying("own"))
            head, texts = pool.submit(read).result(timeout=60)
        assert head.same(made)
        assert texts == ["own"]

    def test_a_concurrent_reader_sees_whole_lines_without_gaps(self, journal: Journal, start: Head):
        def read() -> bool:
            found = list(journal.read(start))
            return [line.seq for line in found] == list(range(1, len(found) + 1))

        with ThreadPoolExecutor(4) as pool:
            writes = [pool.submit(journal.append, start, saying(f"{n}")) for n in range(100)]
            reads = [pool.submit(read) for _ in range(100)]
            assert all(each.result() for each in reads)
            assert {each.result().seq for each in writes} == set(range(1, 101))


class TestMemoryJournal(JournalContract):
    """A journal in memory fulfils the contract."""

    @pytest.fixture
    def journal(self) -> MemoryJournal:
        return MemoryJournal(GENESIS)


class TestLocalJournal(JournalContract):
    """A journal in one file fulfils the contract."""

    roll_over = 16 << 20

    def open(self, directory: Path) -> LocalJournal:
        start = GENESIS._replace(hint=START)
        (directory / "format").touch()
        return LocalJournal(
            directory / "log", directory / "format", start, roll_over=self.roll_over
        )

    @pytest.fixture
    def journal(self, tmp_path: Path) -> LocalJournal:
        return self.open(tmp_path)

    def test_a_second_journal_reads_appended_lines(self, journal: LocalJournal, tmp_path: Path):
        heads = self.fill(journal, 7)
        assert self.open(tmp_path).head().same(heads[-1])

    def test_two_journals_that_append_alternately_make_one_log(
        self, journal: LocalJournal, tmp_path: Path
    ):
        other, start = self.open(tmp_path), journal.head()
        for nth in range(10):
            (journal, other)[nth % 2].append(start, saying(f"{nth}"))
        assert said(list(journal.read(start))) == [f"{n}" for n in range(10)]

    def test_a_second_journal_waits_for_the_end_of_a_turn(
        self, journal: LocalJournal, tmp_path: Path
    ):
        other, start = self.open(tmp_path), journal.head()
        with ThreadPoolExecutor(1) as pool:
            with journal.turn():
                waiting = pool.submit(other.append, start, saying("other"))
                journal.append(start, saying("own"))
            waiting.result()
        assert said(list(journal.read(start))) == ["own", "other"]

    def test_a_child_forked_during_a_turn_does_not_prolong_it(
        self, journal: LocalJournal, tmp_path: Path
    ):
        with journal.turn():
            child = os.fork()
            if child == 0:
                signal.pause()
        try:
            with open(tmp_path / "format", "rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)

    def test_a_hint_is_stale_after_another_writer_has_appended(
        self, journal: LocalJournal, tmp_path: Path
    ):
        head = self.fill(journal, 7)[-1]
        assert journal.head(head) is head
        newer = self.open(tmp_path).append(head, saying("8"))
        assert journal.head(head).same(newer)


class TestLocalJournalOfManySegments(TestLocalJournal):
    """A journal in many segments of a few lines fulfils the contract."""

    roll_over = 500

    def test_a_full_segment_is_followed_by_a_new_one(self, journal: LocalJournal, tmp_path: Path):
        self.fill(journal, 7)
        names = sorted(path.name for path in (tmp_path / "log").iterdir())
        assert names == [f"{first:020d}.jsonl" for first in (1, 4, 7)]


class TestLocalJournalOfOneLineASegment(TestLocalJournal):
    """A journal with one line per segment fulfils the contract."""

    roll_over = 1
