"""A request to register: its values checked, its words screened for secrets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from dspyreg.errors import UsageError
from dspyreg.lifecycle.request import AUTO, Request
from dspyreg.model import canonical, names
from dspyreg.model.label import BUMPS
from dspyreg.registry.transaction import screening

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dspyreg.formats.secrets import Secret
    from dspyreg.registry.artifacts.inspect import Inspection
    from dspyreg.registry.context import Context


_MAX_EXACT_INTEGER: Final = 2**53


def checked(request: Request) -> Request:
    """Return a request with values that can be stored. Raises ``UsageError`` for any other."""
    changelog, settings = request.changelog, request.settings
    return request._replace(
        program=names.program(request.program),
        bump=_bump(request.bump, request.label),
        metadata=_metadata(request.metadata),
        metrics=measurable(request.metrics),
        tags=tuple(names.word("tag", tag) for tag in dict.fromkeys(request.tags)),
        changelog=None if changelog is None else names.utf8("changelog", changelog),
        settings=None if settings is None else _json("settings", settings),
    )


def measurable(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return metrics that can be compared: finite numbers under printable names."""
    for metric, value in metrics.items():
        names.word("metric", metric)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UsageError("metric-not-a-number", metric=metric, value=value)
        if not _is_finite(value):
            raise UsageError("metric-not-finite", metric=metric, value=value)
    return {metric: _exact(value) for metric, value in metrics.items()}


def _exact(value: float) -> float:
    """Return a number that every reader of JSON reads as the same."""
    return float(value) if abs(value) > _MAX_EXACT_INTEGER else value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _bump(bump: str, label: str | None) -> str:
    if bump not in {AUTO, *BUMPS}:
        raise UsageError("bump-unknown", bump=bump)
    if label is not None and bump != AUTO:
        raise UsageError("label-and-bump")
    return bump


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    value = _json("metadata", metadata)
    for key in metadata:
        names.word("metadata key", key)
    return value


def _json(what: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a value as JSON carries it."""
    try:
        copy: dict[str, Any] = canonical.loads(canonical.dumps(dict(value)))
    except (ValueError, TypeError, RecursionError) as error:
        raise UsageError("not-json", what=what, reason=str(error)) from error
    return copy


def arguments(request: Request) -> dict[str, Any]:
    """Return the arguments of a registration that its claim is about: the content by digests, as
    it was stored.
    """
    fields = ("label", "bump", "metadata", "metrics", "tags", "changelog", "exist_ok", "force")
    files = [(file.path, file.digest) for file in sorted(request.files)]
    own = {field: getattr(request, field) for field in fields}
    optional = {
        "parent": request.parent,
        "settings": request.settings,
        "any_file": request.any_file or None,
        "reason": request.reason,
    }
    own |= {name: value for name, value in optional.items() if value is not None}
    return {**own, "files": files, "contract": request.contract}


def secrets_in(request: Request, paths: Iterable[str]) -> list[tuple[str, Secret]]:
    """Return the secrets in the words of a request, and in the paths of its files."""
    from dspyreg.formats.secrets import find

    documents = {
        "metadata": request.metadata,
        "contract": request.contract or {},
        "settings": request.settings or {},
    }
    secrets = [(what, each) for what, value in documents.items() for each in find(value)]
    words = {
        "changelog": request.changelog,
        "tag": "\n".join(request.tags),
        "program": request.program,
        "version": request.label,
        "metric": "\n".join(request.metrics),
        "path": "\n".join(paths),
    }
    return [*secrets, *screening.found_in(words)]


def without_secrets(request: Request) -> Request:
    """Return a request with metadata, settings, changelog and tags redacted; names cannot be."""
    from dspyreg.formats import secrets

    changelog = None if request.changelog is None else secrets.without(request.changelog)
    return request._replace(
        metadata=secrets.redacted(request.metadata),
        settings=None if request.settings is None else secrets.redacted(request.settings),
        changelog=changelog,
        tags=tuple(dict.fromkeys(map(secrets.without, request.tags))),
    )


def signed(context: Context, request: Request, inspection: Inspection | None = None) -> Request:
    """Return a request with its author and origin, and the facts of its saved state."""
    origin = context.provenance
    request = request._replace(author=context.actor, context=origin)
    state = inspection.state if inspection else None
    if state is None:
        return request
    if state.versions:
        origin["saved_with"] = state.versions
    return request._replace(family=state.family, digest=state.digest())
