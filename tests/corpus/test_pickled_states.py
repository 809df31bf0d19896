"""Every pickled state of the corpus is read on request, as the program that it is."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from corpus import programs

from dspyreg.formats import unpickling
from dspyreg.formats.known import read
from dspyreg.registry.artifacts.inspect import inspect

if TYPE_CHECKING:
    from pathlib import Path

PICKLES = [path for path in programs.in_the_corpus() if path.name == "program.pkl"]
WITH_TWIN = [path for path in PICKLES if path.with_suffix(".json").is_file()]

pytestmark = pytest.mark.skipif(
    not PICKLES, reason=f"{programs.VARIABLE} is not set: no pickle of DSPy was read"
)
each = pytest.mark.parametrize("path", PICKLES, ids=lambda path: "/".join(path.parts[-4:-1]))
each_twin = pytest.mark.parametrize("path", WITH_TWIN, ids=lambda path: "/".join(path.parts[-4:-1]))


@each
def test_a_pickled_state_is_read_only_on_request(path: Path):
    assert inspect({path.name: path}).state is None
    assert inspect({path.name: path}, allow_pickle=True).state is not None


@each
def test_a_pickled_state_is_read_as_python_reads_it(path: Path):
    data = path.read_bytes()
    if b"Example" not in data:
        assert unpickling.loads(data) == pickle.loads(data)


@each_twin
def test_a_pickled_state_has_the_program_digest_of_its_json(path: Path):
    program = read(unpickling.as_json(path.read_bytes()))
    assert program.digest() == read(path.with_suffix(".json").read_bytes()).digest()


@each
def test_a_key_in_a_pickled_state_is_found_whether_it_is_read_or_listed(path: Path):
    read_, listed = (inspect({path.name: path}, allow_pickle=allowed) for allowed in (True, False))
    assert bool(read_.secrets) == bool(listed.secrets)
