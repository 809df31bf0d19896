"""Every configuration round-trips through JSON."""

from hypothesis import given
from hypothesis import strategies as st
from strategies import policies, registrations

from dspyreg.config.value import (
    Config,
    Environment,
    Hooks,
    Integration,
    Metrics,
    ProgramSettings,
    Rung,
    Versioning,
)
from dspyreg.model import canonical

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


rungs = st.builds(Rung, texts, st.none() | texts)


switches = [st.booleans()] * 6


environments = st.builds(
    Environment, texts, st.none() | texts, *switches, st.none() | policies(texts)
)


policies_by_rung = st.dictionaries(texts, policies(texts), max_size=2).map(
    lambda found: tuple(sorted(found.items()))
)


programs = st.builds(
    ProgramSettings,
    texts,
    policies_by_rung,
    st.just(()) | st.tuples(st.tuples(st.just("lower_is_better"), st.tuples(texts))),
)


commands = st.dictionaries(texts, st.lists(texts, max_size=2).map(tuple), max_size=2).map(
    lambda found: tuple(sorted(found.items()))
)


shares = st.floats(min_value=0, allow_infinity=False)


configs = st.builds(
    Config,
    st.lists(rungs, max_size=4).map(tuple),
    st.lists(environments, max_size=4).map(tuple),
    st.none() | texts,
    st.builds(Versioning, texts, st.integers(min_value=0), st.booleans(), st.booleans()),
    st.builds(
        Metrics,
        st.none() | texts,
        st.lists(texts, max_size=3).map(tuple),
        st.lists(texts, max_size=3).map(tuple),
        shares,
        st.dictionaries(texts, texts, max_size=3).map(lambda told: tuple(sorted(told.items()))),
    ),
    policies_by_rung,
    st.lists(programs, max_size=2).map(tuple),
    st.builds(
        Integration,
        *(st.booleans(), st.booleans(), shares, st.none() | texts, st.booleans(), shares),
    ),
    st.builds(Hooks, commands, commands, shares),
    st.none() | registrations(texts),
)


@given(configs)
def test_a_configuration_round_trips_through_json(config):
    assert Config.from_json(config.to_json()) == config


@given(configs)
def test_a_configuration_round_trips_through_canonical_json(config):
    told = canonical.loads(canonical.dumps(config.to_json()))
    assert Config.from_json(told) == config


@given(texts)
def test_every_metric_name_has_a_direction(metric):
    assert Metrics().falls(metric) in (True, False)
