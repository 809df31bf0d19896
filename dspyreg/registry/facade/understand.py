"""Methods of the registry: comparisons of two programs, and conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.registry.facade import use
from dspyreg.registry.facade.family import MethodFamily
from dspyreg.registry.transaction.operation import reading

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from dspyreg.registry.analyse.diff import Compatibility, Difference
    from dspyreg.registry.analyse.prompt import Prompt
    from dspyreg.registry.analyse.upgrade import Suggestion, UpgradePath
    from dspyreg.registry.artifacts.convert import Converted
    from dspyreg.registry.artifacts.files import PathLike


class UnderstandMethods(MethodFamily):
    """Comparisons of two programs, and conversion."""

    @reading
    def diff(
        self, a: PathLike, b: PathLike, *, at: str | None = None, allow_pickle: bool = False
    ) -> Difference:
        """Return the differences between two programs, part by part.

        Each is a selector, or the path of a file or directory that need not be registered: what
        is a path object, has a separator in it, ends in ``.json`` or is a file here. With
        ``allow_pickle`` pickled states are read, here and below, as ``register`` reads them.
        """
        return use.diff.diff(self.context, a, b, at=at, allow_pickle=allow_pickle)

    @reading
    def compat(
        self, a: PathLike, b: PathLike, *, at: str | None = None, allow_pickle: bool = False
    ) -> Compatibility:
        """Return whether the callers of ``a`` can use ``b``: selectors or paths, as in ``diff``."""
        return use.diff.compat(self.context, a, b, at=at, allow_pickle=allow_pickle)

    @reading
    def suggest_bump(
        self,
        program: str,
        path: PathLike,
        *,
        contract: Mapping[str, Any] | None = None,
        allow_pickle: bool = False,
    ) -> Suggestion:
        """Return the label that a file deserves as the next version of a program, and why.

        It is compared with the latest. ``contract`` is one that was captured from a live program.
        """
        return use.upgrade.bump(
            self.context, program, path, contract=contract, allow_pickle=allow_pickle
        )

    @reading
    def upgrade_path(
        self,
        program: str,
        from_: str,
        to: str,
        *,
        at: str | None = None,
        allow_pickle: bool = False,
    ) -> UpgradePath:
        """Return the steps from one version of a program to another, through the releases between
        them that are not archived: what breaks at each, what to test. ``from_`` and ``to`` are
        what stands behind the ``@`` of a selector.

        Raises ``UsageError`` if ``to`` comes before ``from_``.
        """
        return use.upgrade.upgrade_path(
            self.context, program, from_, to, at=at, allow_pickle=allow_pickle
        )

    @staticmethod
    def convert(
        file: str | os.PathLike[str],
        output: str | os.PathLike[str] | None = None,
        *,
        force: bool = False,
        allow_pickle: bool = False,
        dry_run: bool = False,
    ) -> Converted:
        """Return the state in a file as today's DSPy loads it; write it to ``output``, if given.

        Needs no registry. Raises ``UsageError`` for a file that is no state, or a pickle without
        ``allow_pickle``, and ``Conflict`` if other content is in the way, unless ``force`` says to
        replace the file.
        """
        return use.convert.convert(
            file, output, force=force, allow_pickle=allow_pickle, dry_run=dry_run
        )

    @reading
    def prompt(self, selector: str, *, at: str | None = None, allow_pickle: bool = False) -> Prompt:
        """Return the instructions, fields and demos of a version's predictors.

        Raises ``NotFound`` if no saved state in it can be read.
        """
        return use.prompt.prompt(self.context, selector, at=at, allow_pickle=allow_pickle)
