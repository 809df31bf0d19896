# ruff: noqa: E501 - paragraphs and rows of tables have their own lengths
"""Write docs/reference/python.md from the public interface itself.

python tests/docs/generate_python_reference.py
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dspyreg
from dspyreg.cli.commands import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs/reference/python.md"
_WIDEST = 90

_HEAD = """\
# Python

This page is generated: `python tests/docs/generate_python_reference.py`. Whatever is not on it is internal.

```python
import dspyreg

with dspyreg.open() as registry:
    outcome = registry.register("qa", "program.json", metrics={"em": 0.81})
    print(outcome.version.label)
    registry.promote("qa@1.0.0", reason="first release")
    print(registry.resolve("qa@staging").label)
    registry.undo()
```

A registry may be shared by threads. Every method that changes something is durable when it returns. In a process that
stays open, `resolve` costs two `stat` calls while nothing has changed.

Errors are in [errors.md](errors.md). Importing `dspyreg` is cheap: each name is imported when it is first used.
"""


def reference() -> str:
    """Return the whole page."""
    public = {name: getattr(dspyreg, name) for name in dspyreg.__all__}
    functions = {name: it for name, it in public.items() if inspect.isfunction(it)}
    errors = {name for name, it in public.items() if _is_error(it)}
    values = {n: it for n, it in public.items() if n not in {*functions, *errors, "Registry"}}
    parts = [_HEAD, "\n## Functions\n"]
    for name, function in functions.items():
        parts += _function(f"dspyreg.{name}", function)
    for title, methods in _families(public["Registry"]):
        parts.append(f"\n## {title}\n")
        for name, method in methods:
            parts += _function(name, method)
    parts.append("\n## Values\n")
    for name, kind in values.items():
        parts += _value(name, kind)
    parts.append("\n## Errors\n\n")
    parts.append(", ".join(f"`{name}`" for name in sorted(errors)) + "\n")
    return "".join(parts)


def _is_error(it: Any) -> bool:
    return inspect.isclass(it) and issubclass(it, Exception)


def _families(registry: Any) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """Yield the registry's own methods, then those for each section of the help, with a title."""
    for kind in (registry, *registry.__bases__):
        section = SECTIONS.get(kind.__module__.rpartition(".")[2])
        title = "Registry" if section is None else f"Registry: {section}"
        found = ((name, getattr(it, "__func__", it)) for name, it in vars(kind).items())
        yield (
            title,
            [(n, it) for n, it in found if inspect.isfunction(it) and not n.startswith("_")],
        )


def _function(name: str, function: Any) -> Iterator[str]:
    yield f"\n### {name}\n\n```python\n{_signature(name, function)}\n```\n\n"
    yield inspect.cleandoc(function.__doc__ or "").replace("``", "`") + "\n"


def _signature(name: str, function: Any) -> str:
    signature = inspect.signature(function)
    parts, keywords = list[str](), False
    for each in signature.parameters.values():
        if each.name == "self":
            continue
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not keywords:
            parts.append("*")
            keywords = True
        default = "" if each.default is inspect.Parameter.empty else f" = {each.default!r}"
        parts.append(f"{each.name}: {each.annotation}{default}")
    line = f"{name}({', '.join(parts)}) -> {signature.return_annotation}"
    if len(line) <= _WIDEST:
        return line
    return f"{name}(\n    " + ",\n    ".join(parts) + f",\n) -> {signature.return_annotation}"


def _value(name: str, kind: Any) -> Iterator[str]:
    yield f"\n### {name}\n\n{inspect.cleandoc(kind.__doc__ or '').replace('``', '`')}\n"
    fields = getattr(kind, "_fields", ())
    if fields:
        yield "\nFields: " + ", ".join(f"`{field}`" for field in fields) + ".\n"
    for member, it in sorted(vars(kind).items()):
        if not member.startswith("_") and member not in fields:
            yield from _line_of(member, it)


def _line_of(name: str, it: Any) -> Iterator[str]:
    function = getattr(it, "__func__", None) or getattr(it, "fget", None) or getattr(it, "func", it)
    if inspect.isfunction(function):
        called = "()" if inspect.isfunction(it) or isinstance(it, classmethod) else ""
        first = inspect.cleandoc(function.__doc__ or "").replace("``", "`").split("\n\n")[0]
        yield f"\n- `{name}{called}`: {' '.join(first.split())}\n"


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
