"""Layouts of a store, its configuration and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dspyreg.render.blocks import Fields, Layout, Lines, Table

if TYPE_CHECKING:
    from dspyreg.registry.artifacts.checkout import CheckedOut
    from dspyreg.registry.artifacts.convert import Converted
    from dspyreg.registry.open import InitResult
    from dspyreg.registry.read.configuration import ConfigurationInForce
    from dspyreg.registry.transaction.trust import TrustReport
    from dspyreg.render.options import RenderOptions
    from dspyreg.store.gc import Swept
    from dspyreg.store.verify import VerifyReport


def checked_out(result: CheckedOut, options: RenderOptions) -> Layout:
    """Lay out the paths of the files."""
    return (Lines(result.written),)


def converted(result: Converted, options: RenderOptions) -> Layout:
    """Lay out the path of the state."""
    return (Lines((result.path or "",)),)


def verification(result: VerifyReport, options: RenderOptions) -> Layout:
    """Lay out what a verification found."""
    fields = Fields(
        (
            ("ok", "yes" if result.ok else "no"),
            ("entries", str(result.entries)),
            ("blobs", str(result.blobs)),
            ("collected", str(result.collected)),
            ("head", f"{result.head.seq} {result.head.id}"),
        )
    )
    rows = tuple((p.kind, p.where, p.message) for p in result.problems)
    rows += tuple((f"{p.kind} repaired", p.where, p.message) for p in result.repaired)
    return (fields, Table(("problem", "where", "what"), rows)) if rows else (fields,)


def swept(result: Swept, options: RenderOptions) -> Layout:
    """Lay out what a collection deleted."""
    return (
        Fields(
            (
                ("would delete" if result.dry_run else "deleted", str(len(result.deleted))),
                ("bytes", str(result.bytes)),
                ("kept", str(result.kept)),
            )
        ),
    )


def configuration(result: ConfigurationInForce, options: RenderOptions) -> Layout:
    """Lay out the YAML in force."""
    return (Lines(tuple(result.source.splitlines())),)


def initialized(result: InitResult, options: RenderOptions) -> Layout:
    """Lay out a registry that was made."""
    return (Fields((("store", result.store), ("registry_id", result.registry_id))),)


def trust(result: TrustReport, options: RenderOptions) -> Layout:
    """Lay out what a registry can start, and whether that is trusted."""
    pairs = (
        ("store", result.store),
        *((("owner", result.owner),) if result.owner else ()),
        *((("safe", "yes" if result.safe else "no"),) if result.owner else ()),
        ("digest", result.digest or "-"),
        ("trusted", "yes" if result.trusted else "no"),
    )
    return (Fields(pairs), Table(("key", "command"), tuple(tuple(row) for row in result.commands)))
