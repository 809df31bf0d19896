"""What a saved state tells of a predictor's contract: facts that DSPy wrote into it, no guesses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dspyreg.compare.contract import Field, PredictorContract, Tool
from dspyreg.model import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dspyreg.formats.normal import FieldText, Predictor

FINISH: Final = "finish"
# Patterns are compiled by those who have a text for them: a command may have none.
_MARK: Final = r"\$\{([^\W\d]\w*)\}"
_NO_WORD: Final = r"[\W_]+"
_DEFAULT: Final = r"Given the fields ((?:`\w+`, )*`\w+`), produce the fields ((?:`\w+`, )*`\w+`)\."
_DEFAULT_BEGINS: Final = "Given the fields `"
_TOOLS: Final = "the tool must be one of:\n\n"
_TOOL: Final = (
    r"\((\d+)\) ([^\s,]+?)(?:, whose description is <desc>.*</desc>)?\. "
    r"It takes arguments (\{.*\})(?: in JSON format)?\."
)
_LONGEST_ARGUMENTS: Final = 20_000
_THOUGHT, _CHOICE = "next_thought", "next_tool_name"
_RATIONALE: Final = "rationale"  # what a chain of thought gave before its answer until 2.6
_OF_RATIONALE: Final = "${produce the "  # and how its description begins
_THINKS: Final = frozenset({"reasoning", _RATIONALE})


class _Told(NamedTuple):
    """The inputs and outputs that default instructions name."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def read(predictor: Predictor) -> PredictorContract:
    """Return what the state of one predictor tells of its contract."""
    text = predictor.instructions or ""
    names = _names(predictor)
    if _CHOICE in names and _THOUGHT in names:
        cut, tools = names.index(_THOUGHT), _tools(text)
        return _contract(names[:cut], names[cut:], tools=() if tools is None else tools)
    told = _told(text)
    if told is None:
        return _contract(fields=names)
    if not names:
        thought = (_RATIONALE,) if predictor.extended else ()
        return _contract(told.inputs, (*thought, *told.outputs))
    return _directed(names, told, thinks=_thinks(predictor))


def _contract(
    inputs: Iterable[str] = (),
    outputs: Iterable[str] = (),
    fields: Iterable[str] = (),
    tools: tuple[Tool, ...] = (),
) -> PredictorContract:
    return PredictorContract(_named(inputs), _named(outputs), _named(fields), tools)


def _named(names: Iterable[str]) -> tuple[Field, ...]:
    return tuple(Field(name, required=None) for name in names)


def _told(text: str) -> _Told | None:
    match = _default(text)
    if match is None or match.end() < len(text):
        return None
    inputs, outputs = (tuple(re.findall(r"\w+", group)) for group in match.groups())
    return _Told(inputs, outputs)


def _default(text: str) -> re.Match[str] | None:
    return re.match(_DEFAULT, text) if text.startswith(_DEFAULT_BEGINS) else None


def _directed(names: list[str], told: _Told, *, thinks: bool) -> PredictorContract:
    """DSPy keeps inputs before outputs: those up to the last known input are inputs."""
    first, last = [n for n in told.outputs if n in names], [n for n in told.inputs if n in names]
    if not first or not last:
        return _contract(fields=names)
    end = 1 + max(map(names.index, last))
    begin = min(map(names.index, first))
    if begin < end:  # somebody wrote these instructions, and not about these fields
        return _contract(fields=names)
    if thinks and begin > end and names[begin - 1] in _THINKS:
        begin -= 1
    return _contract(names[:end], names[begin:], fields=names[end:begin])


def _thinks(predictor: Predictor) -> bool:
    """Is it the predictor of a chain of thought?"""
    return predictor.extended or predictor.name.rpartition(".")[2] == "predict"


def _names(predictor: Predictor) -> list[str]:
    """The names of all fields in their order; none where one of them is not known."""
    texts = predictor.fields
    if len(texts) == 1 and not texts[0].description:
        return []  # the lone prefix that DSPy kept before 2.5.6 tells nothing of other fields
    known = {name for demo in predictor.demos for name in demo}
    told = _default(predictor.instructions or "")
    if told is not None:
        known.update(re.findall(r"\w+", f"{told[1]} {told[2]}"))
    by_key = {key(name): name for name in sorted(known)}
    found = dict.fromkeys(_name(text, by_key) for text in texts)
    return [] if "" in found else list(found)


def _name(text: FieldText, known: dict[str, str]) -> str:
    """The name of a field: from its mark, else the one that DSPy makes this prefix of."""
    mark = re.fullmatch(_MARK, text.description.strip())
    if mark is not None:
        return mark[1]
    if text.description.startswith(_OF_RATIONALE):
        return _RATIONALE
    words = text.prefix.partition(":")[0]
    spelt = re.sub(_NO_WORD, "_", words.strip()).strip("_").lower()
    return known.get(spelt, spelt)


def key(name: str) -> str:
    """Return what all names have in common that DSPy makes the same prefix of."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    name = re.sub("([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([a-zA-Z])(\d)", r"\1_\2", name)
    name = re.sub(r"(\d)([a-zA-Z])", r"\1_\2", name)
    return re.sub(_NO_WORD, "_", name).strip("_").lower()


def _tools(text: str) -> tuple[Tool, ...] | None:
    """The tools that ReAct's own instructions list; None unless the list is whole."""
    _, begins, rest = text.partition(_TOOLS)
    found = list(_listed(rest)) if begins else []
    if not found or found[-1].name != FINISH:
        return None
    return tuple(found[:-1])


def _listed(text: str) -> Iterator[Tool]:
    for nth, line in enumerate(text.split("\n"), start=1):
        match = re.fullmatch(_TOOL, line)
        if match is None or match[1] != str(nth):
            return
        yield Tool(match[2], _arguments(match[3]))


def _arguments(text: str) -> dict[str, Any] | None:
    """The arguments of a tool, which DSPy writes as Python does; None where that is no data."""
    import ast

    if len(text) > _LONGEST_ARGUMENTS:
        return None
    try:
        value = ast.literal_eval(text)
        canonical.dumps(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, dict) and all(isinstance(k, str) for k in value) else None
