"""``__complete``: the hidden command that the completion scripts call for names.

It takes ``[--store DIR] KIND BEGINNING`` and prints one candidate a line. On any error it prints
nothing and exits with 0: the user is still typing.
"""

from __future__ import annotations

import sys
from contextlib import suppress


def main(words: list[str]) -> int:
    """Print the candidates for a word."""
    try:
        candidates = _candidates(words)
    except (Exception, KeyboardInterrupt):
        candidates = []
    with suppress(OSError):
        sys.stdout.write("".join(f"{candidate}\n" for candidate in candidates))
        sys.stdout.flush()
    return 0


def _candidates(words: list[str]) -> list[str]:
    from dspyreg.registry.open import open_registry

    store = words[1] if words[:1] == ["--store"] else None
    kind, text = words[-2:]
    with open_registry(store, tell=lambda _: None) as registry:
        return registry.completions(kind, text)
