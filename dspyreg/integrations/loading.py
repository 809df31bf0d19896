"""From a version to a live program: all that fits, or nothing at all."""

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
from dspyreg.integrations.extra_parts import Beside
from dspyreg.integrations.lm_state import Models
from dspyreg.integrations.matching import LiveField, demos_for, fit
from dspyreg.integrations.origins import Provenance, remember
from dspyreg.integrations.unsaved import restore
from dspyreg.registry.artifacts.checkout import laid_out

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

    ``lm`` takes the place of the language models that the state names. ``strict=False``
    tolerates names that the program does not have, other types and other tools. ``trusted`` also
    takes endpoints, headers, keys, classes of language models and generated code from the state.
    ``program=True`` returns a program that was saved whole, which executes what is in it: only
    with ``allow_pickle``. ``path`` says which file, where a version has several states.

    Raises ``ContractMismatch`` with all that does not fit, ``Refused`` for what was not allowed,
    ``Conflict`` for a language model that this DSPy cannot build or a whole program that cannot
    be loaded here, and what ``Registry.show`` raises; then nothing of the program has changed.
    """
    _require_one_of(into, program)
    door.require_loading()
    if isinstance(lm, str):
        raise UsageError(f"lm= is a text, {lm!r}", hint=f"lm=dspy.LM({lm!r})")
    if into is not None:
        door.require_program(into)
    with states.opened(registry) as found:
        version = found.show(selector)
        if program:
            loaded = _whole(found, version, lm=lm, allow_pickle=allow_pickle)
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
                where=found.location,
            ),
        )
    return loaded


def _require_one_of(into: Any, program: bool) -> None:
    if (into is None) != program:
        raise UsageError(
            "load into a program, or load one that was saved whole",
            hint="into=QA() or program=True",
        )


def _whole(registry: Registry, version: Version, *, lm: Any, allow_pickle: bool) -> Any:
    directory = states.whole_directory(version)
    if not allow_pickle:
        raise Refused(
            f"{version} was saved whole: loading it executes what is in it",
            hint="allow_pickle=True, if you trust whoever saved it",
        )
    load_program = door.imported().load
    allowed = {"allow_pickle": True} if apply_state.takes(load_program, "allow_pickle") else {}
    with TemporaryDirectory(prefix="dspyreg-") as root:
        laid_out(registry.context, states.pinned(version), root)
        try:
            loaded = load_program(str(Path(root) / directory), **allowed)
            door.require_program(loaded)
            if lm is not None:
                loaded.set_lm(lm)
        except (Exception, SystemExit) as error:  # what is executed there may raise anything
            raise _not_loaded(version, Path(root) / directory / states.WHOLE, error) from error
    return loaded


def _not_loaded(version: Version, pickle: Path, error: BaseException) -> Conflict:
    """The error of a program that was saved whole: often a module is not here."""
    try:
        needed = pickles.contents(pickle.read_bytes()).modules
    except ValueError:
        needed = ()
    missing = [name for name in needed if not _is_here(name)]
    if missing:
        return Conflict(
            f"{version} needs modules that are not here: {', '.join(missing)}",
            hint="put them on the path; or save it with save_program=True, "
            f"modules_to_serialize=[{', '.join(missing)}], and register that",
        )
    return Conflict(
        f"{version} cannot be loaded whole: {type(error).__name__}: {error}",
        hint="load it with the DSPy, and beside the code, that it was saved with",
    )


def _is_here(module: str) -> bool:
    try:
        return module in sys.modules or find_spec(module) is not None
    except Exception:  # what it is a part of is imported for that, and may raise anything
        return False


def _load(
    version: Version, state: Program, into: Any, *, lm: Any, strict: bool, trusted: bool
) -> None:
    """Judge everything first; then try on copies; then set."""
    parts = door.parameters(into)
    unsaved = dict(door.unsaved(into))
    predictors = door.predictors(into)
    live = {name: live_fields(it.signature) for name, it in predictors.items()}
    told, now = states.captured(version), capture(into)
    fitting = fit(state, told, live, now, unsaved)
    beside = Beside(
        {name: part for name, part in parts.items() if name not in predictors},
        state.others,
        told=told,
        now=now,
    )
    problems = (*fitting.problems, *beside.problems())
    extras = (*fitting.extras, *beside.extras())
    if problems or (strict and extras):
        raise ContractMismatch(
            str(version), door.class_path(into), (*problems, *extras), tolerable=not problems
        )
    models = Models(own=lm is not None, trusted=trusted)
    wanted = {
        name: _state(placed, live[name], models.of(name, placed.saved.lm))
        for name, placed in fitting.placed.items()
    }
    wanted.update(beside.wanted(models))
    _require_trust(version, models.refused, beside.code(), trusted=trusted)
    objections = apply_state.tried(parts, wanted, trusted=trusted)
    if objections.states:
        raise ContractMismatch(str(version), door.class_path(into), objections.states)
    if objections.models:
        raise Conflict(
            f"{version}: this DSPy cannot build its language model: {'; '.join(objections.models)}",
            hint="lm=, a language model of your own",
        )
    _warn(version, state, extras, models.dropped, unsaved)
    try:
        apply_state.set_all(parts, wanted, lm=lm, trusted=trusted)
    except Exception as error:  # what the copies took; the program is as it was
        raise Conflict(
            f"{version}: DSPy failed to load it: {type(error).__name__}: {error}",
            hint="the program is as it was; try again",
        ) from error


def _require_trust(version: Version, models: list[str], code: list[str], *, trusted: bool) -> None:
    """Raise ``Refused`` for what says where questions go, and for code that would be executed.

    Who is trusted may have both; what was redacted is still not there.
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


def _is_same(key: str, here: str, saved: str) -> bool:
    """Is it the same version? DSPy 2.5 says of Python also which patch it is."""
    return here == (".".join(saved.split(".")[:2]) if key == "python" else saved)


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
    here = door.versions()
    for key in sorted(here.keys() & state.versions.keys()):
        if not _is_same(key, here[key], state.versions[key]):
            _LOG.warning(
                "%s: saved by %s %s, and here is %s", version, key, state.versions[key], here[key]
            )
