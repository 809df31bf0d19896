"""Screen the words that a change leaves in the log for secrets, before they get there.

The detectors are imported only for words that could hold a secret at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dspyreg.formats.secrets import Secret
    from dspyreg.registry.transaction.options import ChangeOptions

_SIGNS: Final = ("=", ":", " -", "--", "</", "earer", "asic", "pass", "pwd", "private key", " by '")
_SHORTEST: Final = 16
_SHORT_PIECES: Final = re.compile(r"[A-Za-z]{1,15}(?:[.@][A-Za-z]{1,15})+")  # an e-mail address
_REDACTABLE: Final = frozenset({"reason", "note"})
HINT: Final = "secrets-in-words"
HINT_ALLOW: Final = "secrets-in-names"


def is_plain(text: str) -> bool:
    """Return whether a text cannot hold a secret: no long word, no sign of a name and a value, no
    other letters than English ones.
    """
    lower = text.lower()
    return (
        text.isascii()
        and not any(sign in lower for sign in _SIGNS)
        and all(len(word) < _SHORTEST or _SHORT_PIECES.fullmatch(word) for word in text.split())
    )


def clean(text: str) -> str:
    """Return a text without the secrets in it, for an error or an event."""
    if is_plain(text):
        return text
    from dspyreg.formats.secrets import without

    return without(text, "…")


def require_one_choice(*, redact: bool, allow: bool) -> None:
    """Raise ``UsageError`` if secrets are to be both redacted and allowed."""
    if redact and allow:
        raise UsageError("redact-and-allow")


def found_in(words: Mapping[str, str | None]) -> list[tuple[str, Secret]]:
    """Return the secrets in some words, each with what the words are."""
    doubtful = {what: text for what, text in words.items() if text and not is_plain(text)}
    if not doubtful:
        return []
    from dspyreg.formats.secrets import find_in_lines

    return [(what, secret) for what, text in doubtful.items() for secret in find_in_lines(text)]


def screened(
    words: Mapping[str, str | None], *, redact: bool, allow: bool
) -> dict[str, str | None]:
    """Return words that may go into the log: with ``redact``, reasons and notes without secrets.

    Raises ``Refused``, naming each place, if there is a secret that is not allowed.
    """
    require_one_choice(redact=redact, allow=allow)
    kept = dict(words)
    secrets = [] if allow else found_in(words)
    if redact and secrets:
        from dspyreg.formats.secrets import without

        kept |= {what: without(words[what] or "") for what, _ in secrets if what in _REDACTABLE}
        secrets = [each for each in secrets if each[0] not in _REDACTABLE]
    refuse(secrets, hint=HINT if _REDACTABLE.issuperset(dict(secrets)) else HINT_ALLOW)
    return kept


def screened_reason(options: ChangeOptions) -> str | None:
    """Return a reason that may go into the log. Raises ``Refused``."""
    redact, allow = options.redact, options.allow_secrets
    return screened({"reason": options.reason}, redact=redact, allow=allow)["reason"]


def require_clean(words: Mapping[str, str | None], *, allow: bool) -> None:
    """Raise ``Refused`` if there is a secret in words that cannot be redacted: names, settings."""
    if not allow:
        refuse(found_in(words), hint=HINT_ALLOW)


def refuse(secrets: Iterable[tuple[str, Secret]], *, hint: str) -> None:
    """Raise ``Refused``, naming the place of every secret, if there are any. ``hint`` is a key of
    ``errors.texts.HINTS``.
    """
    failures = tuple(shown(what, secret) for what, secret in secrets)
    if failures:
        error = Refused("secrets-found", failures=failures)
        error.set_hint(hint)
        raise error


def shown(what: str, secret: Secret) -> str:
    """Return the place of a secret, with its value masked."""
    return f"{clean(what)}: {secret.location}: {secret.what}: {secret.masked}"


def screened_call(keywords: Mapping[str, Any], actor: str) -> dict[str, Any]:
    """Return the keywords of a method that changes something, their words screened."""
    redact, allow = bool(keywords.get("redact")), bool(keywords.get("allow_secrets"))
    words = {
        what: keywords[what] for what in ("reason", "note") if isinstance(keywords.get(what), str)
    }
    kept = screened({"actor": actor, **words}, redact=redact, allow=allow)
    return {**keywords, **{what: kept[what] for what in words}}
