"""The same few programs for every DSPy from 2.4 on, and what it says of their predictors."""

import json
import sys
from pathlib import Path

import dspy

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


def made():
    """Return the programs by name, as their classes make them."""
    bare = dspy.Predict(Answer)
    return {
        "flat": bare,
        "qa": QA(),
        "multihop": Multihop(),
        "thinking": dspy.ChainOfThought(Answer),
    }


def optimized():
    """Return them with instructions and examples that their classes do not have."""
    found = made()
    for program in found.values():
        for nth, predictor in enumerate(program.predictors()):
            predictor.demos = EXAMPLES[: 2 - nth % 2]
            for name in ("signature", "extended_signature"):
                if hasattr(predictor, name):
                    changed = getattr(predictor, name).with_instructions(f"{BETTER} ({nth})")
                    setattr(predictor, name, changed)
    return found


def said(program):
    """Return what prompts would be made of, predictor by predictor."""
    return [_said(predictor) for predictor in program.predictors()]


def _said(predictor):
    signature = getattr(predictor, "extended_signature", None) or predictor.signature
    texts = [field.json_schema_extra for field in signature.fields.values()]
    return {
        "instructions": signature.instructions,
        "fields": [[text["prefix"], text["desc"]] for text in texts],
        "demos": [dict(demo.items()) for demo in predictor.demos],
    }


def save(directory):
    """Write every program as a state, and beside it what it says."""
    for name, program in optimized().items():
        program.save(str(directory / f"{name}.json"))
        told = json.dumps(said(program), indent=1)
        (directory / f"{name}.said").write_text(told)


if __name__ == "__main__":
    save(Path(sys.argv[1]))
