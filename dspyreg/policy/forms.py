"""Forms of the values of keys. Each says how a value is kept as JSON, written and described.

``config.policies`` has the reader of each form in the YAML document; a new form needs one there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, Self, TypeVar

from dspyreg.policy import quantities

if TYPE_CHECKING:
    from collections.abc import Mapping

_T = TypeVar("_T")
DAY: Final = 86_400.0


class Form(Generic[_T]):
    """The form of a value."""

    def from_json(self, value: Any) -> _T:
        """Return the value that JSON holds. Raises ``ValueError`` and the like for another form."""
        raise NotImplementedError

    def written(self, value: _T) -> Any:
        """Return the value as the YAML document has it."""
        return value

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of what the document may have; ``$defs`` are those of its own."""
        raise NotImplementedError


class Truth(Form[bool]):
    """True or false."""

    def from_json(self, value: Any) -> bool:
        """See ``Form``."""
        if not isinstance(value, bool):
            raise TypeError(value)
        return value

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        return {"$ref": "#/$defs/truth"}


class Count(Form[int]):
    """A whole number from 0 up."""

    def from_json(self, value: Any) -> int:
        """See ``Form``."""
        if type(value) is not int or value < 0:
            raise ValueError(value)
        return value

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        return {"type": ["integer", "null"], "minimum": 0}


class Fraction(Form[float]):
    """A number from 0 to 1."""

    def from_json(self, value: Any) -> float:
        """See ``Form``."""
        return number(value)

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        return {"type": ["number", "null"], "minimum": 0, "maximum": 1}


class Time(Form[float]):
    """A length of time in seconds."""

    def __init__(self, *, longest: float, shortest: float = 0.0) -> None:
        self.shortest, self.longest = shortest, longest

    def from_json(self, value: Any) -> float:
        """See ``Form``."""
        return number(value)

    def written(self, value: float) -> str:
        """See ``Form``."""
        return quantities.written_time(value)

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        return {"$ref": "#/$defs/time"}


class Size(Count):
    """A number of bytes."""

    def written(self, value: int) -> str:
        """See ``Form``."""
        return quantities.written_size(value)

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        spelled = {"type": "string", "pattern": f"^{quantities.SIZE}$"}
        return {"anyOf": [{"type": "integer", "minimum": 0}, spelled, {"type": "null"}]}


class Choice(Form[str]):
    """A word of a list; errors call it by its ``kind``."""

    def __init__(self, kind: str, words: tuple[str, ...]) -> None:
        self.kind, self.words = kind, words

    def from_json(self, value: Any) -> str:
        """See ``Form``. A word of a newer dspyreg is kept."""
        return text(value)

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        return {"enum": [*self.words, None]}


class Words(Form[tuple[str, ...]]):
    """A list of names; errors call each by its ``kind``."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def from_json(self, value: Any) -> tuple[str, ...]:
        """See ``Form``."""
        return tuple(map(text, _items(value)))

    def written(self, value: tuple[str, ...]) -> list[str]:
        """See ``Form``."""
        return list(value)

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        return {"$ref": "#/$defs/words"}


class TextDemand(Protocol):
    """A demand in one line: ``accuracy >= 0.85``. ``str`` is the inverse of ``parse``."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the demand that a text spells. Raises ``UsageError``."""

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Return the demand of a JSON object. Raises ``ValueError`` and the like."""

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """Return the JSON Schema of its text."""


_D = TypeVar("_D", bound=TextDemand)


class Demands(Form[tuple[_D, ...]]):
    """A list of demands of one kind."""

    def __init__(self, kind: type[_D]) -> None:
        self.kind = kind

    def from_json(self, value: Any) -> tuple[_D, ...]:
        """See ``Form``."""
        return tuple(self.kind.from_json(each) for each in _items(value))

    def written(self, value: tuple[_D, ...]) -> list[str]:
        """See ``Form``."""
        return list(map(str, value))

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        name = self.kind.__name__.lower()
        return {
            "type": ["array", "null"],
            "items": {"$ref": f"#/$defs/{name}"},
            "uniqueItems": True,
            "$defs": {name: self.kind.schema()},
        }


class Command(NamedTuple):
    """A command of the user's own, for a shell, and its time limit in seconds."""

    run: str
    timeout: float = 600.0


class ShellCommand(Form[Command]):
    """A command for a shell."""

    limit: Final = Time(shortest=0.001, longest=DAY)

    def from_json(self, value: Any) -> Command:
        """See ``Form``."""
        command = Command(**{name: value[name] for name in Command._fields if name in value})
        text(command.run)
        number(command.timeout)
        return command

    def written(self, value: Command) -> dict[str, Any]:
        """See ``Form``."""
        return {"run": value.run, "timeout": self.limit.written(value.timeout)}

    def schema(self) -> dict[str, Any]:
        """See ``Form``."""
        names = ("shell_command", "command")
        timeout = {
            "description": "How long it may take, a day at most.",
            **self.limit.schema(),
            "default": self.limit.written(Command("").timeout),
        }
        command = {
            "description": "A command and its time limit.",
            "type": "object",
            "additionalProperties": False,
            "required": ["run"],
            "properties": {"run": {"$ref": "#/$defs/shell_command"}, "timeout": timeout},
        }
        return {
            "anyOf": [*({"$ref": f"#/$defs/{name}"} for name in names), {"type": "null"}],
            "$defs": {"command": command},
        }


def number(value: Any) -> float:
    """Return a number of JSON. Raises ``TypeError`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return value


def text(value: Any) -> str:
    """Return a text of JSON. Raises ``TypeError`` for anything else."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _items(value: Any) -> list[Any] | tuple[Any, ...]:
    """Return the items of a list, or of the tuple that it was read into."""
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return value
