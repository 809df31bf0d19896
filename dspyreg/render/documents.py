"""The JSON document of each result (docs/reference/json.md); a new result is a new row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.render.as_json import place_in

if TYPE_CHECKING:
    from collections.abc import Callable


def _own(result: Any) -> Any:
    return result.to_json()


def _fields(result: Any) -> Any:
    return dict(result._asdict())


def _history(result: Any) -> Any:
    return {"entries": [entry.to_json() for entry in result.entries]}


def _programs(result: Any) -> Any:
    return {
        "programs": [program._asdict() for program in result.programs],
        "total": result.total,
        **place_in(result.limit, result.offset),
    }


def _status(result: Any) -> Any:
    told = result._asdict()
    del told["was_deployed"]  # the exit code says it
    return {
        **told,
        "environments": {
            name: {
                "live": serving.live,
                "canary": serving.canary._asdict() if serving.canary else None,
                "deployment": serving.deployment._asdict() if serving.deployment else None,
            }
            for name, serving in result.environments.items()
        },
    }


def _board(result: Any) -> Any:
    return {
        "stages": {
            stage: [{"program": program, "label": label} for program, label in found]
            for stage, found in result.stages.items()
        }
    }


def _checked_out(result: Any) -> Any:
    return {"version": result.version.to_json(), "path": result.path, "files": result.files}


def _verdict(result: Any) -> Any:
    return {
        **result._asdict(),
        "problems": [problem._asdict() for problem in result.problems],
        "repaired": [problem._asdict() for problem in result.repaired],
        "head": {"seq": result.head.seq, "id": result.head.id},
    }


def _plotted(result: Any) -> Any:
    return result.measured.to_json()


def _converted(result: Any) -> Any:
    return {key: value for key, value in result._asdict().items() if key != "text"}


DOCUMENTS: Final[dict[str, Callable[[Any], Any]]] = {
    "Outcome": _own,
    "History": _history,
    "Entry": _own,
    "Version": _own,
    "ProgramPage": _programs,
    "Resolution": _fields,
    "Status": _status,
    "Board": _board,
    "CheckedOut": _checked_out,
    "VerifyReport": _verdict,
    "Swept": _fields,
    "ConfigurationShown": _fields,
    "Made": _fields,
    "Converted": _converted,
    "Difference": _own,
    "Compatibility": _own,
    "UpgradePath": _own,
    "Suggestion": _own,
    "Prompt": _own,
    "Measurements": _own,
    "Plotted": _plotted,
    "Trends": _own,
    "Comparison": _own,
    "DeploymentPlan": _own,
    "Decision": _own,
    "EvidenceList": _own,
    "TrustReport": _own,
}
