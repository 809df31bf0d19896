"""Settings from environment variables."""

from __future__ import annotations

import pytest

from dspyreg.errors import UsageError
from dspyreg.system import environment


def test_dspyreg_trust_takes_a_digest_or_all(monkeypatch: pytest.MonkeyPatch):
    digest = "b3:" + "0" * 64
    assert environment.trust() is None
    monkeypatch.setenv("DSPYREG_TRUST", "all")
    assert environment.trust() == "all"
    assert environment.trust(digest) == digest
    for text in ("b3:0", "ALL", "yes", digest + "\n"):
        with pytest.raises(UsageError):
            environment.trust(text)


@pytest.mark.parametrize(
    ("name", "value", "colour"),
    [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False)],
)
def test_colour_follows_the_environment_of_the_user(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, colour: bool
):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    assert environment.has_colour() is colour
