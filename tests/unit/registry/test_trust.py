"""Commands of a configuration run only if the user trusts them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from builders import Programs, a_config, a_local_registry, a_registry, an_environment

from dspyreg.backends.local.store import open_store
from dspyreg.backends.location import Location
from dspyreg.config.startable import Startable, digest, startables
from dspyreg.config.value import DEFAULT, Config, Hooks, ProgramSettings
from dspyreg.errors import Conflict, Corrupt, Refused, StorageError
from dspyreg.known_registries import KnownRegistries, KnownRegistry
from dspyreg.policy.forms import Command
from dspyreg.policy.policy import Policy
from dspyreg.registry.context import TransientTrust
from dspyreg.registry.transaction.trust import NOT_RUN
from dspyreg.system.store_location import known_registries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

EVERYTHING = {
    "policies": {"production": {"command": {"run": "touch it-ran"}, "changelog": False}},
    "hooks": {"before": {"promote": ["touch it-ran"]}, "after": {"promote": ["touch it-ran"]}},
}


def policy(run: str) -> Policy:
    return Policy(command=Command(run))


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[Registry]:
    """A registry filled by another user: a version in staging, commands in force."""
    with a_local_registry(tmp_path / "store") as theirs:
        programs = Programs(theirs, tmp_path)
        programs.register(label="1.0.0")
        theirs.promote("qa@1.0.0")
        theirs.apply(json.dumps(EVERYTHING))
    with a_local_registry(tmp_path / "store") as ours:
        yield ours


def ran(tmp_path: Path) -> bool:
    return (tmp_path / "it-ran").exists()


# Commands of a configuration


def test_every_command_a_configuration_can_start_is_listed():
    config = a_config(
        an_environment("eu", policy=policy("make eu")),
        policies=(("staging", policy("make staging")), ("production", Policy(changelog=True))),
        programs=(ProgramSettings("qa", (("production", policy("make qa")),)),),
        hooks=Hooks((("promote", ("./b", "./a")),), (("undo", ("./c",)),)),
    )
    assert startables(config) == (
        Startable("environments.eu.policy.command", "make eu"),
        Startable("hooks.after.undo", "./c"),
        Startable("hooks.before.promote", "./b"),
        Startable("hooks.before.promote", "./a"),
        Startable("policies.staging.command", "make staging"),
        Startable("programs.qa.policies.production.command", "make qa"),
    )


def test_the_built_in_configuration_starts_no_commands():
    assert startables(DEFAULT) == ()
    assert digest(()) is None


def test_a_stored_configuration_has_the_digest_that_was_trusted():
    config = DEFAULT._replace(
        policies=(("staging", policy("a")), ("production", policy("b"))),
        hooks=Hooks((("promote", ("./b",)), ("archive", ("./a",)))),
    )
    after = Config.from_json(json.loads(json.dumps(config.to_json(), sort_keys=True)))
    assert digest(startables(after)) == digest(startables(config))


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"min_test_coverage": 0.9}, True),
        ({"command": Command("make smoke", 5.0)}, True),
        ({"command": Command("make  smoke")}, False),
    ],
)
def test_only_changed_commands_change_the_trusted_digest(changed: dict[str, Any], same: bool):
    before = DEFAULT._replace(policies=(("production", policy("make smoke")),))
    after = before._replace(
        policies=(("production", policy("make smoke").overlaid(Policy(**changed))),)
    )
    assert (digest(startables(after)) == digest(startables(before))) is same


# Untrusted commands


def test_an_untrusted_policy_command_is_not_run_and_fails(stranger: Registry, tmp_path: Path):
    decision = stranger.check("qa@1.0.0", to="production")
    [finding] = [found for found in decision.findings if found.rule == "command"]
    assert (finding.passed, finding.message, finding.measured) == (False, NOT_RUN, None)
    assert not decision.passed
    assert not stranger.plan("qa@1.0.0", environment="production").deployment_safe
    assert not ran(tmp_path)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_promotion_with_an_untrusted_policy_command_is_refused(
    stranger: Registry, tmp_path: Path, dry_run: bool
):
    with pytest.raises(Refused) as caught:
        stranger.promote("qa@1.0.0", to="production", dry_run=dry_run)
    assert caught.value.failures == (NOT_RUN,)
    assert "dspyreg trust" in str(caught.value.hint)
    assert not ran(tmp_path)


def test_force_overrules_an_untrusted_command_and_still_refuses_untrusted_hooks(
    stranger: Registry, tmp_path: Path
):
    with pytest.raises(
        Refused, match="the hook before promote, touch it-ran, was not run"
    ) as caught:
        stranger.promote("qa@1.0.0", to="production", force=True, reason="now")
    assert "dspyreg trust" in str(caught.value.hint)
    assert not ran(tmp_path)


def test_an_untrusted_after_hook_is_not_run_and_gives_a_notice(
    registry: Registry, programs: Programs
):
    registry.apply(json.dumps({"hooks": {"after": {"promote": ["exit 1"]}}}))
    registry.context.trusted = TransientTrust()
    programs.register(label="1.0.0")
    done = registry.promote("qa@1.0.0", to="staging")
    assert done.entry is not None
    assert done.notices == (f"the hooks after promote were {NOT_RUN}",)


def test_an_untrusted_configuration_hook_prevents_applying_a_configuration(registry: Registry):
    """Applying another configuration is an operation like any other."""
    registry.apply(json.dumps({"hooks": {"before": {"config": ["exit 1"]}}}))
    registry.context.trusted = TransientTrust()
    with pytest.raises(Refused, match="the hook before config, exit 1, was not run"):
        registry.apply("format: 1")


# Trusting commands


def test_applying_a_configuration_trusts_its_commands(stranger: Registry, tmp_path: Path):
    done = stranger.apply(json.dumps(EVERYTHING))
    assert done.entry is None  # it was in force already
    told = "its commands are trusted here: touch it-ran; touch it-ran; touch it-ran"
    assert told in done.notices
    assert stranger.promote("qa@1.0.0", to="production").entry is not None
    assert ran(tmp_path)
    assert told not in stranger.apply(json.dumps(EVERYTHING)).notices


def test_a_dry_run_trusts_nothing(stranger: Registry):
    stranger.apply(json.dumps(EVERYTHING), dry_run=True)
    assert not stranger.trust_report().trusted
    stranger.trust(stranger.trust_report().digest, dry_run=True)
    assert not stranger.trust_report().trusted


def test_undo_and_redo_do_not_trust_commands(stranger: Registry, tmp_path: Path):
    stranger.apply("format: 1")
    stranger.undo()
    assert not stranger.check("qa@1.0.0", to="production").passed
    stranger.redo()
    stranger.undo()
    assert not stranger.trust_report().trusted
    assert not ran(tmp_path)


def test_trusting_the_shown_digest_trusts_its_commands(stranger: Registry, tmp_path: Path):
    found = stranger.trust_report()
    assert (found.trusted, found.owner, found.safe) == (False, None, True)
    assert {command.key for command in found.commands} == {
        *("hooks.after.promote", "hooks.before.promote", "policies.production.command"),
    }
    after = stranger.trust(found.digest)
    assert after.trusted
    assert stranger.trust(found.digest).notices == (
        "already: you trust what this configuration starts",
    )
    stranger.promote("qa@1.0.0", to="production")
    assert ran(tmp_path)


def test_trusting_a_digest_that_has_changed_is_a_conflict(stranger: Registry):
    seen = stranger.trust_report().digest
    with a_registry(stranger.context.store) as theirs:
        theirs.context.trusted = TransientTrust()
        theirs.apply(json.dumps({"hooks": {"after": {"undo": ["rm -rf ."]}}}))
    with pytest.raises(Conflict):
        stranger.trust(seen)
    assert not stranger.trust_report().trusted


def test_a_configuration_without_commands_needs_no_trust(registry: Registry):
    found = registry.trust_report()
    assert (found.digest, found.trusted, found.commands) == (None, True, ())
    assert registry.trust(None).notices == ("already: nothing in this configuration is started",)


def test_trust_is_kept_for_the_next_process(stranger: Registry, tmp_path: Path):
    store = tmp_path / "store"

    def opened() -> Registry:
        known = KnownRegistries(known_registries(), print)
        identity = open_store(Location.of(store)).registry_id
        return a_local_registry(
            store, trust=lambda: KnownRegistry(known, identity, Location.of(store))
        )

    with opened() as registry:
        assert not registry.trust_report().trusted
        registry.trust(registry.trust_report().digest)
    with opened() as registry:
        assert registry.check("qa@1.0.0", to="production").passed


def test_an_unwritable_trust_list_does_not_fail_applying_a_configuration(registry: Registry):
    class Forgetful(TransientTrust):
        def add(self, digest: Any) -> None:
            super().add(digest)
            raise StorageError("no room")

    registry.context.trusted = Forgetful()
    done = registry.apply(json.dumps(EVERYTHING))
    assert done.entry is not None
    assert "its commands are trusted for this run alone: no room" in done.notices
    assert registry.trust_report().trusted


def test_a_stored_command_that_is_not_text_is_corrupt(registry: Registry):
    config = DEFAULT._replace(hooks=Hooks((("promote", (5,)),)))  # type: ignore[arg-type]
    from dspyreg.registry.transaction import trust

    with pytest.raises(Corrupt):
        trust.may_start(registry, config)
