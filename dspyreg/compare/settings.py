"""What DSPy does not save of a live program, as it was captured: compared with that of another.

``adapter`` is the adapter of the process; ``predictors`` the configuration of each; ``modules``
the plain attributes of each module; ``tools`` what each predictor is told of its tools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dspyreg.compare.diff import ValueChange, values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Settings = Mapping[str, Any]

ADAPTER, PREDICTORS, MODULES, TOOLS = "adapter", "predictors", "modules", "tools"

_ONE_SIDED: Final = (
    "what DSPy does not save (configuration, adapter, attributes) is known of one side only"
)


def changes(old: Settings | None, new: Settings | None) -> tuple[ValueChange, ...]:
    """Return what differs; nothing where one of them is not known."""
    if old is None or new is None:
        return ()
    return values(flat(old), flat(new))


def flat(settings: Settings) -> dict[str, Any]:
    """Return settings by what they are called: ``generate.predict: temperature``."""
    return {_name(*key): value for key, value in _members(settings).items()}


def _members(settings: Settings) -> dict[tuple[str, str, str], Any]:
    """Settings by their kind, by the predictor or module that has them, and by their name."""
    found: dict[tuple[str, str, str], Any] = {}
    for kind, owners in settings.items():
        if not isinstance(owners, dict):
            found[kind, "", ""] = owners
        elif kind == ADAPTER:
            found |= {(kind, "", name): value for name, value in owners.items()}
        else:
            for owner, members in owners.items():
                named = members if isinstance(members, dict) else {"": members}
                found |= {(kind, owner, name): value for name, value in named.items()}
    return found


def _name(kind: str, owner: str, name: str) -> str:
    return ".".join(part for part in (kind, owner, name) if part)


def reasons(old: Settings | None, new: Settings | None) -> Iterator[tuple[str | None, str]]:
    """Yield what changed, as the predictor and words; nothing where one is not known."""
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
    """Return the notice that settings are known of one side only, and were not compared."""
    return (_ONE_SIDED,) if (old is None) is not (new is None) else ()
