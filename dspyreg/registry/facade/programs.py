"""Methods of the registry: programs in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dspyreg.registry.facade import use
from dspyreg.registry.facade.family import MethodFamily
from dspyreg.registry.transaction.operation import operation, reading
from dspyreg.registry.transaction.options import ChangeOptions

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from dspyreg.registry.artifacts.checkout import CheckedOut, Checkout
    from dspyreg.registry.artifacts.files import Paths
    from dspyreg.registry.transaction.outcome import Outcome


class ProgramMethods(MethodFamily):
    """Programs in and out."""

    @operation("register")
    def register(
        self,
        program: str,
        paths: Paths,
        *,
        version: str | None = None,
        bump: str = "auto",
        metrics: Mapping[str, float] | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        changelog: str | None = None,
        contract: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        parent: str | None = None,
        redact: bool = False,
        allow_secrets: bool = False,
        allow_pickle: bool = False,
        any_file: bool = False,
        exist_ok: bool = False,
        force: bool = False,
        reason: str | None = None,
        dry_run: bool = False,
        operation_id: str | None = None,
    ) -> Outcome:
        """Store a file, several files or a directory as a new version of a program.

        The configuration may refuse a registration, with every finding that did not pass; ``force``
        with a ``reason`` overrules it. Raises ``Conflict`` for a label that exists, ``NotFound``
        for a path, ``UsageError`` for invalid names, metrics and files, and ``Refused``:

        - for the content of the latest version, without a label, unless ``force``;
        - for a secret, naming each place, unless ``redact`` removes it from states and words, or
          ``allow_secrets`` stores it;
        - for a file without a program, if it is named ``.json`` or ``.pkl`` or if the latest
          version is a program, unless ``any_file``.

        ``exist_ok`` accepts content that is registered: new measurements and tags are recorded on
        that version, and a notice names what differs. ``contract`` was captured from the live
        program; without it, a contract is inferred from the saved state. ``settings`` are those
        that DSPy does not save, as ``dspyreg.register`` captures them. ``parent`` is the label of
        the version that this one was made from: by default the version that the paths are a
        checkout of, or the latest; ``NotFound`` if it does not exist. ``allow_pickle`` reads
        pickled states: examples, dates and containers. Nothing that a pickle names is imported
        or called; anything else in it is refused.
        """
        request = use.request.Request(
            program,
            self.context.now(),
            label=version,
            bump=bump,
            metrics=metrics or {},
            metadata=metadata or {},
            tags=tuple(tags),
            changelog=changelog,
            contract=contract,
            settings=settings,
            parent=parent,
            any_file=any_file,
            exist_ok=exist_ok,
        )
        options = ChangeOptions(reason, force, dry_run, operation_id, redact, allow_secrets)
        return use.register.register(
            self.context, request, paths, options, allow_pickle=allow_pickle
        )

    def register_result(
        self,
        result: Mapping[str, Any],
        program: str | None = None,
        paths: Paths = (),
        *,
        beside: Path | None = None,
        metrics: Mapping[str, float] | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Outcome:
        """Register a program with an optimizer's result: its scores and metadata.

        The result also names the program and its file, a path relative to ``beside``, where these
        are not given. A lone entry of ``paths`` that is no path is the name of the program.
        ``options`` are those of ``register``. Raises what that raises, ``UsageError`` if the
        result lacks what is missing, ``Refused`` without a name if
        ``integration.auto_register_optimizations`` is off.
        """
        arguments = use.register_result.arguments(
            self.context, result, program, paths, beside=beside, metrics=metrics, metadata=metadata
        )
        return self.register(**arguments._asdict(), **options)

    @reading
    def read(self, selector: str, path: str | None = None, *, at: str | None = None) -> bytes:
        """Return the bytes of a version's file; ``path`` may be left out if there is one."""
        with self.opened(selector, path, at=at) as file:
            return file.read()

    @reading
    def opened(self, selector: str, path: str | None = None, *, at: str | None = None) -> BinaryIO:
        """Return a version's file to read from, checked against its digest just now."""
        return use.checkout.opened(self.context, selector, path, at=at)

    @reading
    def checkout(
        self,
        selector: str,
        output: str | os.PathLike[str] | None = None,
        *,
        force: bool = False,
        link: bool = False,
        at: str | None = None,
    ) -> CheckedOut:
        """Write a version's files below a directory, byte for byte as they were registered.

        A directory that is new, or that a checkout made, holds that version and nothing else
        afterwards. ``output`` may be a file (``live.json``) where the version is one file. With
        ``link`` it is a symbolic link, which is moved to a directory of the version at once.
        Raises ``Conflict`` if other content is in the way, unless ``force`` says to replace it.
        """
        checkout = self.prepare_checkout(selector, output, link=link, at=at)
        return checkout.carry_out(force=force)

    @reading
    def prepare_checkout(
        self,
        selector: str,
        output: str | os.PathLike[str] | None = None,
        *,
        link: bool = False,
        at: str | None = None,
    ) -> Checkout:
        """Return a checkout that has not begun: ``in_the_way`` tells the files that it would
        replace, ``carry_out`` writes.
        """
        return use.checkout.Checkout(self.context, selector, output, at=at, link=link)
