"""Properties of model/label, for any value."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import assume, given
from hypothesis import strategies as st
from semver import Version

from dspyreg.errors import UsageError
from dspyreg.model import label as labels

_NUMBERS = st.integers(0, 30) | st.integers(0, 10**12)


_NUMERIC = _NUMBERS.map(str)


_WORDS = st.from_regex(r"[0-9A-Za-z-]{0,4}[A-Za-z-][0-9A-Za-z-]{0,4}", fullmatch=True)


_PRERELEASES = st.lists(_NUMERIC | _WORDS, min_size=1, max_size=4).map(".".join)


_BUILDS = st.lists(_WORDS | st.from_regex(r"[0-9]{1,4}", fullmatch=True), min_size=1, max_size=3)


VERSIONS = st.builds(
    Version,
    _NUMBERS,
    _NUMBERS,
    _NUMBERS,
    st.none() | _PRERELEASES,
    st.none() | _BUILDS.map(".".join),
)


NEAR = st.builds(
    Version, *[st.integers(0, 2)] * 3, st.none() | st.sampled_from(["a", "a.1", "a-b", "1", "10"])
)


def rank(text: str) -> str:
    found = labels.rank(text)
    assert found is not None
    return found


def held(wanted: str, *texts: str) -> list[str]:
    return [text for text in texts if labels.range_of(wanted).holds(rank(text))]


@given(VERSIONS | NEAR, VERSIONS | NEAR)
def test_ranks_sort_in_semver_order(a: Version, b: Version):
    ranks = rank(str(a)), rank(str(b))
    assert (ranks[0] > ranks[1]) - (ranks[0] < ranks[1]) == a.compare(b)


@given(VERSIONS)
def test_every_semver_version_is_a_semantic_label(version: Version):
    assume(len(str(version)) <= labels.LONGEST)
    assert labels.semantic(str(version)) == str(version)


@given(VERSIONS)
def test_a_rank_tells_releases_from_prereleases(version: Version):
    assert labels.is_release(rank(str(version))) == (version.prerelease is None)


@given(VERSIONS, st.sampled_from(labels.BUMPS))
def test_a_bump_always_raises_the_rank(version: Version, level: str):
    assert rank(labels.bump(str(version), level) or "") > rank(str(version))


@given(VERSIONS, VERSIONS)
def test_a_bound_compares_as_semver_does(version: Version, bound: Version):
    assume(version.prerelease is None and bound.prerelease is None)
    assume(len(f">={bound}") <= labels.LONGEST)
    assert bool(held(f">={bound}", str(version))) == (version.compare(bound) >= 0)
    assert bool(held(f"<{bound}", str(version))) == (version.compare(bound) < 0)


@given(st.text(alphabet="^~<>=,.0123456789- \n+ab", max_size=12) | st.text(max_size=20))
def test_any_text_is_a_range_or_a_usage_error(text: str):
    with suppress(UsageError):
        assert labels.range_of(text).text == text
