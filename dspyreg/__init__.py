"""A registry for compiled DSPy programs.

    import dspyreg

    with dspyreg.open() as registry:
        registry.register("qa", "program.json", metrics={"em": 0.81})
        registry.promote("qa@1.0.0")

Everything named in ``__all__`` is the public interface; it is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from dspyreg.compare.bump import Judgement, Reason
    from dspyreg.compare.contract import Contract
    from dspyreg.errors import (
        Conflict,
        ContractMismatch,
        Corrupt,
        Denied,
        NotFound,
        OutcomeUnknown,
        Refused,
        RegistryError,
        StorageError,
        UnsupportedFormat,
        UsageError,
    )
    from dspyreg.integrations.capture import capture
    from dspyreg.integrations.checking import check
    from dspyreg.integrations.loading import load
    from dspyreg.integrations.origins import Provenance, provenance
    from dspyreg.integrations.saving import register
    from dspyreg.model.digest import Digest
    from dspyreg.model.document import File
    from dspyreg.model.entry import Change, Entry
    from dspyreg.model.selector import Selector
    from dspyreg.model.version import Transition, Version
    from dspyreg.registry.analyse.compare import Comparison
    from dspyreg.registry.analyse.diff import Compatibility, Difference
    from dspyreg.registry.analyse.plan import DeploymentPlan
    from dspyreg.registry.analyse.prompt import Prompt
    from dspyreg.registry.analyse.upgrade import Suggestion, UpgradePath, UpgradeStep
    from dspyreg.registry.facade.registry import Registry
    from dspyreg.registry.read.history import Measurements, Trends
    from dspyreg.registry.read.resolve import Resolution
    from dspyreg.registry.read.status import Status
    from dspyreg.registry.read.versions import Page, ProgramSummary
    from dspyreg.registry.transaction.deployment_view import DeploymentView
    from dspyreg.registry.transaction.outcome import Outcome

__version__ = "0.1.0"

_HOMES = {
    "Change": "model.entry",
    "Comparison": "registry.analyse.compare",
    "Compatibility": "registry.analyse.diff",
    "Conflict": "errors",
    "Contract": "compare.contract",
    "ContractMismatch": "errors",
    "Corrupt": "errors",
    "Denied": "errors",
    "DeploymentPlan": "registry.analyse.plan",
    "DeploymentView": "registry.transaction.deployment_view",
    "Difference": "registry.analyse.diff",
    "Digest": "model.digest",
    "Entry": "model.entry",
    "File": "model.document",
    "Judgement": "compare.bump",
    "Measurements": "registry.read.history",
    "NotFound": "errors",
    "Outcome": "registry.transaction.outcome",
    "OutcomeUnknown": "errors",
    "Page": "registry.read.versions",
    "ProgramSummary": "registry.read.versions",
    "Prompt": "registry.analyse.prompt",
    "Provenance": "integrations.origins",
    "Reason": "compare.bump",
    "Refused": "errors",
    "Registry": "registry.facade.registry",
    "RegistryError": "errors",
    "Resolution": "registry.read.resolve",
    "Selector": "model.selector",
    "Status": "registry.read.status",
    "StorageError": "errors",
    "Suggestion": "registry.analyse.upgrade",
    "Transition": "model.version",
    "Trends": "registry.read.history",
    "UnsupportedFormat": "errors",
    "UpgradePath": "registry.analyse.upgrade",
    "UpgradeStep": "registry.analyse.upgrade",
    "UsageError": "errors",
    "Version": "model.version",
    "capture": "integrations.capture",
    "check": "integrations.checking",
    "load": "integrations.loading",
    "provenance": "integrations.origins",
    "register": "integrations.saving",
}

__all__ = [
    "Change",
    "Comparison",
    "Compatibility",
    "Conflict",
    "Contract",
    "ContractMismatch",
    "Corrupt",
    "Denied",
    "DeploymentPlan",
    "DeploymentView",
    "Difference",
    "Digest",
    "Entry",
    "File",
    "Judgement",
    "Measurements",
    "NotFound",
    "Outcome",
    "OutcomeUnknown",
    "Page",
    "ProgramSummary",
    "Prompt",
    "Provenance",
    "Reason",
    "Refused",
    "Registry",
    "RegistryError",
    "Resolution",
    "Selector",
    "Status",
    "StorageError",
    "Suggestion",
    "Transition",
    "Trends",
    "UnsupportedFormat",
    "UpgradePath",
    "UpgradeStep",
    "UsageError",
    "Version",
    "capture",
    "check",
    "init",
    "load",
    "open",
    "provenance",
    "register",
]


def open(  # noqa: A001 - read as dspyreg.open
    path: str | os.PathLike[str] | None = None,
    *,
    actor: str | None = None,
    allow_network_fs: bool = False,
    tell: Callable[[str], None] | None = None,
    trust: str | None = None,
) -> Registry:
    """Return the registry at a path; by default that of ``DSPYREG_STORE``, or the nearest
    ``.dspyreg`` from the working directory upward.

    ``actor`` is the name for changes; by default ``DSPYREG_ACTOR``, CI's actor, git's user, or the
    login. ``tell`` receives notices; by default they go to the ``dspyreg`` logger. ``trust`` is the
    digest of the commands that the configuration may start, or ``all``; by default that of
    ``DSPYREG_TRUST`` and of the user's list of known registries. Raises ``NotFound``, ``Corrupt``,
    ``UnsupportedFormat``, and ``Denied`` for a discovered store that belongs to another user.
    """
    from dspyreg.registry.open import open_registry

    return open_registry(path, actor=actor, allow_network=allow_network_fs, tell=tell, trust=trust)


def init(
    path: str | os.PathLike[str] | None = None, *, preset: str | None = None, shared: bool = False
) -> str:
    """Create an empty registry and return its id; by default in ``./.dspyreg``.

    If ``shared``, the group of the directory may write to it, whatever the umask of a writer is.
    ``preset`` is its first configuration: ``simple`` or ``governed``. A registry that exists stays
    as it is, and its id is returned. Raises ``Conflict`` if something else is there, or if the
    registry is in use with another configuration than the preset.
    """
    from dspyreg.registry.open import create_registry

    return create_registry(path, preset=preset, shared=shared).registry_id


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'dspyreg' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"dspyreg.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
