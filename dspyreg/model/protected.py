"""Names that no file of a version may have: what git, a registry or a checkout keeps for itself."""

from __future__ import annotations

from typing import Final

MARKER: Final = ".dspyreg-checkout"  # says what a checkout put into a directory
_KEPT: Final = frozenset((".git", "git~1", ".dspyreg", "dspyre~1", MARKER))
_IGNORED: Final = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)
)


def protected_segment(path: str) -> str | None:
    """Return the first segment of a path that means one of these names on some file system.

    These are the rules of git's ``verify_path``: case does not count, nor do the characters that
    HFS+ ignores and the dots and spaces that NTFS drops at the end. NTFS has short names, too, and
    streams behind a colon.
    """
    return next((segment for segment in path.split("/") if _is_protected(segment)), None)


def _is_protected(segment: str) -> bool:
    name = segment.translate(_IGNORED).partition(":")[0]
    return name.rstrip(" .").casefold() in _KEPT
