"""A configuration with every default filled in.

Every command imports this room, so it knows no YAML (that is ``document``) and no dataclasses.
"""

from functools import reduce
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from dspyreg.errors import UnsupportedFormat
from dspyreg.model import names
from dspyreg.model.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from dspyreg.policy.policy import Policy

FORMAT: Final = 1
HOOK_TIMEOUT: Final = 30.0
_FEWEST_RUNGS: Final = 2
_STRATEGIES: Final = ("semantic", "timestamp", "integer")


class Rung(NamedTuple):
    """A step of the ladder: the key in the log, and the title for people."""

    name: str
    title: str | None = None


class Environment(NamedTuple):
    """A place where versions are live. Without a rung it takes any version but archived ones.

    Every move of its pointer but a rollback is judged: by the policy of its rung if
    ``validation_required``, and by its own ``policy``. ``approval_required`` demands at least one
    approval, ``monitoring_required`` the evidence ``monitoring_setup``.
    """

    name: str
    rung: str | None
    auto_deploy: bool
    protected: bool
    rollback_enabled: bool
    approval_required: bool = False
    validation_required: bool = False
    monitoring_required: bool = False
    policy: "Policy | None" = None

    def to_json(self) -> dict[str, Any]:
        """Return the environment as JSON."""
        return {**self._asdict(), "policy": self.policy.to_json() if self.policy else None}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """Return the environment of ``to_json``."""
        fields = fields_of(cls, members)
        fields["policy"] = _policy_or_none(fields.get("policy"))
        return cls(**fields)


class Versioning(NamedTuple):
    """Settings of labels, and of how many versions are kept (0: all)."""

    strategy: str = "semantic"
    max_versions: int = 0
    auto_increment: bool = True
    require_changelog: bool = False


class Integration(NamedTuple):
    """Settings of what happens automatically. Thresholds are relative: 0.1 is a tenth of what is
    live.
    """

    auto_register_optimizations: bool = True
    auto_deploy_best_versions: bool = False
    auto_deploy_threshold: float = 0.10
    deployment_strategy: str | None = None
    rollback_on_performance_drop: bool = False
    rollback_threshold: float = 0.05


class Hooks(NamedTuple):
    """The user's own commands by operation, ``before`` it and ``after``; ``timeout`` in seconds."""

    before: tuple[tuple[str, tuple[str, ...]], ...] = ()
    after: tuple[tuple[str, tuple[str, ...]], ...] = ()
    timeout: float = HOOK_TIMEOUT

    def to_json(self) -> dict[str, Any]:
        """Return the hooks as JSON."""
        before, after = ({op: list(run) for op, run in each} for each in self[:2])
        return {"before": before, "after": after, "timeout": self.timeout}

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """Return the hooks of ``to_json``."""
        before, after = (
            tuple((operation, tuple(run)) for operation, run in members.get(when, {}).items())
            for when in ("before", "after")
        )
        return cls(before, after, members.get("timeout", HOOK_TIMEOUT))


class ProgramSettings(NamedTuple):
    """Settings of one program: members of policies by rung, and of ``metrics``."""

    name: str
    policies: "tuple[tuple[str, Policy], ...]" = ()
    metrics: tuple[tuple[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the settings as JSON."""
        return {
            "name": self.name,
            "policies": policies_to_json(self.policies),
            "metrics": metrics_to_json(dict(self.metrics)),
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """Return the settings of ``to_json``."""
        metrics = metrics_from_json(members.get("metrics", {}))
        require_types(Metrics(**metrics))
        policies = policies_from_json(members.get("policies", {}))
        return cls(members["name"], policies, tuple(metrics.items()))


class Config(NamedTuple):
    """A configuration: ``rungs`` lowest first, ``environments`` complete."""

    rungs: tuple[Rung, ...]
    environments: tuple[Environment, ...]
    default_environment: str | None
    versioning: Versioning
    metrics: Metrics
    policies: "tuple[tuple[str, Policy], ...]" = ()
    programs: tuple[ProgramSettings, ...] = ()
    integration: Integration = Integration()
    hooks: Hooks = Hooks()
    registration: "Policy | None" = None

    @property
    def first(self) -> str:
        """The rung of a new version."""
        return self.rungs[0].name

    @property
    def top(self) -> str:
        """The highest rung."""
        return self.rungs[-1].name

    def rung(self, text: str) -> str | None:
        """Return the key of the rung with this key, else of the one with this title, else None."""
        if any(rung.name == text for rung in self.rungs):
            return text
        return next((rung.name for rung in self.rungs if rung.title == text), None)

    def title(self, rung: str) -> str:
        """Return the title of a rung for display, or else the stage itself."""
        return next((each.title for each in self.rungs if each.name == rung and each.title), rung)

    def height(self, rung: str) -> int:
        """Return the height of a rung on the ladder: 0 is the first, -1 for anything else."""
        every = [each.name for each in self.rungs]
        return every.index(rung) if rung in every else -1

    def above(self, rung: str) -> str | None:
        """Return the next rung up; None above the top and for anything else."""
        height = self.height(rung) + 1
        return self.rungs[height].name if 0 < height < len(self.rungs) else None

    def below(self, rung: str) -> str | None:
        """Return the next rung down; None below the first and for anything else."""
        height = self.height(rung) - 1
        return self.rungs[height].name if height >= 0 else None

    def environment(self, name: str) -> Environment | None:
        """Return the environment of this name, None without one."""
        return next((each for each in self.environments if each.name == name), None)

    def of_rung(self, rung: str) -> tuple[Environment, ...]:
        """Return the environments that belong to a rung."""
        return tuple(each for each in self.environments if each.rung == rung)

    def metrics_of(self, program: str) -> Metrics:
        """Return how the metrics of a program are read."""
        own = self._of_program(program)
        return self.metrics._replace(**dict(own.metrics)) if own else self.metrics

    def policy_of(self, program: str, rung: str) -> "Policy | None":
        """Return the policy that guards a rung for a program, None without one. The top rung
        demands a readable program, unless a policy has ``loads: false``.
        """
        own = self._of_program(program)
        layers = [dict(self.policies).get(rung), dict(own.policies).get(rung) if own else None]
        if rung == self.top:
            from dspyreg.policy.policy import Policy

            layers.insert(0, Policy(loads=True))
        stated = [policy for policy in layers if policy is not None]
        return reduce(lambda below, above: below.overlaid(above), stated) if stated else None

    def _of_program(self, program: str) -> ProgramSettings | None:
        return next((each for each in self.programs if each.name == program), None)

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as JSON; lists where order has a meaning."""
        registration = self.registration
        return {
            **({} if registration is None else {"registration": registration.to_json()}),
            "format": FORMAT,
            "stages": [rung._asdict() for rung in self.rungs],
            "environments": [environment.to_json() for environment in self.environments],
            "default_environment": self.default_environment,
            "versioning": self.versioning._asdict(),
            "metrics": metrics_to_json(self.metrics._asdict()),
            "policies": policies_to_json(self.policies),
            "programs": [program.to_json() for program in self.programs],
            "integration": self.integration._asdict(),
            "hooks": self.hooks.to_json(),
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Self:
        """Return the configuration of ``to_json``.

        Unknown keys are ignored; a setting that an older release did not write has its default.
        Raises ``UnsupportedFormat`` for another format, ``ValueError`` for anything else.
        """
        try:
            if members.get("format") != FORMAT:
                raise UnsupportedFormat("the configuration", str(members.get("format")))
            config = cls(
                rungs=tuple(Rung(**fields_of(Rung, each)) for each in members["stages"]),
                environments=tuple(map(Environment.from_json, members["environments"])),
                default_environment=members.get("default_environment"),
                versioning=Versioning(**fields_of(Versioning, members.get("versioning", {}))),
                metrics=Metrics(**metrics_from_json(members.get("metrics", {}))),
                policies=policies_from_json(members.get("policies", {})),
                programs=tuple(map(ProgramSettings.from_json, members.get("programs", []))),
                integration=Integration(**fields_of(Integration, members.get("integration", {}))),
                hooks=Hooks.from_json(members.get("hooks", {})),
                registration=_policy_or_none(members.get("registration")),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a configuration: {error}") from error
        _require_all_types(config)
        return config


def _require_all_types(config: Config) -> None:
    settings = (config.versioning, config.metrics, config.integration)
    for setting in (*config.rungs, *config.environments, *settings):
        require_types(setting)
    commands = [run for when in config.hooks[:2] for _, run in when]
    if not (_is_number(config.hooks.timeout) and all(map(_are_texts, commands))):
        raise ValueError("not a configuration: its hooks are no commands")
    if not _or_none(_is_text)(config.default_environment):
        raise ValueError("not a configuration: its default environment is no text")


def require_sound(config: Config) -> None:
    """Raise ``ValueError`` unless names are valid, and each that one part uses is defined."""
    rungs = [rung.name for rung in config.rungs]
    places = [place.name for place in config.environments]
    holds = (
        len(rungs) >= _FEWEST_RUNGS
        and all(map(names.is_key, (*rungs, *places)))
        and len({*rungs}) == len(rungs)
        and len({*places}) == len(places)
        and {place.rung for place in config.environments} <= {*rungs, None}
        and config.default_environment in {*places, None}
        and config.versioning.strategy in _STRATEGIES
    )
    if not holds:
        raise ValueError("not a configuration: its parts do not fit together")


def require_types(setting: Any) -> None:
    """Raise ``ValueError`` unless every field has its declared type."""
    for field, kind in type(setting).__annotations__.items():
        check = _CHECKS.get(str(kind))
        if check is not None and not check(getattr(setting, field)):
            raise ValueError(f"not a configuration: {field} is {getattr(setting, field)!r}"[:200])


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_is_text, value))


def _are_pairs(value: Any) -> bool:
    return isinstance(value, tuple) and all(_are_texts(pair) and len(pair) == 2 for pair in value)


def _or_none(check: "Callable[[Any], bool]") -> "Callable[[Any], bool]":
    return lambda value: value is None or check(value)


_PLAIN: Final = (
    *((str, _is_text), (float, _is_number), (int, _is_count), (bool, _is_truth)),
    (tuple[str, ...], _are_texts),
    (tuple[tuple[str, str], ...], _are_pairs),
)
_CHECKS: Final = {
    **{str(kind): check for kind, check in _PLAIN},
    **{str(kind | None): _or_none(check) for kind, check in _PLAIN},
}


def fields_of(kind: Any, members: dict[str, Any]) -> dict[str, Any]:
    """Return those members that are fields of this kind; lists become tuples."""
    fields = {field: members[field] for field in kind._fields if field in members}
    return {key: tuple(it) if isinstance(it, list) else it for key, it in fields.items()}


def metrics_from_json(members: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of ``Metrics`` that JSON has."""
    fields = fields_of(Metrics, members)
    return {key: tuple(it.items()) if key == "scale" else it for key, it in fields.items()}


def metrics_to_json(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields of ``Metrics`` as JSON: all of them, or those that differ for a program."""
    kinds: dict[str, Any] = {"lower_is_better": list, "higher_is_better": list, "scale": dict}
    return {key: kinds[key](it) if key in kinds else it for key, it in fields.items()}


def policies_to_json(policies: "tuple[tuple[str, Policy], ...]") -> dict[str, Any]:
    """Return policies by rung as JSON."""
    return {rung: policy.to_json() for rung, policy in policies}


def policies_from_json(members: dict[str, Any]) -> "tuple[tuple[str, Policy], ...]":
    """Return the policies of ``policies_to_json``."""
    if not members:
        return ()
    from dspyreg.policy.known import policy_from_json

    return tuple((rung, policy_from_json(each)) for rung, each in members.items())


def _policy_or_none(members: dict[str, Any] | None) -> "Policy | None":
    if members is None:
        return None
    from dspyreg.policy.known import policy_from_json

    return policy_from_json(members)


def auto_deploys(name: str, rung: str | None, *, first: str) -> bool:
    """Return whether an environment by default takes every version that reaches its rung."""
    return name == rung and rung != first


def complete(rungs: tuple[Rung, ...], configured: tuple[Environment, ...]) -> Config:
    """Return a configuration of these, with an environment for every rung without one."""
    first = rungs[0].name
    named = {environment.rung for environment in configured}
    missing = (rung.name for rung in rungs if rung.name not in named)
    defaults = (
        Environment(
            name,
            rung=name,
            auto_deploy=auto_deploys(name, name, first=first),
            protected=False,
            rollback_enabled=True,
        )
        for name in missing
    )
    return Config(rungs, (*configured, *defaults), None, Versioning(), Metrics())


DEFAULT: Final = complete((Rung("development"), Rung("staging"), Rung("production")), ())
