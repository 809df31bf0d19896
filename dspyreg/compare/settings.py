"""The captured settings of a live program, which DSPy does not save, compared with another's.

``adapter`` is the adapter of the process, ``predictors`` the configuration of each predictor,
``modules`` the plain attributes of each module, ``tools`` the descriptions of each predictor's
tools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.diff import ValueChange, values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Settings = Mapping[str, Any]

ADAPTER, PREDICTORS, MODULES, TOOLS = "adapter", "predictors", "modules", "tools"

_ONE_SIDED: Final = (
    "settings that DSPy does not save (configuration, adapter, attributes) "
    "are known of one side only"
)


def changes(old: Settings | None, new: Settings | None) -> tuple[ValueChange, ...]:
    """Return the settings that differ; nothing if one side is unknown."""
    if old is None or new is None:
        return ()
    return values(flat(old), flat(new))


def flat(settings: Settings) -> dict[str, Any]:
    """Return settings by their full name, such as ``predictors.generate.predict.temperature``."""
    return {_name(*key): value for key, value in _members(settings).items()}


def _members(settings: Settings) -> dict[tuple[str, str, str], Any]:
    """Return settings by kind, by the predictor or module that has them, and by name."""
    members: dict[tuple[str, str, str], Any] = {}
    for kind, owners in settings.items():
        if not isinstance(owners, dict):
            members[kind, "", ""] = owners
        elif kind == ADAPTER:
            members |= {(kind, "", name): value for name, value in owners.items()}
        else:
            for owner, own in owners.items():
                named = own if isinstance(own, dict) else {"": own}
                members |= {(kind, owner, name): value for name, value in named.items()}
    return members


def _name(kind: str, owner: str, name: str) -> str:
    return ".".join(part for part in (kind, owner, name) if part)


def reasons(old: Settings | None, new: Settings | None) -> Iterator[tuple[str | None, str]]:
    """Yield the predictor and the words of each change; nothing if one side is unknown."""
    if old is None or new is None:
        return
    before, after = _members(old), _members(new)
    changed = [
        key
        for key in sorted(before.keys() | after.keys())
        if values({"": before.get(key)}, {"": after.get(key)})
    ]
    yield from dict.fromkeys(_reason(*key) for key in changed)


def _reason(kind: str, owner: str, name: str) -> tuple[str | None, str]:
    if kind == PREDICTORS:
        return owner, "the configuration changed"
    if kind == TOOLS:
        return owner, f"the description of tool `{name}` changed"
    if kind == ADAPTER:
        return None, "the adapter changed"
    return None, f"`{_name('', owner, name)}` changed"


def one_sided(old: Settings | None, new: Settings | None) -> tuple[str, ...]:
    """Return the notice that settings are known of one side only, so were not compared."""
    return (_ONE_SIDED,) if (old is None) is not (new is None) else ()
