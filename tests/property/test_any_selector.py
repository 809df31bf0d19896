"""Properties of model/selector, for any value."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from dspyreg.errors import UsageError
from dspyreg.model.selector import Selector

_REST = st.text(alphabet="~^<>=#:@.,-+ 0123456789ab", max_size=12) | st.text(max_size=20)


_FORMS = st.sampled_from(["{}", "#{}", "stage:{}", "b3:{}", "{}~1", "^{}", "~{}", "latest"])


TEXTS = st.builds(
    lambda form, rest, at: f"qa{at}{form.format(rest)}", _FORMS, _REST, st.sampled_from(["@", ""])
) | st.text(max_size=30)


@given(TEXTS)
def test_any_text_is_a_selector_or_a_usage_error(text: str):
    try:
        chosen = Selector.parse(text)
    except UsageError:
        return
    assert Selector.parse(str(chosen)) == chosen


@given(TEXTS)
def test_a_selector_round_trips_through_its_text(text: str):
    with suppress(UsageError):
        assert str(Selector.parse(text)) == text
