"""The contract of a program: the inputs and outputs of its predictors.

A contract *captured* from a live program has names, types and directions of fields. A *carried*
one was captured of the version that a state was edited from. One *inferred* from a saved state
has names at best. The contract of files that cannot be read is *unknown*.
"""

from typing import Any, Final, NamedTuple, Self

CAPTURED: Final = "captured"
CARRIED: Final = "carried"
INFERRED: Final = "inferred"
UNKNOWN: Final = "unknown"


class Field(NamedTuple):
    """A field of a predictor. ``type``, ``schema`` and ``required`` are None if unknown."""

    name: str
    type: str | None = None
    schema: Any = None
    required: bool | None = True


class Tool(NamedTuple):
    """A tool that a predictor may call, with the JSON schema of each argument; None if unknown."""

    name: str
    arguments: dict[str, Any] | None


class PredictorContract(NamedTuple):
    """The inputs and outputs of one predictor. The direction of ``fields`` is unknown."""

    inputs: tuple[Field, ...] = ()
    outputs: tuple[Field, ...] = ()
    fields: tuple[Field, ...] = ()
    tools: tuple[Tool, ...] = ()

    @property
    def names(self) -> set[str]:
        """The names of all fields."""
        return {field.name for field in (*self.inputs, *self.outputs, *self.fields)}


class Contract(NamedTuple):
    """The contracts of a program's predictors; ``forward`` is the signature of the program."""

    knowledge: str
    predictors: dict[str, PredictorContract]
    forward: str | None = None
    class_path: str | None = None

    @property
    def is_captured(self) -> bool:
        """True if it was captured from a live program, of this version or of the one before."""
        return self.knowledge in {CAPTURED, CARRIED}

    def to_json(self) -> dict[str, Any]:
        """Return the contract as version documents keep it."""
        return {
            "knowledge": self.knowledge,
            "forward": self.forward,
            "class": self.class_path,
            "predictors": {
                name: {
                    "inputs": [field._asdict() for field in predictor.inputs],
                    "outputs": [field._asdict() for field in predictor.outputs],
                    "fields": [field._asdict() for field in predictor.fields],
                    "tools": [tool._asdict() for tool in predictor.tools],
                }
                for name, predictor in self.predictors.items()
            },
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Return the contract in a version document. Unknown members are ignored.

        Raises ``ValueError`` for any other value.
        """
        try:
            return cls(
                knowledge=_text(document["knowledge"]),
                predictors={
                    name: _predictor(each) for name, each in document["predictors"].items()
                },
                forward=_text_or_none(document.get("forward")),
                class_path=_text_or_none(document.get("class")),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a contract: {error}") from error


def _predictor(document: dict[str, Any]) -> PredictorContract:
    return PredictorContract(
        inputs=_fields(document.get("inputs", ())),
        outputs=_fields(document.get("outputs", ())),
        fields=_fields(document.get("fields", ())),
        tools=tuple(
            Tool(_text(tool["name"]), _arguments(tool["arguments"]))
            for tool in document.get("tools", ())
        ),
    )


def _fields(rows: Any) -> tuple[Field, ...]:
    return tuple(
        Field(
            _text(row["name"]),
            _text_or_none(row.get("type")),
            row.get("schema"),
            _boolean_or_none(row.get("required", True)),
        )
        for row in rows
    )


def _arguments(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, dict | None):
        raise TypeError("arguments are an object")
    return value


def _boolean_or_none(value: Any) -> bool | None:
    if not isinstance(value, bool | None):
        raise TypeError("required is true, false or null")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}"[:80])
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


NOT_KNOWN: Final = Contract(UNKNOWN, {})
