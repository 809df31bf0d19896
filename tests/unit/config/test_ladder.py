"""Stages and environments in the document."""

import pytest
from documents import an_environment, refusal

from dspyreg.config.document import read
from dspyreg.config.value import (
    Rung,
    complete,
)


def test_stages_keep_their_written_order():
    assert [rung.name for rung in read("stages: {z: {}, m: , a: {}}").rungs] == ["z", "m", "a"]


def test_new_stages_get_environments_of_the_same_name():
    assert read("stages: {a: , b: }") == complete((Rung("a"), Rung("b")), ())


def test_a_title_may_be_its_key_in_another_case():
    assert read("stages: {a: {title: A}, b: }").title("a") == "A"


def test_fewer_than_two_stages_are_refused():
    assert "at least 2 stages" in str(refusal("stages: {a: {}}"))


def test_an_error_about_a_stage_gives_the_line_of_its_key():
    assert str(refusal("stages:\n  a:\n  b..:\n")).startswith("line 3: ")


@pytest.mark.parametrize("name", ["deprecated", "archived", "latest", "stage", "Archived"])
def test_a_stage_named_with_a_reserved_word_is_refused(name):
    assert "the word is reserved" in str(refusal(f"stages: {{a: , {name}: }}"))


@pytest.mark.parametrize(
    "name", ["''", "_a", "-a", "a.", "a b", "a/b", "é", "a" * 101, '"a\\n"', "'1.0.0'", "'7'"]
)
def test_a_stage_name_unfit_for_a_path_or_selector_is_refused(name):
    assert refusal(f"stages:\n  a:\n  ? {name}\n  :\n")


def test_a_stage_name_may_have_a_hundred_characters():
    assert read(f"stages: {{a: , {'b' * 100}: }}").top == "b" * 100


def test_stages_that_differ_only_in_case_are_refused():
    assert "differ only in case" in str(refusal("stages: {qa: , QA: }"))


def test_a_title_equal_to_the_key_of_another_stage_is_refused():
    text = "stages:\n  a:\n    title: b\n  b:\n"
    assert str(refusal(text)) == "line 3: title `b` is already a name of stage `b`"


def test_a_title_equal_to_another_key_in_another_case_is_refused():
    assert refusal("stages: {a: {title: B}, b: }")


def test_two_stages_with_the_same_title_are_refused():
    assert refusal("stages: {a: {title: QA}, b: {title: QA}}")


@pytest.mark.parametrize("title", ["''", "' '", "' QA'", '"a\\nb"', "archived", '"\\ud800"'])
def test_a_title_that_is_not_one_printable_line_is_refused(title):
    assert refusal(f"stages: {{a: {{title: {title}}}, b: }}")


def test_a_title_beyond_ascii_is_accepted():
    assert read("stages: {a: {title: Prüfung}, b: }").title("a") == "Prüfung"


# Environments


def test_a_configured_environment_replaces_the_default_one_of_its_rung():
    config = read("environments: {eu: {rung: production}}")
    assert [each.name for each in config.environments] == ["eu", "development", "staging"]


def test_an_environment_configured_without_a_rung_has_none():
    assert an_environment("environments: {eu: {}}").rung is None


def test_an_environment_named_like_a_rung_belongs_to_it():
    assert an_environment("environments: {staging: {}}", "staging").rung == "staging"


def test_an_environment_can_name_its_rung_by_title():
    text = "stages: {a: , b: {title: QA}}\nenvironments: {eu: {rung: QA}}"
    assert an_environment(text).rung == "b"


def test_environments_may_precede_the_stages():
    assert an_environment("environments: {eu: {rung: b}}\nstages: {a: , b: }").rung == "b"


def test_an_environment_does_not_deploy_automatically_by_default():
    assert not an_environment("environments: {eu: {rung: production}}").auto_deploy


def test_an_environment_deploys_automatically_when_configured():
    assert an_environment("environments: {eu: {rung: production, auto_deploy: true}}").auto_deploy


def test_an_environment_named_like_a_higher_rung_deploys_automatically():
    assert an_environment("environments: {staging: {protected: true}}", "staging").auto_deploy


def test_automatic_deployment_to_a_higher_rung_can_be_switched_off():
    text = "environments: {staging: {auto_deploy: false}}"
    assert not an_environment(text, "staging").auto_deploy


def test_the_environment_of_the_first_rung_does_not_deploy_automatically():
    assert not an_environment("environments: {development: {}}", "development").auto_deploy


def test_automatic_deployment_to_the_first_rung_can_be_switched_on():
    text = "environments: {development: {auto_deploy: true}}"
    assert an_environment(text, "development").auto_deploy


def test_an_environment_can_be_protected_and_exempt_from_rollback():
    environment = an_environment("environments: {eu: {protected: yes, rollback_enabled: no}}")
    assert (environment.protected, environment.rollback_enabled) == (True, False)


def test_an_environment_of_an_unknown_stage_is_refused_with_a_suggestion():
    text = "environments:\n  eu:\n    rung: producton\n"
    assert str(refusal(text)) == "line 3: unknown stage `producton`; did you mean `production`?"


def test_an_environment_named_like_a_rung_it_does_not_belong_to_is_refused():
    text = "environments:\n  staging: {rung: production}\n"
    assert "belongs to `production`" in str(refusal(text))


def test_an_environment_named_like_a_rung_in_another_case_is_refused():
    assert "only in case" in str(refusal("environments: {Staging: {rung: staging}}"))


def test_environments_that_differ_only_in_case_are_refused():
    assert "only in case" in str(refusal("environments: {eu: , EU: }"))


@pytest.mark.parametrize("name", ["latest", "deprecated", "archived", "LATEST"])
def test_an_environment_named_with_a_reserved_word_is_refused(name):
    assert "the word is reserved" in str(refusal(f"environments: {{{name}: }}"))


@pytest.mark.parametrize("name", ["1.0.0", "1.0.0-rc.1", "'7'", "'2024'"])
def test_an_environment_named_like_a_label_is_refused(name):
    assert "looks like the label" in str(refusal(f"environments: {{{name}: }}"))


def test_the_default_environment_may_be_one_that_is_not_configured():
    assert read("default_environment: development").default_environment == "development"


def test_a_default_environment_that_does_not_exist_is_refused():
    text = "default_environment: stagin"
    assert str(refusal(text)) == "line 1: unknown environment `stagin`; did you mean `staging`?"


def test_a_default_environment_that_was_replaced_is_refused():
    text = "environments: {eu: {rung: production}}\ndefault_environment: production"
    assert str(refusal(text)).startswith("line 2: unknown environment")
