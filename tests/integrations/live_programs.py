"""Live programs for tests: those of the corpus, built again, or a skip with a message."""

from __future__ import annotations

import atexit
import json
import os
import tempfile
import warnings
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Literal, Optional

import pytest
from builders import a_local_registry

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.registry.facade.registry import Registry

try:
    DSPY = int(version("dspy").partition(".")[0])
except PackageNotFoundError:
    DSPY = 0
if DSPY < 3:
    pytest.skip(
        "dspy 3 is not installed: no live program was captured or loaded", allow_module_level=True
    )

_CACHE = tempfile.TemporaryDirectory(prefix="dspy-cache-", ignore_cleanup_errors=True)
atexit.register(_CACHE.cleanup)
os.environ.setdefault("DSPY_CACHEDIR", _CACHE.name)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # ignore warnings of DSPy's own dependencies
    import cloudpickle
    import dspy
    from pydantic import BaseModel

MODEL = "openai/gpt-4o-mini"
OUR_WARNINGS_ONLY = pytest.mark.filterwarnings("ignore")


class QA(dspy.Module):
    """Answers with a chain of thought."""

    def __init__(self, signature: Any = "question -> answer") -> None:
        super().__init__()
        self.generate = dspy.ChainOfThought(signature)

    def forward(self, question: str) -> Any:
        return self.generate(question=question)


class MultiHop(dspy.Module):
    """Two queries, one answer."""

    def __init__(self, retrieve: Any = None) -> None:
        super().__init__()
        if retrieve is not None:
            self.retrieve = retrieve
        hop = "context, question -> search_query"
        self.generate_query = [dspy.ChainOfThought(hop) for _ in range(2)]
        self.generate_answer = dspy.ChainOfThought("context, question -> answer")

    def forward(self, question):
        return self.generate_answer(context="", question=question)


class Item(BaseModel):
    name: str
    qty: int


class Extract(dspy.Signature):
    """Extract line items from an invoice."""

    text: str = dspy.InputField()
    items: list[Item] = dspy.OutputField()
    currency: Literal["USD", "EUR"] = dspy.OutputField()
    notes: Optional[str] = dspy.OutputField()  # noqa: UP045 - as the corpus spells it


class Outer(dspy.Module):
    """A module with a part that was compiled before."""

    def __init__(self, *, frozen: bool = True) -> None:
        super().__init__()
        self.sub = QA()
        self.sub._compiled = frozen
        self.final = dspy.Predict("draft -> answer")


def search(query: str) -> str:
    """Search."""
    return query


def react() -> Any:
    return dspy.ReAct("question -> answer", tools=[search])


def a_predictor(signature: Any = "question -> answer", **members: Any) -> Any:
    """Return a bare predictor with these members."""
    found = dspy.Predict(signature)
    for name, value in members.items():
        setattr(found, name, value)
    return found


def registered(registry: Registry, directory: Path, state: Any, **more: Any) -> str:
    """Register a state, as bytes or as a JSON value; return its selector."""
    path = directory / "program.json"
    path.write_bytes(state if isinstance(state, bytes) else json.dumps(state).encode())
    return str(registry.register("qa", path, force=True, **more).version)


def a_state(**members: Any) -> dict[str, Any]:
    """Return the state of a bare predictor with these members."""
    texts = [
        {"prefix": f"{n.title()}:", "description": f"${{{n}}}"} for n in ("question", "answer")
    ]
    signature = {"instructions": "Answer in one word.", "fields": texts}
    plain: dict[str, Any] = {"traces": [], "train": [], "demos": [], "signature": signature}
    return {**plain, "lm": None, **members, "metadata": {"dependency_versions": {"dspy": "3.4.1"}}}


__all__ = [
    "MODEL",
    "OUR_WARNINGS_ONLY",
    "QA",
    "Extract",
    "Item",
    "MultiHop",
    "Outer",
    "a_local_registry",
    "a_predictor",
    "a_state",
    "cloudpickle",
    "dspy",
    "react",
    "registered",
    "search",
]
