"""Write some states in ``formats/`` with obsolete versions of DSPy.

    python3.11 -m venv /tmp/old
    /tmp/old/bin/pip install --no-deps dspy==2.5.30
    /tmp/old/bin/pip install anyio asyncer==0.0.8 backoff cachetools datasets diskcache httpx \
        'joblib<2' json-repair 'litellm==1.53.1' magicattr openai optuna pandas pydantic regex \
        requests tenacity tqdm ujson
    /tmp/old/bin/python tests/golden/make_old_states.py

DSPy 2.5.30 asks for litellm 1.51.0, which is gone from the package index; the next one does.
States from 2.5.6 to 2.5.42 (family B) have no metadata: their bytes do not tell who wrote them.
With ``dspy-ai==2.4.17`` it writes the state of family A that has the names of fields.
Nothing is optimized and no model is called.
"""

from importlib.metadata import packages_distributions, version
from pathlib import Path

import dspy

HERE = Path(__file__).resolve().parent / "formats"

EXAMPLES = [
    dspy.Example(question="Is the Danube longer than the Nile?", rationale="No.", answer="no"),
    dspy.Example(question="What is 2 + 2?", answer="4", augmented=True),
]


class Answer(dspy.Signature):
    """Answer with a short fact."""

    question = dspy.InputField()
    answer = dspy.OutputField(prefix="Short answer:", desc="one to five words")


class QA(dspy.Module):
    """A chain of thought: its key is its own name, and its state contains the signature twice."""

    def __init__(self):
        super().__init__()
        self.generate = dspy.ChainOfThought(Answer)


class Twofold(dspy.Module):
    """Predictors whose names differ only in an end that DSPy 2.5 strips: ``._predict``."""

    def __init__(self):
        super().__init__()
        self._predict = dspy.Predict("question -> plan")
        self.predict = dspy.Predict("question, plan -> answer")


class Split(dspy.Module):
    """A module with the keys ``x`` and ``x.predict``."""

    def __init__(self):
        super().__init__()
        self.x = Twofold()


def write(name, program, **how):
    """Give the first predictor examples, and save the program."""
    program.predictors()[0].demos = EXAMPLES
    program.save(str(HERE / f"{name}.json"), **how)


def write_family_a():
    """Save with the names of the fields, as was possible until 2.5.5."""
    write("a-names-of-fields", QA(), save_field_meta=True)


def write_family_b():
    """Save as these releases did, with and without keys."""
    write("b-keyed", QA())
    write("b-flat", dspy.Predict(Answer))
    write("b-split-keys", Split())
    write("b-bare-chain-of-thought", dspy.ChainOfThought(Answer))


if __name__ == "__main__":
    [package] = packages_distributions()["dspy"]
    {"2.4.17": write_family_a, "2.5.30": write_family_b}[version(package)]()
