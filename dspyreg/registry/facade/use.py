"""The modules of the use cases, each imported when it is first used (PEP 562).

A new use case is a line under ``TYPE_CHECKING`` and a word in ``_HOMES``.
"""
# ruff: noqa: PLC0414 - mypy takes a module here for public only under its own name

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dspyreg.lifecycle import request as request
    from dspyreg.registry.analyse import compare as compare
    from dspyreg.registry.analyse import diff as diff
    from dspyreg.registry.analyse import plan as plan
    from dspyreg.registry.analyse import prompt as prompt
    from dspyreg.registry.analyse import upgrade as upgrade
    from dspyreg.registry.artifacts import checkout as checkout
    from dspyreg.registry.artifacts import convert as convert
    from dspyreg.registry.change import configure as configure
    from dspyreg.registry.change import deploy as deploy
    from dspyreg.registry.change import gc as gc
    from dspyreg.registry.change import measurements as measurements
    from dspyreg.registry.change import promote as promote
    from dspyreg.registry.change import record as record
    from dspyreg.registry.change import register as register
    from dspyreg.registry.change import register_result as register_result
    from dspyreg.registry.change import undo as undo
    from dspyreg.registry.gate import check as check
    from dspyreg.registry.read import completion as completion
    from dspyreg.registry.read import configuration as configuration
    from dspyreg.registry.read import evidence as evidence
    from dspyreg.registry.read import history as history
    from dspyreg.registry.read import log as log
    from dspyreg.registry.read import resolve as resolve
    from dspyreg.registry.read import status as status
    from dspyreg.registry.read import verify as verify
    from dspyreg.registry.read import versions as versions
    from dspyreg.registry.transaction import trust as trust

_HOMES: Final = {
    "lifecycle": "request",
    "registry.analyse": "compare diff plan prompt upgrade",
    "registry.artifacts": "checkout convert",
    "registry.change": "configure deploy gc measurements promote record register register_result "
    "undo",
    "registry.gate": "check",
    "registry.read": "completion configuration evidence history log resolve status verify versions",
    "registry.transaction": "trust",
}
_MODULES: Final = {
    name: f"dspyreg.{room}.{name}" for room, modules in _HOMES.items() for name in modules.split()
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = globals()[name] = import_module(_MODULES[name])
    return module
