"""Path names reserved for git or a registry."""

from __future__ import annotations

import pytest

from dspyreg.model.protected import protected_segment


@pytest.mark.parametrize(
    "segment",
    [
        *(".git", ".GIT", ".Git", "git~1", "GIT~1", ".git.", ".git ", ".git . .", "git~1."),
        *(".git::$INDEX_ALLOCATION", ".git:x", ".g\u200cit", "\ufeff.git", ".gi\u206ft\u202a"),
        *(".dspyreg", ".DSPYREG", ".dspyreg.", "dspyre~1", ".d\u200dspyreg", ".d\u017fpyreg"),
    ],
)
@pytest.mark.parametrize("where", ["{}", "{}/config", "a/b/{}/hooks/x"])
def test_a_protected_name_is_recognized_in_any_spelling_at_any_depth(segment: str, where: str):
    assert protected_segment(where.format(segment)) == segment


@pytest.mark.parametrize(
    "path", ["program.json", ".gitignore", ".github/x", "git", "a.git", "x/.git2", ".dspyreg-x"]
)
def test_other_path_names_are_not_protected(path: str):
    assert protected_segment(path) is None
