"""Group B: the content store."""

from __future__ import annotations

import json
import os
import pickle
from typing import TYPE_CHECKING

import pytest
from comparing import a_predictor_state, a_state

from dspyreg.errors import Corrupt

if TYPE_CHECKING:
    from pathlib import Path

    from builders import Programs

HELLO = "d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24"


def objects_of(programs: Programs) -> list[Path]:
    below = programs.directory / "store" / "objects"
    return sorted(path for path in below.rglob("*") if path.is_file())


def object_named(programs: Programs, hexdigest: str) -> Path:
    return programs.directory / "store" / "objects" / hexdigest[:2] / hexdigest[2:]


def test_b01_a_blob_is_named_by_the_blake3_of_its_bytes(on_disk: Programs):
    on_disk.register(content="hello world")
    assert on_disk.registry.show("qa").files[0].digest == f"b3:{HELLO}"
    assert object_named(on_disk, HELLO).read_bytes() == b"hello world"


def test_b03_the_same_bytes_are_stored_once(on_disk: Programs):
    on_disk.register("qa", content="hello world")
    on_disk.register("summarize", content="hello world")
    digests = [on_disk.registry.show(name).files[0].digest for name in ("qa", "summarize")]
    assert digests[0] == digests[1]
    holding = [path for path in objects_of(on_disk) if path.read_bytes() == b"hello world"]
    assert holding == [object_named(on_disk, HELLO)]


def flip_hello(programs: Programs) -> str:
    """Flip a byte of a stored file; return the digest of the changed bytes."""
    from dspyreg.model.digest import Digest

    programs.register(content="hello world")
    damaged = object_named(programs, HELLO)
    damaged.chmod(0o644)
    damaged.write_bytes(b"hellO world")
    return str(Digest.of(b"hellO world"))


def test_b05_a_blob_with_a_flipped_byte_is_never_served(on_disk: Programs):
    found = flip_hello(on_disk)
    with pytest.raises(Corrupt) as caught:
        on_disk.registry.read("qa")
    assert HELLO in str(caught.value)
    assert found in str(caught.value)


def test_b05_verify_names_the_expected_and_the_actual_hash(on_disk: Programs):
    found = flip_hello(on_disk)
    verdict = on_disk.registry.verify()
    assert not verdict.ok
    told = " ".join(f"{problem.where} {problem.message}" for problem in verdict.problems)
    assert HELLO in told
    assert found in told


def test_b07_formatting_and_key_order_do_not_change_the_program_digest(on_disk: Programs):
    state = json.loads(a_state(generate=a_predictor_state("Answer.")))
    turned = {key: state["generate"][key] for key in reversed(state["generate"])}
    on_disk.register(label="1.0.0", content=json.dumps(state))
    on_disk.register(label="1.1.0", content=json.dumps({**state, "generate": turned}, indent=4))
    first, second = (on_disk.registry.show(f"qa@{label}") for label in ("1.0.0", "1.1.0"))
    assert first.program_digest == second.program_digest is not None
    assert first.files_digest != second.files_digest


def test_b07_reading_returns_the_original_bytes_whatever_the_key_order(on_disk: Programs):
    """The files' digest is of bytes: only the normal form (``program_digest``), which reading
    programs brings, is blind to formatting.
    """
    first, second = '{"a": 1, "b": 2}', '{ "b": 2,\n  "a": 1 }\n'
    on_disk.register(label="1.0.0", content=first)
    on_disk.register(label="1.1.0", content=second)
    assert on_disk.registry.read("qa@1.0.0") == first.encode()
    assert on_disk.registry.read("qa@1.1.0") == second.encode()


class _Writes:
    """Writes a file if it is ever unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.path),)


def test_b09_a_pickle_is_stored_without_being_loaded(on_disk: Programs):
    trap = on_disk.directory / "sprung"
    pickled = pickle.dumps(_Writes(trap))
    on_disk.file(pickled, "program/program.pkl")
    on_disk.file("{}", "program/metadata.json")
    on_disk.registry.register("qa", on_disk.directory / "program")
    out = on_disk.registry.checkout("qa", on_disk.directory / "out")
    assert on_disk.registry.verify().ok
    assert sorted(out.files) == ["metadata.json", "program.pkl"]
    assert (on_disk.directory / "out" / "program.pkl").read_bytes() == pickled
    assert not trap.exists()
