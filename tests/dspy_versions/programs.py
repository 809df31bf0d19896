"""The same few programs for every DSPy from 2.4 on, and its prompts of their predictors.

    python tests/dspy_versions/programs.py DIRECTORY

saves each there as a state, registers each live, and writes down what it says.
"""

import json
import sys
from pathlib import Path
from typing import Literal

import dspy
from pydantic import BaseModel

import dspyreg

EXAMPLES = [
    dspy.Example(question="Is the Danube longer than the Nile?", answer="no"),
    dspy.Example(question="Wie heißt „Öl“ auf Englisch?", answer='"oil"', augmented=True),
]
BETTER = "Answer with a short fact.\nIf it cannot be known, say “unknown”."


class Answer(dspy.Signature):
    """Answer the question."""

    question = dspy.InputField(desc="what somebody wants to know")
    answer = dspy.OutputField(prefix="Short answer:", desc="one to five words")


class Query(dspy.Signature):
    """Say what to search for."""

    context = dspy.InputField()
    question = dspy.InputField()
    query = dspy.OutputField(desc="")


class Line(BaseModel):
    """A type of a program's own."""

    name: str
    number: int


class Bill(dspy.Signature):
    """Read a bill."""

    text: str = dspy.InputField()
    lines: list[Line] = dspy.OutputField()
    currency: Literal["EUR", "USD"] = dspy.OutputField()


def search(query: str) -> str:
    """Search."""
    return query


class QA(dspy.Module):
    """One chain of thought."""

    def __init__(self):
        super().__init__()
        self.generate = dspy.ChainOfThought(Answer)


class Multihop(dspy.Module):
    """Predictors in a list, beside one and inside of another module."""

    def __init__(self):
        super().__init__()
        self.queries = [dspy.ChainOfThought(Query) for _ in range(2)]
        self.draft = QA()
        self.answer = dspy.Predict(Answer)


KEEPS_MODELS = hasattr(getattr(dspy, "LM", None), "dump_state")  # in a state that is JSON
PRIVATE = "private"
MODELS = {
    "plain": {"model": "openai/gpt-4o-mini", "temperature": 0.3, "max_tokens": 900},
    "reasoning": {"model": "openai/o3-mini", "temperature": 1.0, "max_tokens": 20_000},
    PRIVATE: {"model": "openai/mine", "api_base": "https://llm.internal.example/v1"},
}


def made():
    """Return the programs by name, as their classes build them."""
    found = {
        "flat": dspy.Predict(Answer),
        "qa": QA(),
        "multihop": Multihop(),
        "thinking": dspy.ChainOfThought(Answer),
        "typed": dspy.Predict(Bill),
    }
    if hasattr(dspy, "Tool"):
        found["agent"] = dspy.ReAct("question -> answer", tools=[search])
    if KEEPS_MODELS:
        found |= {name: QA() for name in MODELS}
    return found


def optimized():
    """Return the programs with instructions, examples and models that their classes do not have."""
    found = made()
    for name, program in found.items():
        for nth, predictor in enumerate(program.predictors()):
            predictor.demos = EXAMPLES[: 2 - nth % 2]
            if name in MODELS:
                predictor.lm = dspy.LM(**MODELS[name])
            for each in ("signature", "extended_signature"):
                if hasattr(predictor, each):
                    changed = getattr(predictor, each).with_instructions(f"{BETTER} ({nth})")
                    setattr(predictor, each, changed)
    return found


def said(program):
    """Return the content of the prompts, predictor by predictor."""
    return [_said(predictor) for predictor in program.predictors()]


def _said(predictor):
    signature = getattr(predictor, "extended_signature", None) or predictor.signature
    texts = [field.json_schema_extra for field in signature.fields.values()]
    return {
        "instructions": signature.instructions,
        "fields": [[text["prefix"], text["desc"]] for text in texts],
        "demos": [dict(demo.items()) for demo in predictor.demos],
        "model": _told(predictor.lm) if KEEPS_MODELS and predictor.lm else None,
    }


def _told(lm):
    """Return the request to a language model."""
    given = {key: value for key, value in lm.kwargs.items() if value is not None}
    return {"model": lm.model, "type": lm.model_type, **given}


def save(directory):
    """Write every program as a state beside the content of its prompts, and register it live."""
    dspyreg.init(directory / "live")
    for name, program in optimized().items():
        program.save(str(directory / f"{name}.json"))
        told = json.dumps(said(program), indent=1)
        (directory / f"{name}.said").write_text(told)
        dspyreg.register(program, name=name, registry=directory / "live")


if __name__ == "__main__":
    save(Path(sys.argv[1]))
