"""The table of results: each type with its layout for people and its JSON document.

A new result is a new row. Types and functions are named by text, so that a command imports no
other layout than its own; a test holds that each function takes the type of its row.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dspyreg.render.blocks import Layout
    from dspyreg.render.options import RenderOptions

RESULTS: Final = {
    "model.entry.Entry": ("log_layout.entry", "own"),
    "model.version.Version": ("version_layout.version", "own"),
    "registry.analyse.compare.Comparison": ("metrics_layout.comparison", "own"),
    "registry.analyse.diff.Compatibility": ("compatibility_layout.compatibility", "own"),
    "registry.analyse.diff.Difference": ("diff_layout.difference", "own"),
    "registry.analyse.plan.DeploymentPlan": ("metrics_layout.deployment_plan", "own"),
    "registry.analyse.prompt.Prompt": ("diff_layout.prompt", "own"),
    "registry.analyse.upgrade.Suggestion": ("compatibility_layout.suggestion", "own"),
    "registry.analyse.upgrade.UpgradePath": ("compatibility_layout.upgrade_path", "own"),
    "registry.artifacts.checkout.CheckedOut": ("store_layout.checked_out", "checked_out"),
    "registry.artifacts.convert.Converted": ("store_layout.converted", "converted"),
    "registry.read.evidence.EvidenceList": ("decision_layout.evidence_list", "own"),
    "registry.gate.check.Decision": ("decision_layout.decision", "own"),
    "registry.open.InitResult": ("store_layout.initialized", "own"),
    "registry.read.configuration.ConfigurationInForce": ("store_layout.configuration", "own"),
    "registry.read.history.Measurements": ("metrics_layout.measurements", "own"),
    "registry.read.history.Trends": ("metrics_layout.trends", "own"),
    "registry.read.log.EntryList": ("log_layout.entry_list", "entry_list"),
    "registry.read.resolve.Resolution": ("version_layout.resolution", "fields"),
    "registry.read.status.Board": ("version_layout.board", "board"),
    "registry.read.versions.Page": ("version_layout.page", "page"),
    "registry.read.versions.ProgramPage": ("version_layout.program_page", "program_page"),
    "registry.read.status.Status": ("version_layout.status", "status"),
    "registry.transaction.outcome.Outcome": ("log_layout.outcome", "own"),
    "registry.transaction.trust.TrustReport": ("store_layout.trust", "own"),
    "store.gc.Swept": ("store_layout.swept", "fields"),
    "store.verify.VerifyReport": ("store_layout.verification", "verification"),
}


def name_of(result: object) -> str:
    """Return the name of the type of a result, below the package."""
    return f"{type(result).__module__}.{type(result).__qualname__}".removeprefix("dspyreg.")


def layout(result: object, options: RenderOptions) -> Layout:
    """Return a result laid out for people."""
    module, _, function = RESULTS[name_of(result)][0].partition(".")
    blocks: Layout = getattr(import_module(f"dspyreg.render.{module}"), function)(result, options)
    return blocks


def document(result: object) -> Any:
    """Return the JSON document of a result."""
    from dspyreg.render import documents

    return getattr(documents, RESULTS[name_of(result)][1])(result)
