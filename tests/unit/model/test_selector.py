"""Selectors: the grammar for naming a version."""

from __future__ import annotations

import pytest

from dspyreg.errors import UsageError
from dspyreg.model.selector import Kind, Selector


@pytest.mark.parametrize(
    ("text", "kind", "rest"),
    [
        ("qa", "latest", ""),
        ("qa@latest", "latest", "latest"),
        ("qa@1.1.0", "name", "1.1.0"),
        ("qa@production", "name", "production"),
        ("qa@production~1", "previous", "production"),
        ("qa@^1.2", "range", "^1.2"),
        ("qa@~1.2", "range", "~1.2"),
        ("qa@>=1.0,<2", "range", ">=1.0,<2"),
        ("qa@stage:staging", "stage", "staging"),
        ("qa@#3", "number", "3"),
        ("qa@b3:1f2e3d", "digest", "b3:1f2e3d"),
    ],
)
def test_a_selector_is_parsed_with_its_kind(text: str, kind: Kind, rest: str):
    assert Selector.parse(text) == Selector("qa", kind, rest)
    assert str(Selector.parse(text)) == text


def test_a_selector_is_explicit_if_it_names_a_version():
    assert not Selector.parse("qa").is_explicit
    assert Selector.parse("qa@latest").is_explicit
    assert Selector.parse("qa@1.0.0").is_explicit


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "@1.0.0", "qa@", "a/b@1", "../x", "qa @1", "qa@#", "qa@#x", "qa@#-1", "qa@#٣"),
        *("qa@#007", "qa@#" + "9" * 18, "qa@b3:", "qa@b3:1f2e3", "qa@b3:1F2E3D"),
        *("qa@b3:" + "0" * 65, "qa@stage:", "qa@production~2", "qa@production~", "qa@a~1~1"),
        *("qa@a\nb", "qa@\x1b[2J", "qa@" + "x" * 10_000, "x" * 10_000, "qa@\ud800", "qa\ud800"),
    ],
)
def test_an_invalid_selector_is_a_usage_error(text: str):
    with pytest.raises(UsageError):
        Selector.parse(text)
