"""Every configuration round-trips through YAML; any text is read or refused."""

import re

from documents import WHOLE
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import policies, registrations

from dspyreg.config.document import read, write
from dspyreg.config.sections import OPERATIONS, SELECTIONS
from dspyreg.config.value import (
    Config,
    Environment,
    Hooks,
    Integration,
    Metrics,
    ProgramSettings,
    Rung,
    Versioning,
    complete,
)
from dspyreg.errors import UsageError
from dspyreg.model import canonical
from dspyreg.model.names import program

key = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True) | st.sampled_from(
    ["no", "on", "y", "null", "true", "1e3", "0x1F", "2024-01-01", "v1.0", "1.5", "0o7", "a" * 100]
)


letters = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029")


word = st.text(letters, min_size=1, max_size=30) | st.sampled_from(
    ["~", "#", "a: b", "- a", "&a", "é", "'"]
)


def is_name(name: str) -> bool:
    words = {"latest", "deprecated", "archived", "stage"}
    numbered = re.fullmatch(r"[0-9]+|[0-9]+\.[0-9]+\.[0-9]+(-.*)?", name)
    return name.lower() not in words and not numbered and not name.endswith(".")


def is_word(text: str) -> bool:
    return not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text) and bool(
        text.strip()
    )


def is_title(text: str) -> bool:
    return is_word(text) and text == text.strip() and is_name(text)


names = key.filter(is_name)


metrics = word.filter(is_word)


demanding = policies(metrics)


shares = st.floats(min_value=0, allow_infinity=False).map(abs)


commands = st.dictionaries(
    st.sampled_from(OPERATIONS),
    st.lists(metrics | st.just("set -e\n\tmake smoke\n"), min_size=1, max_size=2, unique=True),
    max_size=3,
).map(lambda found: tuple((operation, tuple(run)) for operation, run in sorted(found.items())))


def is_program(name: str) -> bool:
    try:
        return bool(program(name))
    except UsageError:
        return False


@st.composite
def configs(draw: st.DrawFn) -> Config:
    drawn = draw(st.lists(names, min_size=2, max_size=9, unique_by=str.lower))
    height = draw(st.integers(2, len(drawn)))
    keys, others = drawn[:height], drawn[height:]
    titles = draw(
        st.lists(
            st.none() | word.filter(is_title),
            min_size=height,
            max_size=height,
            unique_by=lambda title: object() if title is None else title.casefold(),
        )
    )
    lower = {name.casefold() for name in drawn}
    rungs = tuple(
        Rung(name, None if title and title.casefold() in lower else title)
        for name, title in zip(keys, titles, strict=True)
    )
    namesakes = draw(st.lists(st.sampled_from(keys), unique=True))
    places = [(name, name) for name in namesakes]
    places += [(name, draw(st.none() | st.sampled_from(keys))) for name in others]
    configured = tuple(
        Environment(
            name,
            rung,
            *draw(st.tuples(*[st.booleans()] * 6)),
            policy=draw(st.none() | demanding),
        )
        for name, rung in draw(st.permutations(places))
    )
    config = complete(rungs, configured)
    by_rung = st.dictionaries(st.sampled_from(keys[1:]), demanding, max_size=3).map(
        lambda found: tuple(sorted(found.items()))
    )
    called = draw(st.lists(key.filter(is_program), max_size=2, unique_by=str.lower))
    both = draw(st.lists(metrics, max_size=6, unique=True))
    at = draw(st.integers(0, len(both)))
    return config._replace(
        default_environment=draw(
            st.none() | st.sampled_from([each.name for each in config.environments])
        ),
        versioning=Versioning(
            draw(st.sampled_from(["semantic", "timestamp", "integer"])),
            draw(st.integers(0, 10**15 - 1)),
            draw(st.booleans()),
            draw(st.booleans()),
        ),
        metrics=Metrics(
            draw(st.none() | metrics),
            tuple(both[:at]),
            tuple(both[at:]),
            draw(shares),
        ),
        policies=draw(by_rung),
        programs=tuple(
            ProgramSettings(
                name, draw(by_rung), draw(st.sampled_from([(), (("primary", "f1"), ("tie", 0.5))]))
            )
            for name in called
        ),
        integration=Integration(
            *draw(st.tuples(st.booleans(), st.booleans(), shares)),
            *draw(st.tuples(st.none() | st.sampled_from(SELECTIONS), st.booleans(), shares)),
        ),
        registration=draw(st.none() | registrations(metrics)),
        hooks=Hooks(draw(commands), draw(commands), draw(st.integers(1, 86_400_000)) / 1000),
    )


WORDS = [*WHOLE.split(), *"&*!|>%'\"\\#~-=@`{}[],?:", "&a", "*a", "!!str ", "<<:", ".inf", "yes"]


BREAKS = [": ", ":\n  ", "\n", "\n  ", "\n- ", "? ", "---\n", "...\n", "\t", "\0", "\r", "\x85"]


pieces = st.sampled_from([*WORDS, *BREAKS, "\u2028", "\ufeff", "\ud800"])


@settings(deadline=None)
@given(configs())
def test_a_configuration_round_trips_through_yaml(config):
    assert read(write(config)) == config


@settings(deadline=None)
@given(configs())
def test_a_configuration_read_from_yaml_round_trips_through_json(config):
    told = canonical.loads(canonical.dumps(read(write(config)).to_json()))
    assert Config.from_json(told) == config


def is_answered(text: str) -> bool:
    """Return whether a text is a configuration, or refused with its line."""
    try:
        config = read(text)
    except UsageError as error:
        return bool(re.match(r"line [1-9][0-9]*: .", str(error)))
    return read(write(config)) == config


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_configuration_or_is_refused_with_its_line(text):
    assert is_answered(text)


@settings(deadline=None)
@given(st.lists(pieces, max_size=40).map("".join))
def test_any_mix_of_yaml_tokens_is_a_configuration_or_is_refused_with_its_line(text):
    assert is_answered(text)


@settings(deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 6), pieces | st.text(max_size=3))
def test_a_damaged_document_is_a_configuration_or_is_refused_with_its_line(at, length, new):
    assert is_answered(WHOLE[:at] + new + WHOLE[at + length :])
