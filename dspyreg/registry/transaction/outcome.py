"""The outcome of a change, as callers get it."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from dspyreg.model import names
from dspyreg.store.caches import IndexLost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dspyreg.model.entry import Entry
    from dspyreg.model.version import Version
    from dspyreg.registry.context import Context
    from dspyreg.registry.transaction.committed import Committed
    from dspyreg.registry.transaction.deployment_view import DeploymentView

_T = TypeVar("_T")


class Outcome:
    """The outcome of a change: its entry, the version it is about, the deployments it made.

    ``entry`` is None if there was nothing to do; then a notice says why. In a dry run its
    ``seq`` is 0. ``versions`` are all that an undo or redo touched. They and the deployments are
    read when they are asked for, as of the entry. It is ``repeated`` if the same request under the
    same operation id had been carried out before: then ``entry`` is the first one of that.
    """

    def __init__(
        self,
        context: "Context",
        *committed: "Committed",
        about: "Iterable[tuple[str, int]]" = (),
        notices: "Iterable[str]" = (),
    ) -> None:
        """``about`` are the (program, number) of its versions."""
        self._context, self._committed, self._about = context, committed, tuple(about)
        self.notices = tuple(notices)
        self.entries: tuple[Entry, ...] = tuple(each.entry for each in committed if each.entry)
        self.repeated = any(each.repeated for each in committed[:1])

    def __repr__(self) -> str:
        entry = self.entry
        if entry is None:
            return f"<Outcome: {self.notices[0] if self.notices else 'nothing was changed'}>"
        version = f" {entry.program}@{entry.label}" if entry.label else f" {entry.program or ''}"
        goal = _goal(entry)
        what = f"{entry.operation}{version.rstrip()}{f' {goal}' if goal else ''}"
        if not entry.seq:
            return f"<Outcome: {what}, dry run>"
        seqs = ", ".join(str(each.seq) for each in self.entries)
        return f"<Outcome: {what}, {'entry' if len(self.entries) == 1 else 'entries'} {seqs}>"

    @property
    def entry(self) -> "Entry | None":
        """The entry, the first one where there are several; None if there was nothing to do."""
        return self.entries[0] if self.entries else None

    @cached_property
    def deployments(self) -> "tuple[DeploymentView, ...]":
        """The deployments that the change made."""
        from dspyreg.registry.transaction.deployment_view import made_by

        return self._read(lambda: tuple(view for each in self._committed for view in made_by(each)))

    @cached_property
    def versions(self) -> "list[Version]":
        """The versions that the change is about."""
        if not self._about:
            return []
        from dspyreg.registry.transaction.version_at import version_at

        last = self._committed[-1]

        def read() -> "list[Version]":
            versions = (version_at(self._context, last, *each) for each in self._about)
            return [version for version in versions if version is not None]

        return self._read(read)

    @property
    def version(self) -> "Version | None":
        """The version that the change is about; None if it is about none that exists."""
        return self.versions[0] if self.versions else None

    def label(self, program: str, number: int) -> str:
        """Return the label of any version that the entries name, also of one that they removed."""
        name = names.version(program, number)
        for entry in self.entries:
            for change in entry.changes:
                if change.name == name:
                    return str((change.new or change.old)["label"])
        draft, entries = self._committed[-1].draft, self._context.entries

        def label_now() -> str:
            return entries.state().label(program, number)

        return self._read(lambda: draft.label(program, number), label_now)

    def _read(self, read: "Callable[[], _T]", otherwise: "Callable[[], _T] | None" = None) -> _T:
        """Read the index, once more if it is lost meanwhile: a broken cache undoes no change."""
        entries = self._context.entries
        try:
            with entries.reading(fresh=False):
                return read()
        except IndexLost:
            with entries.reading():
                return (otherwise or read)()

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``--json``."""
        return {
            "entry": self.entry.to_json() if self.entry else None,
            "version": self.version.to_json() if self.version else None,
            "versions": [version.to_json() for version in self.versions],
            "deployments": [deployment._asdict() for deployment in self.deployments],
            "notices": list(self.notices),
        }


def _goal(entry: "Entry") -> str | None:
    """Return where an entry moves its version, in words: ``to production``."""
    if entry.undoes is not None:
        return None
    for change in entry.changes:
        kind, *rest = names.split(change.name)
        if kind == "environments" and entry.operation in {"deploy", "rollback"}:
            return f"in {rest[1]}"
        if kind == "stages" and change.old is not None and change.new is not None:
            return f"to {change.new['stage']}"
    return None


def concluded(
    context: "Context", *committed: "Committed", about: "Iterable[tuple[str, int]] | None" = None
) -> Outcome:
    """Run the hooks after an operation; return its outcome. ``about`` are the (program, number) of
    its versions, where they are not those of its first plan.
    """
    plan = committed[0].plan
    if about is None:
        program, number = plan.program, plan.number
        about = [] if program is None or number is None else [(program, number)]
    notices = [*([plan.already] if plan.already else ())]
    for each in committed:
        notices += each.plan.notices
    for each in committed:
        if each.config and each.config.hooks.after and each.entry and each.entry.seq:
            from dspyreg.registry.transaction.hooks import run_after

            notices += run_after(context, each.config, each.entry)
    return Outcome(context, *committed, about=about, notices=notices)
