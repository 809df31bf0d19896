"""The contract of a program: what goes into its predictors and what comes out.

*Captured* from a live program it knows names, types and which way a field goes. *Carried*, it is
what was captured of the version that a state was edited from. *Inferred* from
a saved state it knows names at best, and never claims more. Of files that nothing can be read from
it is *unknown*.
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

if TYPE_CHECKING:
    from dspyreg.formats.normal import Program

CAPTURED: Final = "captured"
CARRIED: Final = "carried"
INFERRED: Final = "inferred"
UNKNOWN: Final = "unknown"


class Field(NamedTuple):
    """A field of a predictor; ``type``, ``schema`` and ``required`` are None where they are not
    known.
    """

    name: str
    type: str | None = None
    schema: Any = None
    required: bool | None = True


class Tool(NamedTuple):
    """A tool that a predictor may call, and the JSON schema of each of its arguments; None where
    they are not known.
    """

    name: str
    arguments: dict[str, Any] | None


class PredictorContract(NamedTuple):
    """What one predictor takes and gives. ``fields`` are those whose direction is not known."""

    inputs: tuple[Field, ...] = ()
    outputs: tuple[Field, ...] = ()
    fields: tuple[Field, ...] = ()
    tools: tuple[Tool, ...] = ()

    @property
    def names(self) -> set[str]:
        """The names of all fields."""
        return {field.name for field in (*self.inputs, *self.outputs, *self.fields)}


class Contract(NamedTuple):
    """What a program takes and gives, by predictor; ``forward`` is its own signature."""

    knowledge: str
    predictors: dict[str, PredictorContract]
    forward: str | None = None
    class_path: str | None = None

    @property
    def is_captured(self) -> bool:
        """Is it what was captured from a live program, of this version or the one before?"""
        return self.knowledge in {CAPTURED, CARRIED}

    def to_json(self) -> dict[str, Any]:
        """The contract as version documents keep it."""
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
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return the contract of a version document; unknown members are ignored.

        Raises ``ValueError`` for what is none.
        """
        try:
            return cls(
                knowledge=_text(told["knowledge"]),
                predictors={name: _predictor(each) for name, each in told["predictors"].items()},
                forward=_text_or_none(told.get("forward")),
                class_path=_text_or_none(told.get("class")),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a contract: {error}") from error


def _predictor(told: dict[str, Any]) -> PredictorContract:
    return PredictorContract(
        inputs=_fields(told.get("inputs", ())),
        outputs=_fields(told.get("outputs", ())),
        fields=_fields(told.get("fields", ())),
        tools=tuple(
            Tool(_text(tool["name"]), _arguments(tool["arguments"]))
            for tool in told.get("tools", ())
        ),
    )


def _fields(told: Any) -> tuple[Field, ...]:
    return tuple(
        Field(
            _text(f["name"]),
            _text_or_none(f.get("type")),
            f.get("schema"),
            _truth_or_none(f.get("required", True)),
        )
        for f in told
    )


def _arguments(told: Any) -> dict[str, Any] | None:
    if not isinstance(told, dict | None):
        raise TypeError("arguments are an object")
    return told


def _truth_or_none(told: Any) -> bool | None:
    if not isinstance(told, bool | None):
        raise TypeError("required is true, false or null")
    return told


def _text(told: Any) -> str:
    if not isinstance(told, str):
        raise TypeError(f"not a text: {told!r}"[:80])
    return told


def _text_or_none(told: Any) -> str | None:
    return None if told is None else _text(told)


def inferred(program: "Program") -> Contract:
    """Return what a saved state alone tells of its contract.

    Names of fields come from the marks, prefixes and demos that DSPy writes. Which way a field
    goes, and which tools there are, is known only from instructions that DSPy wrote itself and
    nobody has changed since. Types are never known.
    """
    from dspyreg.compare.inferring import read

    return Contract(INFERRED, {each.name: read(each) for each in program.predictors})


NOT_KNOWN: Final = Contract(UNKNOWN, {})
