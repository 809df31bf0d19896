"""The commit loop: plan, meet prerequisites outside the lock, append."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from builders import Programs, a_registry

from dspyreg.errors import Conflict, Refused
from dspyreg.lifecycle.draft import Draft, Plan
from dspyreg.model.selector import Selector
from dspyreg.registry.transaction.commit import MAX_HOOK_ROUNDS, Transaction
from dspyreg.registry.transaction.options import ChangeOptions
from dspyreg.registry.transaction.prerequisite import Unmet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dspyreg.config.value import Config
    from dspyreg.registry.facade.registry import Registry


class Signature:
    """A prerequisite that runs a function."""

    subject = "signature"

    def __init__(self, meet: Callable[[], None]) -> None:
        self.meet = meet


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    registry = a_registry()
    Programs(registry, tmp_path).register(label="1.0.0")
    return registry


def test_a_prerequisite_is_met_outside_the_lock(registry: Registry):
    met: list[int] = []

    def meet() -> None:
        other = threading.Thread(target=lambda: registry.score("qa@1.0.0", {"em": 1}))
        other.start()
        other.join(10)
        met.append(len(registry.log()))

    def plan(draft: Draft, _: Config) -> Plan:
        if not met:
            raise Unmet(Signature(meet))
        draft.change("tags/qa/1/signed", 1)
        return Plan("tag", "qa", number=1)

    done = Transaction(registry.context, "tag", ChangeOptions()).run(plan)
    assert met == [2]
    assert done.entry is not None
    assert done.entry.seq == 3


def test_a_prerequisite_that_stays_unmet_is_a_conflict(registry: Registry):
    met: list[int] = []

    def plan(_draft: Draft, _config: Config) -> Plan:
        raise Unmet(Signature(lambda: met.append(1)))

    with pytest.raises(Conflict, match="others keep changing"):
        Transaction(registry.context, "tag", ChangeOptions()).run(plan)
    assert len(met) == MAX_HOOK_ROUNDS


def test_a_refusal_by_a_prerequisite_is_logged_like_any_other(registry: Registry):
    def meet() -> None:
        raise Refused("nobody signed")

    def plan(_draft: Draft, _config: Config) -> Plan:
        raise Unmet(Signature(meet))

    subject = Selector.parse("qa@1.0.0")
    with pytest.raises(Refused, match="nobody signed"):
        Transaction(registry.context, "tag", ChangeOptions("now"), subject=subject).run(plan)
    entry = registry.log(limit=1)[0]
    assert (entry.operation, entry.outcome, entry.label) == ("tag", "refused", "1.0.0")
    assert (entry.reason, entry.evidence["failures"]) == ("now", ["nobody signed"])


def test_all_runs_of_a_transaction_share_one_operation_id(registry: Registry):
    transaction = Transaction(registry.context, "tag", ChangeOptions())

    def tagged(tag: str) -> Callable[[Draft, Config], Plan]:
        def plan(draft: Draft, _: Config) -> Plan:
            draft.change(f"tags/qa/1/{tag}", 1)
            return Plan("tag", "qa", number=1)

        return plan

    entries = [transaction.run(tagged(tag)).entry for tag in ("a", "b")]
    assert [entry and entry.operation_id for entry in entries] == [transaction.operation_id] * 2


def test_a_dry_run_sees_the_changes_of_earlier_runs_of_its_transaction(registry: Registry):
    seen: list[object] = []

    def plan(draft: Draft, _: Config) -> Plan:
        seen.append(draft.get("tags/qa/1/n"))
        draft.change("tags/qa/1/n", len(seen))
        return Plan("tag", "qa", number=1)

    transaction = Transaction(registry.context, "tag", ChangeOptions(dry_run=True))
    done = [transaction.run(plan) for _ in range(3)]
    assert seen == [None, 1, 2]
    assert [len(each.intents) for each in done] == [1, 2, 3]
    assert len(registry.log()) == 1
