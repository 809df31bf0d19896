"""Completion in real shells: the candidates, and the effect of TAB."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from shells import SHELLS, Shell, a_command, surroundings

from dspyreg.cli.commands import COMMANDS

if TYPE_CHECKING:
    from pathlib import Path

_LABELS = {"1.0.0", "1.1.0-rc.1+b.7", "2.0.0"}


def test_tab_completes_a_live_environment(shell: Shell) -> None:
    assert shell.after_tab("resolve qa@pro\t") == ["resolve", "qa@production"]


def test_tab_adds_no_space_after_stage_and_a_colon(shell: Shell) -> None:
    assert shell.after_tab("show qa@stage\tdev\t") == ["show", "qa@stage:development"]


def test_tab_adds_no_space_after_a_program_that_may_continue(shell: Shell) -> None:
    assert shell.after_tab("show q\t@pro\t") == ["show", "qa@production"]


def test_tab_completes_a_label_with_a_plus_and_dots(shell: Shell) -> None:
    assert shell.after_tab("show qa@1.1\t") == ["show", "qa@1.1.0-rc.1+b.7"]


def test_tab_completes_within_quotes(shell: Shell) -> None:
    assert shell.after_tab("show 'qa@pro\t") == ["show", "qa@production"]


def test_tab_completes_after_words_beyond_ascii(shell: Shell) -> None:
    typed = shell.after_tab("show --as Zoë qa@pro\t")
    assert typed == ["show", "--as", "Zoë", "qa@production"]


def test_commands_are_offered(shell: Shell) -> None:
    assert shell.offers("") == set(COMMANDS)


def test_commands_of_config_are_offered(shell: Shell) -> None:
    assert shell.offers("config ") == {"show", "apply", "edit"}


def test_presets_are_offered(shell: Shell) -> None:
    assert shell.offers("init --preset ") == {"simple", "governed"}


def test_options_of_a_command_are_offered(shell: Shell) -> None:
    assert shell.offers("promote --") >= {"--to", "--reason", "--dry-run", "--store", "--json"}


def test_options_of_other_commands_are_not_offered(shell: Shell) -> None:
    assert not shell.offers("promote --") & {"--metric", "--env", "--grace"}


def test_options_after_a_config_command_are_its_own(shell: Shell) -> None:
    assert shell.after_tab("config apply --rea\t") == ["config", "apply", "--reason"]


def test_programs_are_offered(shell: Shell) -> None:
    assert shell.offers("status ") == {"qa", "promote"}


def test_a_program_named_like_a_command_is_offered(shell: Shell) -> None:
    assert shell.offers("show promote@") == {"promote@latest", "promote@stage:", "promote@1.0.0"}


def test_all_selectors_of_a_program_are_offered_after_the_at_sign(shell: Shell) -> None:
    words = {"staging", "production", "latest", "stage:", *_LABELS}
    assert shell.offers("show qa@") == {f"qa@{word}" for word in words}


def test_the_previous_version_is_offered_after_its_environment(shell: Shell) -> None:
    assert shell.offers("show qa@production") == {"qa@production", "qa@production~1"}


def test_stages_with_a_version_are_offered(shell: Shell) -> None:
    stages = {"development", "production", "deprecated"}
    assert shell.offers("show qa@stage:") == {f"qa@stage:{stage}" for stage in stages}


def test_nothing_is_offered_for_an_unknown_program(shell: Shell) -> None:
    assert shell.offers("show nosuch@") == set()


def test_environments_are_offered_as_the_value_of_an_option(shell: Shell) -> None:
    assert shell.offers("deploy qa --env ") == {"development", "staging", "production"}


def test_tab_completes_an_environment_after_an_equals_sign(shell: Shell) -> None:
    assert shell.after_tab("deploy qa --env=sta\t") == ["deploy", "qa", "--env=staging"]


def test_rungs_to_promote_to_are_offered(shell: Shell) -> None:
    assert shell.offers("promote qa --to ") == {"staging", "production"}


def test_labels_to_roll_back_to_are_offered(shell: Shell) -> None:
    assert shell.offers("rollback qa --to ") == _LABELS


def test_stages_of_a_list_are_offered(shell: Shell) -> None:
    rungs = {"development", "staging", "production"}
    assert shell.offers("list --stage ") == rungs | {"deprecated", "archived"}


def test_shells_are_offered(shell: Shell) -> None:
    assert shell.offers("completion ") == {"bash", "zsh", "fish"}


def test_bumps_are_offered(shell: Shell) -> None:
    assert shell.offers("register qa --bump ") == {"auto", "major", "minor", "patch"}


def test_levels_are_offered(shell: Shell) -> None:
    assert shell.offers("bump qa program.json --at-most ") == {"major", "minor", "patch"}


def test_labels_of_an_upgrade_are_offered(shell: Shell) -> None:
    assert shell.offers("upgrade-path qa ") == _LABELS
    assert shell.offers("upgrade-path qa 1.0.0 ") == _LABELS


def test_versions_are_offered_to_diff(shell: Shell) -> None:
    typed = shell.after_tab("diff qa@production~\t")
    assert typed == ["diff", "qa@production~1"]


def test_files_are_offered_to_diff(shell: Shell) -> None:
    assert shell.after_tab("diff qa@1.0.0 prog\t") == ["diff", "qa@1.0.0", "program.json"]


def test_files_are_offered_to_register(shell: Shell) -> None:
    assert shell.after_tab("register qa prog\t") == ["register", "qa", "program.json"]


def test_files_are_offered_as_the_second_path_of_a_registration(shell: Shell) -> None:
    typed = shell.after_tab("register qa program.json metr\t")
    assert typed == ["register", "qa", "program.json", "metrics.yaml"]


def test_files_are_offered_to_an_option(shell: Shell) -> None:
    typed = shell.after_tab("register qa --metrics-file metr\t")
    assert typed == ["register", "qa", "--metrics-file", "metrics.yaml"]


def test_only_directories_are_offered_where_a_directory_is_expected(shell: Shell) -> None:
    assert {word.rstrip("/") for word in shell.offers("checkout qa --output ")} == {"out"}


@pytest.mark.parametrize("line", ["promote qa --reason ", "log -n ", "list --limit ", "show --at "])
def test_nothing_is_offered_for_free_text(shell: Shell, line: str) -> None:
    assert shell.offers(line) == set()


def test_the_value_of_an_option_is_not_counted_as_an_argument(shell: Shell) -> None:
    assert shell.offers("rollback --env production ") == {"qa", "promote"}


def test_options_before_the_command_are_skipped(shell: Shell) -> None:
    assert shell.after_tab("--as bob -q prom\t") == ["--as", "bob", "-q", "promote"]


def test_the_store_named_on_the_line_is_used(shell: Shell, place: Path) -> None:
    assert shell.offers(f"--store {place}/nowhere status ") == set()


def test_the_store_named_after_an_equals_sign_is_used(shell: Shell, place: Path) -> None:
    assert shell.offers(f"--store={place}/nowhere status ") == set()


def test_a_store_below_the_home_directory_is_found(shell: Shell, place: Path, store: Path) -> None:
    link = place / "my store"
    if not link.exists():
        link.symlink_to(store)
    try:
        assert shell.after_tab("status --store ~/'my store' q\t")[-1] == "qa"
    finally:
        link.unlink()


_HOSTILE = r"""
for word in ("$(touch ran)", "`touch ran`", "x;touch ran", "x\x1b]0;owned\x07", "x$'\n'touch ran"):
    print(word, "--env=" + word, "qa@" + word, sep="\n")
print("qa@fine")
"""


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.__name__)
def test_hostile_candidates_run_nothing(kind: type[Shell], tmp_path: Path, store: Path) -> None:
    commands = a_command(tmp_path / "commands", _HOSTILE)
    with closing(kind(surroundings(commands, store, tmp_path), tmp_path)) as shell:
        assert shell.offers("show qa@") == {"qa@fine"}
        assert shell.after_tab("show qa@\t") == ["show", "qa@fine"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", SHELLS, ids=lambda kind: kind.__name__)
def test_completing_commands_and_options_starts_no_process(
    kind: type[Shell], tmp_path: Path, store: Path
) -> None:
    commands = a_command(tmp_path / "commands", "open('ran', 'w')")
    with closing(kind(surroundings(commands, store, tmp_path), tmp_path)) as shell:
        for line in ("sho", "promote --dr", "config ap", "completion zs", "register q --bump ma"):
            shell.after_tab(f"{line}\t")
    assert not (tmp_path / "ran").exists()


def test_completion_does_not_run_what_is_typed(shell: Shell, place: Path) -> None:
    shell.after_tab("--store '$(touch ran)' show 'qa@$(touch ran)\t'")
    assert not (place / "ran").exists()
