"""The contract of a program, inferred from facts that DSPy wrote into its saved state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.contract import INFERRED, Contract, Field, PredictorContract, Tool
from dspyreg.model import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dspyreg.formats.normal import FieldText, Predictor, Program

FINISH: Final = "finish"
# Patterns are compiled on first use, because many commands need none of them.
_MARK: Final = r"\$\{([^\W\d]\w*)\}"
_NO_WORD: Final = r"[\W_]+"
_DEFAULT: Final = r"Given the fields ((?:`\w+`, )*`\w+`), produce the fields ((?:`\w+`, )*`\w+`)\."
_DEFAULT_BEGINS: Final = "Given the fields `"
_TOOLS: Final = "the tool must be one of:\n\n"
_TOOL: Final = (
    r"\((\d+)\) ([^\s,]+?)(?:, whose description is <desc>.*</desc>)?\. "
    r"It takes arguments (\{.*\})(?: in JSON format)?\."
)
_MAX_ARGUMENTS: Final = 20_000  # characters
_THOUGHT, _CHOICE = "next_thought", "next_tool_name"
_RATIONALE: Final = "rationale"  # the output of a chain of thought before its answer, until 2.6
_OF_RATIONALE: Final = "${produce the "  # the start of its description
_REASONING: Final = frozenset({"reasoning", _RATIONALE})


class _DefaultFields(NamedTuple):
    """The inputs and outputs that default instructions name."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def inferred(program: Program) -> Contract:
    """Return the contract that a saved state alone supports.

    The names of fields come from the marks, prefixes and demos that DSPy writes. Directions and
    tools are known only from unchanged default instructions. Types are never known.
    """
    return Contract(INFERRED, {each.name: read(each) for each in program.predictors})


def read(predictor: Predictor) -> PredictorContract:
    """Return the contract of one predictor, from its state."""
    text = predictor.instructions or ""
    names = _names(predictor)
    if _CHOICE in names and _THOUGHT in names:
        cut, tools = names.index(_THOUGHT), _tools(text)
        return _contract(names[:cut], names[cut:], tools=() if tools is None else tools)
    default = _default_fields(text)
    if default is None:
        return _contract(fields=names)
    if not names:
        thought = (_RATIONALE,) if predictor.extended else ()
        return _contract(default.inputs, (*thought, *default.outputs))
    return _directed(names, default, thinks=_thinks(predictor))


def _contract(
    inputs: Iterable[str] = (),
    outputs: Iterable[str] = (),
    fields: Iterable[str] = (),
    tools: tuple[Tool, ...] = (),
) -> PredictorContract:
    return PredictorContract(_named(inputs), _named(outputs), _named(fields), tools)


def _named(names: Iterable[str]) -> tuple[Field, ...]:
    return tuple(Field(name, required=None) for name in names)


def _default_fields(text: str) -> _DefaultFields | None:
    match = _default(text)
    if match is None or match.end() < len(text):
        return None
    inputs, outputs = (tuple(re.findall(r"\w+", group)) for group in match.groups())
    return _DefaultFields(inputs, outputs)


def _default(text: str) -> re.Match[str] | None:
    return re.match(_DEFAULT, text) if text.startswith(_DEFAULT_BEGINS) else None


def _directed(names: list[str], default: _DefaultFields, *, thinks: bool) -> PredictorContract:
    """Return the contract with directions.

    DSPy keeps inputs before outputs, so every field up to the last known input is an input.
    """
    first = [name for name in default.outputs if name in names]
    last = [name for name in default.inputs if name in names]
    if not first or not last:
        return _contract(fields=names)
    end = 1 + max(map(names.index, last))
    begin = min(map(names.index, first))
    if begin < end:  # instructions of another signature
        return _contract(fields=names)
    if thinks and begin > end and names[begin - 1] in _REASONING:
        begin -= 1
    return _contract(names[:end], names[begin:], fields=names[end:begin])


def _thinks(predictor: Predictor) -> bool:
    """Return whether this is the predictor of a chain of thought."""
    return predictor.extended or predictor.name.rpartition(".")[2] == "predict"


def _names(predictor: Predictor) -> list[str]:
    """Return the names of all fields in order; an empty list if any of them is unknown."""
    texts = predictor.fields
    if len(texts) == 1 and not texts[0].description:
        return []  # DSPy before 2.5.6 kept only the last prefix: other fields are unknown
    known = {name for demo in predictor.demos for name in demo}
    match = _default(predictor.instructions or "")
    if match is not None:
        known.update(re.findall(r"\w+", f"{match[1]} {match[2]}"))
    by_key = {key(name): name for name in sorted(known)}
    names = dict.fromkeys(_name(text, by_key) for text in texts)
    return [] if "" in names else list(names)


def _name(text: FieldText, known: dict[str, str]) -> str:
    """Return the name of a field: from its mark, else the one that DSPy turns into its prefix."""
    mark = re.fullmatch(_MARK, text.description.strip())
    if mark is not None:
        return mark[1]
    if text.description.startswith(_OF_RATIONALE):
        return _RATIONALE
    words = text.prefix.partition(":")[0]
    spelt = re.sub(_NO_WORD, "_", words.strip()).strip("_").lower()
    return known.get(spelt, spelt)


def key(name: str) -> str:
    """Return a key that is the same for all names that DSPy turns into the same prefix."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    name = re.sub("([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([a-zA-Z])(\d)", r"\1_\2", name)
    name = re.sub(r"(\d)([a-zA-Z])", r"\1_\2", name)
    return re.sub(_NO_WORD, "_", name).strip("_").lower()


def _tools(text: str) -> tuple[Tool, ...] | None:
    """Return the tools in ReAct's default instructions; None unless the list is complete."""
    _, heading, rest = text.partition(_TOOLS)
    tools = list(_listed(rest)) if heading else []
    if not tools or tools[-1].name != FINISH:
        return None
    return tuple(tools[:-1])


def _listed(text: str) -> Iterator[Tool]:
    for n, line in enumerate(text.split("\n"), start=1):
        match = re.fullmatch(_TOOL, line)
        if match is None or match[1] != str(n):
            return
        yield Tool(match[2], _arguments(match[3]))


def _arguments(text: str) -> dict[str, Any] | None:
    """Return the arguments of a tool, written as a Python literal; None for anything else."""
    import ast

    if len(text) > _MAX_ARGUMENTS:
        return None
    try:
        value = ast.literal_eval(text)
        canonical.dumps(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, dict) and all(isinstance(k, str) for k in value) else None
