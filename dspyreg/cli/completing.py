"""``__complete``: the hidden command that the completion scripts ask for names.

It takes ``[--store DIR] KIND BEGINNING`` and prints one candidate a line. Whatever is wrong, it
says nothing and exits with 0: somebody is in the middle of typing.
"""

from __future__ import annotations

import sys
from contextlib import suppress


def main(words: list[str]) -> int:
    """Print the candidates that are asked for."""
    try:
        found = _candidates(words)
    except (Exception, KeyboardInterrupt):
        found = []
    with suppress(OSError):
        sys.stdout.write("".join(f"{word}\n" for word in found))
        sys.stdout.flush()
    return 0


def _candidates(words: list[str]) -> list[str]:
    from dspyreg.registry.open import open_registry
    from dspyreg.registry.read.completion import candidates

    store = words[1] if words[:1] == ["--store"] else None
    kind, text = words[-2:]
    with open_registry(store, tell=lambda _: None) as registry:
        return candidates(registry.context, kind, text)
