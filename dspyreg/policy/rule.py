"""A rule of policies: its keys and how it judges. See ``known`` for all of them."""

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dspyreg.policy.facts import Facts
    from dspyreg.policy.finding import Finding
    from dspyreg.policy.forms import Form
    from dspyreg.policy.policy import Policy

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


class Rule(NamedTuple):
    """A rule: the keys that it owns, and its findings on a version under a policy."""

    keys: tuple[Key[Any], ...]
    findings: "Callable[[Policy, Facts], Iterator[Finding]]"
