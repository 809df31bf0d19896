"""Properties of model/version, for any value."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.model.digest import Digest
from dspyreg.model.document import File, files_digest

STATE = File("program.json", Digest.of(b"{}"), 2)


OTHER = File("a/b.txt", Digest.of(b"b"), 1)


@given(st.permutations([STATE, OTHER, File("z", Digest.of(b"z"), 1)]))
def test_the_digest_of_files_does_not_depend_on_their_order(files: list[File]):
    assert files_digest(tuple(files)) == files_digest(tuple(sorted(files)))
