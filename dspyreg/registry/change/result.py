"""From what was committed to what a caller gets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from dspyreg.model import names
from dspyreg.registry.transaction.outcome import Outcome
from dspyreg.store.caches import IndexLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dspyreg.model.version import Version
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.commit import Committed
    from dspyreg.registry.transaction.deployment_view import DeploymentView

P = ParamSpec("P")
R = TypeVar("R")


def outcome(
    context: Context,
    done: Committed,
    *more: Committed,
    pairs: Iterable[tuple[str, int]] | None = None,
) -> Outcome:
    """Return the outcome of an operation, once the hooks after it have run. ``pairs`` are the
    (program, number) it is about, where they are not the plan's own.
    """
    every = (done, *more)
    plan = done.plan
    about = list(pairs) if pairs is not None else []
    if pairs is None and plan.program is not None and plan.number is not None:
        about = [(plan.program, plan.number)]
    notices = [*([plan.already] if plan.already else ()), *plan.notices]
    for another in more:
        notices += another.plan.notices
    for each in every:
        if each.config and each.config.hooks.after and each.entry and each.entry.seq:
            from dspyreg.registry.transaction.hooks import run_after

            notices += run_after(context, each.config, each.entry)
    entries = tuple(each.entry for each in every if each.entry is not None)
    last = every[-1]

    def deployments() -> tuple[DeploymentView, ...]:
        from dspyreg.registry.transaction.deployment_view import made_by

        return tuple(view for each in every for view in made_by(each))

    def read() -> list[Version]:
        from dspyreg.registry.transaction.version_at import version_at

        found = (version_at(context, last, program, number) for program, number in about)
        return [version for version in found if version is not None]

    def label(program: str, number: int) -> str:
        return _label(every, program, number)

    def label_now(program: str, number: int) -> str:
        return context.entries.state().label(program, number)

    again = partial(_again, context)
    return Outcome(
        entries,
        tuple(notices),
        again(deployments, deployments),
        again(read, read),
        again(label, label_now),
        repeated=done.repeated,
    )


def _again(context: Context, look: Callable[P, R], otherwise: Callable[P, R]) -> Callable[P, R]:
    """Return a look at the index that looks once more if that is lost under it: what was done
    stands, whatever becomes of a cache.
    """

    def looked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with context.entries.reading(fresh=False):
                return look(*args, **kwargs)
        except IndexLost:
            with context.entries.reading():
                return otherwise(*args, **kwargs)

    return looked


def _label(every: tuple[Committed, ...], program: str, number: int) -> str:
    """The label of a version, also of one that an entry has just taken away."""
    name = names.version(program, number)
    for done in every:
        for change in done.entry.changes if done.entry else ():
            if change.name == name:
                return str((change.new or change.old)["label"])
    return every[-1].draft.label(program, number)
