"""Names that no file of a version may have: those that git, a registry or a checkout uses."""

from __future__ import annotations

from typing import Final

MARKER: Final = ".dspyreg-checkout"  # the list of files that a checkout wrote into a directory
_KEPT: Final = frozenset((".git", "git~1", ".dspyreg", "dspyre~1", MARKER))
_IGNORED: Final = dict.fromkeys(
    (*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF)
)


def protected_segment(path: str) -> str | None:
    """Return the first segment of a path that is one of these names on some file system.

    The rules are those of git's ``verify_path``: case is ignored, and so are the characters that
    HFS+ ignores, and the dots and spaces that NTFS drops at the end. NTFS also has short names, and
    streams behind a colon.
    """
    return next((segment for segment in path.split("/") if _is_protected(segment)), None)


def _is_protected(segment: str) -> bool:
    name = segment.translate(_IGNORED).partition(":")[0]
    return name.rstrip(" .").casefold() in _KEPT
