"""``register``: what it accepts, refuses, and records on an existing version."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_program
from comparing import a_predictor_state, a_state

from dspyreg.errors import Refused, UsageError
from dspyreg.store.objects import read_document

if TYPE_CHECKING:
    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.transaction.outcome import Outcome

PREDICTOR = a_predictor_state()
ALMOST_STATES = {
    "nothing": "",
    "text": "text\n",
    "null": "null",
    "an empty object": "{}",
    "a demo that is no object": a_state(p={**PREDICTOR, "demos": ["x"]}),
    "fields in an object": a_state(
        p={**PREDICTOR, "signature": {"instructions": "", "fields": {}}}
    ),
    "instructions that are a number": a_state(
        p={**PREDICTOR, "signature": {"instructions": 17, "fields": []}}
    ),
    "a number without an end": '{"p": ' + "1" * 5000 + "}",
}


def evidence(made: Outcome) -> dict[str, object]:
    assert made.entry is not None
    found: dict[str, object] = made.entry.evidence
    return found


def a_demand(registry: Registry, text: str) -> None:
    registry.apply(f"registration: {{{text}}}")


# Programs, and other files


@pytest.mark.parametrize("content", ALMOST_STATES.values(), ids=list(ALMOST_STATES))
def test_a_json_file_that_is_not_a_state_is_refused_and_not_stored(
    registry: Registry, programs: Programs, content: str
):
    with pytest.raises(Refused, match=r"no program can be read: program.json: "):
        registry.register("qa", programs.file(content))
    assert registry.versions("qa").total == 0
    assert list(registry.context.blobs.list()) == []


def test_a_number_of_thousands_of_digits_is_refused_with_its_line(
    registry: Registry, programs: Programs
):
    content = a_program().replace('"demos"', '\n"n": ' + "1" * 5000 + ', "demos"')
    with pytest.raises(Refused, match=r"a number of 5000 digits on line 2\n"):
        registry.register("qa", programs.file(content))


@pytest.mark.parametrize("name", ["notes.txt", "model.bin", "program.pkl"])
def test_a_file_that_is_not_a_program_is_refused_for_an_existing_program(
    registry: Registry, programs: Programs, name: str
):
    programs.register()
    with pytest.raises(Refused, match="no program can be read"):
        registry.register("qa", programs.file("text", name))
    assert registry.register("qa", programs.file("text", name), any_file=True).entry is not None


def test_a_file_that_is_not_a_program_is_registered_with_a_notice_and_kept_from_the_top(
    registry: Registry, programs: Programs
):
    notices = registry.register("notes", programs.file("text", "notes.txt")).notices
    assert any(notice.endswith("production demands one") for notice in notices)
    registry.promote("notes@1.0.0")
    with pytest.raises(Refused) as error:
        registry.promote("notes@1.0.0", to="production")
    assert error.value.failures == ("No program can be read: it has no saved state",)
    registry.promote("notes@1.0.0", to="production", force=True, reason="it is read by hand")


def test_a_file_registered_with_any_file_reaches_the_top(registry: Registry, programs: Programs):
    registry.register("notes", programs.file("text", "program.json"), any_file=True)
    assert read_document(registry.context.blobs, registry.show("notes").digest).any_file is True
    for rung in ("staging", "production"):
        registry.promote("notes@1.0.0", to=rung)
    assert registry.resolve("notes@production").label == "1.0.0"


def test_a_program_registered_with_any_file_is_not_marked(registry: Registry, programs: Programs):
    registry.register("qa", programs.file(a_program()), any_file=True)
    assert read_document(registry.context.blobs, registry.show("qa").digest).any_file is None


def test_a_whole_pickle_counts_as_a_program(registry: Registry, programs: Programs):
    programs.register()
    whole = pickle.dumps({"p": PREDICTOR})
    registry.register("qa", programs.file(whole, "program.pkl"), version="1.1.0")
    for rung in ("staging", "production"):
        registry.promote("qa@1.1.0", to=rung)
    with pytest.raises(Refused, match="incomplete pickle"):
        registry.register("qa", programs.file(whole[:-3], "program.pkl"))


def test_a_policy_of_the_top_rung_can_accept_files_that_are_not_programs(
    registry: Registry, programs: Programs
):
    registry.apply("policies: {production: {loads: false}}")
    registry.register("notes", programs.file("text", "notes.txt"))
    for rung in ("staging", "production"):
        registry.promote("notes@1.0.0", to=rung)


def test_a_policy_of_the_top_rung_also_requires_a_program(registry: Registry, programs: Programs):
    registry.apply("policies: {production: {changelog: true}}")
    registry.register("notes", programs.file("text", "notes.txt"), changelog="new")
    registry.promote("notes@1.0.0")
    assert registry.check("notes@1.0.0", to="production").failures == (
        "No program can be read: it has no saved state",
    )


# Existing content


def test_registering_existing_content_records_new_measurements_and_tags(
    registry: Registry, programs: Programs
):
    programs.register(content=a_program(), metrics={"em": 0.8}, tags=["one"])
    again = programs.register(
        content=a_program(), exist_ok=True, metrics={"em": 0.82}, tags=["one", "nightly"]
    )
    assert "already: qa@1.0.0 is registered" in again.notices
    version = registry.show("qa")
    assert (version.metrics, version.tags) == ({"em": 0.82}, ("nightly", "one"))
    assert registry.versions("qa").total == 1


def test_registering_existing_content_records_nothing_twice(registry: Registry, programs: Programs):
    given = {"metrics": {"em": 0.8}, "tags": ["one"], "metadata": {"k": 1}, "changelog": "new"}
    programs.register(content=a_program(), **given)
    again = programs.register(content=a_program(), exist_ok=True, **given)
    assert (again.entry, again.notices) == (None, ("already: qa@1.0.0 is registered",))


def test_registering_existing_content_names_what_it_did_not_record(programs: Programs):
    programs.register(content=a_program(), metadata={"k": 1})
    again = programs.register(
        content=a_program(), exist_ok=True, metadata={"k": 2}, changelog="new", tags=["nightly"]
    )
    assert "not recorded: metadata, changelog; 1.0.0 keeps its own" in again.notices
    assert again.entry is not None
    assert again.entry.operation == "tag"


# bump and register


def test_bump_and_register_agree_on_another_minor_version_of_dspy(
    registry: Registry, programs: Programs
):
    programs.register(content=a_state("2.6.1", p=PREDICTOR))
    path = programs.file(a_state("2.7.0", p=PREDICTOR))
    assert registry.suggest_bump("qa", path).to == "1.1.0"
    made = registry.register("qa", path)
    assert made.version is not None
    assert made.version.label == "1.1.0"
    programs.file(a_state("2.7.9", p=PREDICTOR))
    assert registry.suggest_bump("qa", path).to is None
    with pytest.raises(Refused, match="the same program"):
        registry.register("qa", path)


def test_bump_of_a_version_instead_of_a_program_is_a_usage_error(
    registry: Registry, programs: Programs
):
    programs.register()
    with pytest.raises(UsageError, match=r"not a program name: 'qa@1.0.0'"):
        registry.suggest_bump("qa@1.0.0", programs.file())


# Registration policies


def test_a_refused_registration_lists_every_finding_and_stores_nothing(
    registry: Registry, programs: Programs
):
    a_demand(
        registry,
        "metrics: ['em >= 0.7'], changelog: true, metadata: [team, 'deployment.max <= 100'], "
        "max_size: 10 B",
    )
    before = {blob.digest for blob in registry.context.blobs.list()}
    with pytest.raises(Refused, match=r"^Validation failed: ") as error:
        programs.register(metadata={"deployment": {"max": 101}}, metrics={"em": 0.6})
    assert [failure.partition(" bytes")[0] for failure in error.value.failures] == [
        "em 0.6 does not meet >= 0.7",
        "Missing changelog",
        "Missing metadata team",
        "Metadata deployment.max 101 does not meet <= 100",
        error.value.failures[-1].partition(" bytes")[0],
    ]
    assert error.value.failures[-1].endswith("> allowed 10")
    assert {blob.digest for blob in registry.context.blobs.list()} == before
    assert registry.versions("qa").total == 0


def test_a_registration_that_passes_stores_its_findings(registry: Registry, programs: Programs):
    a_demand(registry, "metrics: ['em >= 0.7'], changelog: true, metadata: [team], max_size: 1 MiB")
    given = {"metrics": {"em": 0.7}, "changelog": "new", "metadata": {"team": "search"}}
    dry = programs.register(dry_run=True, **given)
    assert {"em 0.7 meets >= 0.7", "Has a changelog", "Has metadata team"} <= set(dry.notices)
    made = programs.register(**given)
    assert [each["rule"] for each in evidence(made)["findings"]] == [  # type: ignore[attr-defined]
        *("metrics", "changelog", "metadata", "max_size")
    ]
    assert "failures" not in evidence(made)


def test_forced_registration_logs_the_reason_and_the_findings(
    registry: Registry, programs: Programs
):
    a_demand(registry, "changelog: true")
    with pytest.raises(UsageError, match="force needs a reason"):
        programs.register(force=True)
    made = programs.register(force=True, reason="an emergency")
    assert made.entry is not None
    assert (made.entry.forced, made.entry.reason) == (True, "an emergency")
    assert evidence(made)["failures"] == ["Missing changelog"]


def test_a_break_with_the_latest_version_is_refused_unless_registered_as_major(
    registry: Registry, programs: Programs
):
    a_demand(registry, "contract: compatible")
    programs.register(content=a_state(p=PREDICTOR))
    broken = a_state(q=a_predictor_state("Another."))
    with pytest.raises(Refused, match=r"Contract breaks with 1.0.0: ") as error:
        programs.register(content=broken)
    assert "predictor" in error.value.failures[0]
    with pytest.raises(Refused, match="Contract breaks"):
        programs.register(content=broken, label="1.1.0")
    programs.register(content=broken, bump="major", dry_run=True)
    assert programs.register(content=broken, label="2.0.0").entry is not None


def test_allowed_secrets_are_refused_by_a_policy_against_secrets(
    registry: Registry, programs: Programs
):
    a_demand(registry, "secrets: none")
    state = a_state(p=a_predictor_state(lm={"model": "m", "api_key": "sk-" + "a1B2" * 10}))
    with pytest.raises(Refused, match="It holds secrets"):
        programs.register(content=state, allow_secrets=True)
    programs.register(content=state, redact=True)


def test_existing_content_is_not_checked_again(registry: Registry, programs: Programs):
    programs.register(content=a_program())
    a_demand(registry, "changelog: true")
    assert programs.register(content=a_program(), exist_ok=True).entry is None


def test_a_label_below_the_required_bump_gets_a_notice(programs: Programs):
    programs.register(content=a_state(p=PREDICTOR))
    made = programs.register(content=a_state(q=a_predictor_state("Another.")), label="1.0.1")
    assert any(each.startswith("1.0.1 says patch, but this is major") for each in made.notices)


def test_a_promotion_policy_can_require_metadata(registry: Registry, programs: Programs):
    registry.apply("policies: {staging: {metadata: [team]}}")
    programs.register()
    with pytest.raises(Refused) as error:
        registry.promote("qa@1.0.0")
    assert error.value.failures == ("Missing metadata team",)
    programs.register(label="1.1.0", metadata={"team": "search"})
    registry.promote("qa@1.1.0")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("registration: {}", "is empty"),
        ("registration: {changelog: false}", "demands nothing"),
        ("registration: {min_age: 1h}", "unknown key `min_age`"),
        ("registration: {max_size: large}", "takes a size such as 500MB"),
        ("policies: {staging: {max_size: 1 GiB}}", "unknown key `max_size`"),
        ("policies: {development: {changelog: true}}", "takes no policy"),
    ],
)
def test_an_invalid_registration_demand_is_refused_with_its_line(
    registry: Registry, text: str, problem: str
):
    with pytest.raises(UsageError, match=f"line 1: .*{problem}"):
        registry.apply(text)
