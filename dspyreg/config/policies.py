"""What a gate demands, as the configuration says it. How it is judged: ``dspyreg.policy``.

Every member that is None demands nothing, so that one policy can be laid over another.
"""

from typing import Any, Final, NamedTuple, Self

from dspyreg.config.value import require_types

COMPARISONS: Final = (">=", "<=", "==", ">", "<")
COMPATIBLE, CAPTURED, NO_SECRETS = "compatible", "captured", "none"
CARRIED: Final = "carried"  # what was captured of the version before: as good as captured


class Threshold(NamedTuple):
    """A metric and the number that it must meet: ``accuracy >= 0.85``."""

    metric: str
    comparison: str
    value: float

    def __str__(self) -> str:
        return f"{self.metric} {self.comparison} {_number(self.value)}"


class Margin(NamedTuple):
    """A metric and how it may differ from what is live: ``accuracy >= -2%``, ``f1 >= +0.01``.

    ``change`` is a percentage of the live value if it is ``relative``, else a difference.
    """

    metric: str
    comparison: str
    change: float
    relative: bool

    def __str__(self) -> str:
        sign, unit = "" if self.change < 0 else "+", "%" if self.relative else ""
        return f"{self.metric} {self.comparison} {sign}{_number(self.change)}{unit}"


class Need(NamedTuple):
    """Metadata that must be there, or meet a number: ``team``, ``deployment.concurrency <= 100``.

    A dot leads into an object, unless the whole is a key. Without a comparison both are None.
    """

    key: str
    comparison: str | None = None
    value: float | None = None

    def __str__(self) -> str:
        if self.value is None:
            return self.key
        return f"{self.key} {self.comparison} {_number(self.value)}"


class Command(NamedTuple):
    """A command of the user's own, for a shell, and how many seconds it may take."""

    run: str
    timeout: float = 600.0


class Policy(NamedTuple):
    """What a version must show, or a registration, which alone has a ``max_size``, in bytes.
    ``min_test_coverage`` is a fraction, ``min_age`` seconds.
    """

    metrics: tuple[Threshold, ...] | None = None
    against_live: tuple[Margin, ...] | None = None
    min_test_coverage: float | None = None
    required_approvals: int | None = None
    author_may_approve: bool | None = None
    required_evidence: tuple[str, ...] | None = None
    changelog: bool | None = None
    contract: str | None = None
    secrets: str | None = None
    metadata: tuple[Need, ...] | None = None
    max_size: int | None = None
    loads: bool | None = None
    min_age: float | None = None
    command: Command | None = None
    auto_promote: bool | None = None

    def overlaid(self, upper: Self) -> Self:
        """Return this policy with what another one says in its place."""
        return self._replace(**{k: v for k, v in upper._asdict().items() if v is not None})

    def to_json(self) -> dict[str, Any]:
        """Return what the policy says; what it leaves open is left out."""
        return {name: _told(value) for name, value in self._asdict().items() if value is not None}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return the policy that ``to_json`` told; unknown keys are ignored."""
        found = {name: told[name] for name in cls._fields if name in told}
        for name, kind in _LISTS.items():
            if name in found:
                found[name] = tuple(_of(kind, each) for each in found[name])
        if "required_evidence" in found:
            found["required_evidence"] = tuple(found["required_evidence"])
        if "command" in found:
            found["command"] = _of(Command, found["command"])
        policy = cls(**found)
        _require_sound(policy)
        return policy


_LISTS: Final = {"metrics": Threshold, "against_live": Margin, "metadata": Need}


def _require_sound(policy: Policy) -> None:
    """Raise ``ValueError`` unless every demand is of its type."""
    demands: list[Any] = [each for name in _LISTS for each in getattr(policy, name) or ()]
    for setting in (policy, *demands, *([policy.command] if policy.command else [])):
        require_types(setting)
    bare = (None, None)
    compared = [d for d in demands if not (isinstance(d, Need) and d[1:] == bare)]
    if not all(d.comparison in COMPARISONS and d[2] is not None for d in compared):
        raise ValueError("not a configuration: a comparison is unknown")


def _number(value: float) -> str:
    """Return the shortest digits that read back as the same number."""
    return repr(float(value)).removesuffix(".0")


def _told(value: Any) -> Any:
    if isinstance(value, Command):
        return value._asdict()
    if isinstance(value, tuple):
        return [each._asdict() if hasattr(each, "_asdict") else each for each in value]
    return value


def _of(kind: Any, told: dict[str, Any]) -> Any:
    return kind(**{field: told[field] for field in kind._fields if field in told})
