"""The contract of a live program."""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final

from dspyreg.compare.contract import CAPTURED, Contract, Field, PredictorContract, Tool
from dspyreg.integrations import dspy as door

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LAST_STEPS: Final = frozenset({"finish", "submit"})
_PLAIN: Final = (str, int, float, bool, bytes, type(None))


def capture(program: Any) -> Contract:
    """Return the contract of a live program: its predictors' fields with their types, its tools,
    and its call signature. A predictor that DSPy does not save is not part of it.

    Raises ``UsageError`` for anything but a program.
    """
    door.require_program(program)
    parts = door.parameters(program)
    tools = {
        name: tuple(Tool(tool.name, _arguments(tool)) for tool in agent_tools)
        for name, agent_tools in tools_of(program)
    }
    return Contract(
        knowledge=CAPTURED,
        predictors={
            name: _predictor(part.signature, tools.get(name, ()))
            for name, part in parts.items()
            if hasattr(part, "signature")
        },
        forward=forward(type(program)),
        class_path=door.class_path(program),
    )


def _predictor(signature: Any, tools: tuple[Tool, ...]) -> PredictorContract:
    return PredictorContract(
        inputs=_fields(signature.input_fields),
        outputs=_fields(signature.output_fields),
        tools=tools,
    )


def _fields(fields: Any) -> tuple[Field, ...]:
    return tuple(
        Field(name, type_text(it.annotation), _schema(it), it.is_required())
        for name, it in fields.items()
    )


def type_text(annotation: Any) -> str:
    """Return a type as Python spells it: ``str``, ``list[pkg.Item]``, ``Literal['a', 'b']``."""
    if not isinstance(annotation, type):
        return str(annotation).replace("typing.", "")
    if annotation.__module__ == "builtins":
        return annotation.__qualname__
    return f"{annotation.__module__}.{annotation.__qualname__}"


def _schema(field: Any) -> Any:
    """Return the JSON schema of a field; None for types that pydantic has no schema for."""
    limits = [each for each in field.metadata if not isinstance(each, type)]
    annotation = field.annotation
    if limits:
        annotation = Annotated[(annotation, *limits)]
    adapter = import_module("pydantic").TypeAdapter
    try:
        return _as_json(adapter(annotation).json_schema())
    except Exception:  # a user's type may raise anything
        return None


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=repr))


def tools_of(program: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield the tools of every agent in a program, by the predictor that chooses among them."""
    names = {id(part): name for name, part in door.parameters(program).items()}
    for _, module in program.named_sub_modules(door.imported().Module):
        code_tools = getattr(getattr(module, "_flex_ctx", None), "tools", None)
        tools = _tools(code_tools or getattr(module, "tools", None))
        choosing = [names[id(it)] for it in (module, *vars(module).values()) if id(it) in names]
        if tools and choosing:
            yield choosing[0], tools


def _tools(attribute: Any) -> list[Any]:
    if not isinstance(attribute, dict | list | tuple):
        return []
    items: Iterable[Any] = attribute.values() if isinstance(attribute, dict) else attribute
    tools = map(_tool, items)
    return [tool for tool in tools if tool is not None and tool.name not in _LAST_STEPS]


def _tool(it: Any) -> Any:
    """Return a tool, or the tool made of a function; None for anything else."""
    kind = door.imported().Tool
    if isinstance(it, kind) or not inspect.isfunction(it):
        return it if isinstance(it, kind) else None
    try:
        return kind(it)
    except Exception:  # its annotations may be anything
        return None


def _arguments(tool: Any) -> dict[str, Any] | None:
    """Return the schema of each argument; None for DSPy 2.5, which has only names of types."""
    schemas: dict[str, Any] = _as_json(tool.args or {})
    return schemas if all(isinstance(schema, dict) for schema in schemas.values()) else None


def forward(kind: type) -> str | None:
    """Return the call signature of a class: names, kinds and defaults, without annotations."""
    function = getattr(kind, "forward", None)
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    empty = inspect.Parameter.empty
    plain = [
        it.replace(annotation=empty, default=_default(it.default))
        for it in signature.parameters.values()
    ]
    return str(signature.replace(parameters=plain, return_annotation=empty))


def _default(value: Any) -> Any:
    """Return a default that has the same text in every process: no address of an object."""
    if value is inspect.Parameter.empty or type(value) in _PLAIN:
        return value
    return ... if not isinstance(value, tuple | list | dict) or "<" in repr(value) else value
