"""Loading a version into a live program: everything, or nothing."""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dspyreg.errors import Conflict, ContractMismatch, Refused, UsageError
from dspyreg.formats import pickles
from dspyreg.formats.normal import FieldText
from dspyreg.integrations import apply_state, states
from dspyreg.integrations import dspy as door
from dspyreg.integrations.capture import capture
from dspyreg.integrations.extra_parts import ExtraParts
from dspyreg.integrations.lm_state import Models
from dspyreg.integrations.matching import LiveField, demos_for, fit
from dspyreg.integrations.origins import Provenance, remember
from dspyreg.integrations.unsaved import restore

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from dspyreg.formats.normal import Program
    from dspyreg.integrations.matching import Live, Placed
    from dspyreg.model.version import Version
    from dspyreg.registry.facade.registry import Registry

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

    ``lm`` replaces the language models that the state names. ``strict=False`` tolerates names that
    the program does not have, other types and other tools. ``trusted`` also loads endpoints,
    headers, keys, classes of language models and generated code from the state. ``program=True``
    returns a program that was saved whole, which executes its code: only with ``allow_pickle``.
    ``path`` chooses the file of a version that has several states.

    Raises ``ContractMismatch`` with all that does not fit, ``Refused`` for what was not allowed,
    ``Conflict`` for a language model that this DSPy cannot build or a whole program that cannot
    be loaded here, and what ``Registry.show`` raises. The program is unchanged then.
    """
    _require_one_of(into, program)
    door.require_loading()
    if isinstance(lm, str):
        raise UsageError("lm-is-text", lm=lm)
    if into is not None:
        door.require_program(into)
    with states.opened(registry) as source:
        version = source.show(selector)
        if program:
            loaded = _load_whole(source, version, lm=lm, allow_pickle=allow_pickle)
        else:
            state = states.read(source, version, path=path, allow_pickle=allow_pickle)
            _load(version, state, into, lm=lm, strict=strict, trusted=trusted)
            for difference in restore(version, into, trusted=trusted):
                _LOG.warning("%s: %s", version, difference)
            loaded = into
        remember(
            loaded,
            Provenance(
                selector=selector,
                program=version.program,
                label=version.label,
                digest=str(version.digest),
                registry=source.registry_id,
                where=source.location,
            ),
        )
    return loaded


def _require_one_of(into: Any, program: bool) -> None:
    if (into is None) != program:
        raise UsageError("into-or-program")


def _load_whole(registry: Registry, version: Version, *, lm: Any, allow_pickle: bool) -> Any:
    directory = states.whole_directory(version)
    if not allow_pickle:
        raise Refused("whole-program-not-allowed", version=version)
    load_program = door.imported().load
    options = {"allow_pickle": True} if apply_state.takes(load_program, "allow_pickle") else {}
    with TemporaryDirectory(prefix="dspyreg-") as temporary:
        root = Path(temporary, "version")
        registry.checkout(states.pinned(version), root)
        try:
            loaded = load_program(str(root / directory), **options)
            door.require_program(loaded)
            if lm is not None:
                loaded.set_lm(lm)
        except (Exception, SystemExit) as error:  # the code of the program may raise anything
            raise _not_loaded(version, root / directory / states.WHOLE, error) from error
    return loaded


def _not_loaded(version: Version, pickle: Path, error: BaseException) -> Conflict:
    """Return the error for a whole program that cannot be loaded: often a module is missing."""
    try:
        needed = pickles.contents(pickle.read_bytes()).modules
    except ValueError:
        needed = ()
    missing = [name for name in needed if not _is_here(name)]
    if missing:
        return Conflict("modules-missing", version=version, modules=", ".join(missing))
    reason = f"{type(error).__name__}: {error}"
    return Conflict("whole-program-not-loaded", version=version, reason=reason)


def _is_here(module: str) -> bool:
    try:
        return module in sys.modules or find_spec(module) is not None
    except Exception:  # its package is imported for that, and may raise anything
        return False


def _load(
    version: Version, state: Program, into: Any, *, lm: Any, strict: bool, trusted: bool
) -> None:
    """Check everything, load the states into copies, and only then into the program."""
    parts = door.parameters(into)
    unsaved = dict(door.unsaved(into))
    predictors = door.predictors(into)
    live = {name: live_fields(it.signature) for name, it in predictors.items()}
    captured, now = states.captured(version), capture(into)
    fitting = fit(state, captured, live, now, unsaved)
    others = ExtraParts(
        {name: part for name, part in parts.items() if name not in predictors},
        state.others,
        captured=captured,
        now=now,
    )
    problems = (*fitting.problems, *others.problems())
    extras = (*fitting.extras, *others.extras())
    if problems or (strict and extras):
        raise ContractMismatch(
            str(version), door.class_path(into), (*problems, *extras), tolerable=not problems
        )
    models = Models(own=lm is not None, trusted=trusted)
    new_states = {
        name: _state(placed, live[name], models.of(name, placed.saved.lm))
        for name, placed in fitting.placed.items()
    }
    new_states.update(others.states(models))
    _require_trust(version, models.refused, others.code(), trusted=trusted)
    objections = apply_state.try_on_copies(parts, new_states, trusted=trusted)
    if objections.states:
        raise ContractMismatch(str(version), door.class_path(into), objections.states)
    if objections.models:
        reason = "; ".join(objections.models)
        raise Conflict("lm-not-buildable", version=version, reason=reason)
    _warn(version, state, extras, models.dropped, unsaved)
    try:
        apply_state.set_all(parts, new_states, lm=lm, trusted=trusted)
    except Exception as error:  # the copies loaded it; the program is unchanged
        reason = f"{type(error).__name__}: {error}"
        raise Conflict("state-not-loaded", version=version, reason=reason) from error


def _require_trust(version: Version, models: list[str], code: list[str], *, trusted: bool) -> None:
    """Raise ``Refused`` for states that say where questions go, and for code to be executed.

    With trust both are loaded, except for members that were redacted.
    """
    if models and trusted:
        raise Refused("model-call-missing", version=version, failures=tuple(models))
    if models:
        raise Refused("model-call-untrusted", version=version, failures=(*models, *code))
    if code and not trusted:
        raise Refused("code-untrusted", version=version, failures=tuple(code))


def live_fields(signature: Any) -> Live:
    """Return the fields of a signature, inputs first, as DSPy keeps them."""
    return {
        name: LiveField(
            FieldText(it.json_schema_extra["prefix"], it.json_schema_extra["desc"]),
            name in signature.input_fields,
        )
        for name, it in signature.fields.items()
    }


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


def _is_same(key: str, installed: str, saved: str) -> bool:
    """Return whether two versions are the same; DSPy 2.5 also writes the patch of Python."""
    return installed == (".".join(saved.split(".")[:2]) if key == "python" else saved)


def _warn(
    version: Version,
    state: Program,
    extras: Sequence[str],
    dropped: list[str],
    unsaved: Mapping[str, str],
) -> None:
    for extra in extras:
        _LOG.warning("%s: %s", version, extra)
    if dropped:
        _LOG.warning("%s: left out of its state: %s", version, ", ".join(sorted(dropped)))
    for name, why in unsaved.items():
        _LOG.warning("%s: `%s` stays as it is: %s", version, name, why)
    installed = door.versions()
    for key in sorted(installed.keys() & state.versions.keys()):
        now, saved = installed[key], state.versions[key]
        if not _is_same(key, now, saved):
            _LOG.warning("%s: saved by %s %s, and here is %s", version, key, saved, now)
