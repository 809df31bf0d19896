"""A policy: values by key."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from dspyreg.policy.forms import Form

_T = TypeVar("_T")
_LONGEST_MESSAGE = 200


class Key(NamedTuple, Generic[_T]):
    """A key of policies and the form of its value.

    ``promotion`` and ``registration`` describe it in the policies of stages and environments, and
    in that of registrations; None where it has no meaning. A key that is no ``demand`` says how
    others are judged, so a policy needs more than that.
    """

    name: str
    form: "Form[_T]"
    promotion: str | None = None
    registration: str | None = None
    is_demand: bool = True

    def read(self, value: Any) -> _T:
        """Return the value that JSON holds. Raises ``ValueError`` if its form is another."""
        try:
            return self.form.from_json(value)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"not a configuration: {self.name} is {value!r}"
            raise ValueError(message[:_LONGEST_MESSAGE]) from error


class Policy:
    """Demands on a version that is to go somewhere, or to be registered.

    A key without a value demands nothing, so that one policy can be laid over another. Which keys
    there are, and what their values mean, say the rules (``policy.known``).
    """

    __slots__ = ("_values",)

    def __init__(self, **values: Any) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def get(self, key: "Key[_T]") -> _T | None:
        """Return the value of a key, None if the policy has none."""
        return self._values.get(key.name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and self._values == other._values

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"Policy({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"

    def overlaid(self, upper: "Policy") -> "Policy":
        """Return this policy with the values of another one in their place."""
        return Policy(**{**self._values, **upper._values})

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON; keys without one are left out."""
        return {name: _to_json(value) for name, value in self._values.items()}


def _to_json(value: Any) -> Any:
    if isinstance(value, tuple):
        members = getattr(value, "_asdict", None)
        return [_to_json(each) for each in value] if members is None else members()
    return value
