"""From a version to a live program: all that fits, or nothing at all."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dspyreg.errors import ContractMismatch, Refused, UsageError
from dspyreg.formats.normal import FieldText
from dspyreg.integrations import dspy as door
from dspyreg.integrations import lm_state, setting, states
from dspyreg.integrations.beside import Beside
from dspyreg.integrations.matching import LiveField, demos_for, fit, shown
from dspyreg.integrations.origins import Provenance, remember
from dspyreg.integrations.unsaved import restore
from dspyreg.registry.checkout import laid_out

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from dspyreg.formats.normal import Program
    from dspyreg.integrations.matching import Fit, Live, Placed
    from dspyreg.model.version import Version
    from dspyreg.registry.facade import Registry

_LOG = logging.getLogger("dspyreg")


def load(
    selector: str,
    *,
    into: Any = None,
    strict: bool = True,
    lm: Any = None,
    program: bool = False,
    allow_pickle: bool = False,
    trusted: bool = False,
    path: str | None = None,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> Any:
    """Load the state of a version into a live program and return it; by name, all or nothing.

    ``lm`` takes the place of the language models that the state names. ``strict=False``
    tolerates names that the program does not have. ``trusted`` also takes endpoints, headers,
    keys, classes of language models and generated code from the state. ``program=True``
    returns a program that was saved whole, which executes what is in it: only with
    ``allow_pickle``. ``path`` says which file, where a version has several states.

    Raises ``ContractMismatch`` with all that does not fit, ``Refused`` for what was not
    allowed, and what ``Registry.show`` raises; then nothing of the program has changed.
    """
    _require_one_of(into, program)
    if into is not None:
        door.require_program(into)
    with states.opened(registry) as found:
        version = found.show(selector)
        if program:
            loaded = _whole(found, version, allow_pickle=allow_pickle)
            if lm is not None:
                loaded.set_lm(lm)
        else:
            state = states.read(found, version, path=path, allow_pickle=allow_pickle)
            _load(version, state, into, lm=lm, strict=strict, trusted=trusted)
            for unlike in restore(version, into, trusted=trusted):
                _LOG.warning("%s: %s", version, unlike)
            loaded = into
        remember(
            loaded,
            Provenance(
                selector=selector,
                program=version.program,
                label=version.label,
                digest=str(version.digest),
                registry=found.registry_id,
                where=found.where,
            ),
        )
    return loaded


def _require_one_of(into: Any, program: bool) -> None:
    if (into is None) != program:
        raise UsageError(
            "load into a program, or load one that was saved whole",
            hint="into=QA() or program=True",
        )


def _whole(registry: Registry, version: Version, *, allow_pickle: bool) -> Any:
    directory = states.whole_directory(version)
    if not allow_pickle:
        raise Refused(
            f"{version} was saved whole: loading it executes what is in it",
            hint="allow_pickle=True, if you trust whoever saved it",
        )
    load_program = door.imported().load
    allowed = {"allow_pickle": True} if setting.takes(load_program, "allow_pickle") else {}
    with TemporaryDirectory(prefix="dspyreg-") as root:
        laid_out(registry, states.pinned(version), root)
        return load_program(str(Path(root) / directory), **allowed)


def _load(
    version: Version, state: Program, into: Any, *, lm: Any, strict: bool, trusted: bool
) -> None:
    """Judge everything first; then try on copies; then set."""
    parts = door.parameters(into)
    unsaved = dict(door.unsaved(into))
    predictors = door.predictors(into)
    live = {name: live_fields(it.signature) for name, it in predictors.items()}
    fitting = fit(state, states.captured(version), live, unsaved)
    beside = Beside(
        {name: part for name, part in parts.items() if name not in predictors},
        state.others,
    )
    problems = [*fitting.problems, *beside.problems(trusted=trusted)]
    extras = [*fitting.extras, *beside.extras()]
    wanted, dropped, refused = _wanted(fitting, live, own_lm=lm is not None, trusted=trusted)
    problems += refused
    if problems or (strict and extras):
        raise ContractMismatch(str(version), door.class_path(into), (*problems, *extras))
    wanted.update(beside.wanted())
    _warn(version, extras, dropped, unsaved)
    refused_by_dspy = setting.tried(parts, wanted, trusted=trusted)
    if refused_by_dspy:
        raise ContractMismatch(str(version), door.class_path(into), refused_by_dspy)
    setting.set_all(parts, wanted, lm=lm, trusted=trusted)


def live_fields(signature: Any) -> Live:
    """Return the fields of a signature, inputs first, as DSPy keeps them."""
    return {
        name: LiveField(
            FieldText(it.json_schema_extra["prefix"], it.json_schema_extra["desc"]),
            name in signature.input_fields,
        )
        for name, it in signature.fields.items()
    }


def _wanted(
    fitting: Fit, live: Mapping[str, Live], *, own_lm: bool, trusted: bool
) -> tuple[dict[str, dict[str, Any]], list[str], list[str]]:
    """The state of each predictor with the members that one owns and no other; what was left
    out of their language models; why those cannot be loaded.
    """
    wanted: dict[str, dict[str, Any]] = {}
    dropped: list[str] = []
    refused: list[str] = []
    for name, placed in fitting.placed.items():
        told = None if own_lm else placed.saved.lm
        taken = lm_state.taken(told, trusted=trusted)
        if taken.problem is not None:
            refused.append(f"{shown(name)}: {taken.problem}; give lm= or trusted=True")
        dropped += [f"`{member}` of {shown(name)}" for member in taken.dropped]
        wanted[name] = _state(placed, live[name], taken.state)
    return wanted, dropped, refused


def _state(placed: Placed, live: Live, lm: dict[str, Any] | None) -> dict[str, Any]:
    saved = placed.saved
    texts = [placed.texts.get(name, field.text) for name, field in live.items()]
    state: dict[str, Any] = {
        "traces": list(saved.traces),
        "train": list(saved.train),
        "demos": demos_for(saved, live),
        "signature": {
            "instructions": saved.instructions,
            "fields": [text._asdict() for text in texts],
        },
        "lm": lm,
    }
    if saved.settings:
        state["fields"] = dict(saved.settings)
    return state


def _warn(
    version: Version, extras: list[str], dropped: list[str], unsaved: Mapping[str, str]
) -> None:
    for extra in extras:
        _LOG.warning("%s: %s", version, extra)
    if dropped:
        _LOG.warning(
            "%s: left out, because it is not trusted: %s", version, ", ".join(sorted(dropped))
        )
    for name, why in unsaved.items():
        _LOG.warning("%s: `%s` stays as it is: %s", version, name, why)
