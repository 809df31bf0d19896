"""Compile with every optimizer of this DSPy, without a model, and register the results.

    python tests/dspy_versions/optimizers.py [OPTIMIZER]...

Exits with 1 if a registration fails, or records another score than the mean of the metric. An
optimizer that this DSPy does not have, or that asks for a package that is not installed, is said
to be skipped.
"""

import inspect
import json
import os
import re
import sys
import tempfile
from pathlib import Path

_CACHE = tempfile.TemporaryDirectory(prefix="dspy-cache-", ignore_cleanup_errors=True)
os.environ.setdefault("DSPY_CACHEDIR", _CACHE.name)

import dspy  # noqa: E402 - it makes its cache when it is imported
from dspy.utils import DummyLM  # noqa: E402

import dspyreg  # noqa: E402

HOME = "/home/somebody/runs"
EXAMPLES = [
    dspy.Example(question=f"{n} + {n}?", answer=str(2 * n)).with_inputs("question")
    for n in (1, 2, 1, 3)
]
HALF = 0.5  # the stub answers "2", which is right in two of four
PERCENT, FRACTION = ("percent", 50.0), ("fraction", 0.5)
# The score that each is known to leave; None: nothing.
LEAVES = {
    "LabeledFewShot": None,
    "BootstrapFewShot": None,
    "BootstrapFewShotWithRandomSearch": PERCENT,
    "MIPROv2": PERCENT,
    "COPRO": PERCENT,
    "InferRules": None,
    "KNNFewShot": None,
    "Ensemble": None,
    "SIMBA": FRACTION,
    "BetterTogether": PERCENT,
    "GEPA": FRACTION,
}


class Stub(DummyLM):
    """A language model that answers 2 to every field, in any requested form."""

    def __init__(self):
        super().__init__([{"answer": "2"}])

    def __call__(self, prompt=None, messages=None, **request):
        text = prompt if isinstance(prompt, str) else str((messages or prompt)[-1]["content"])
        asked = text.rpartition("Respond with")[2]
        fields = re.findall(r"\[\[ ## (\w+) ## \]\]", asked)
        if fields:
            told = (
                f"[[ ## {name} ## ]]\n{_value(name)}\n" for name in fields if name != "completed"
            )
            answer = "\n".join(told) + "\n[[ ## completed ## ]]"
        else:
            names = re.findall(r"`(\w+)`", asked)
            answer = json.dumps({n: _value(n) for n in names}) if names else "```\nAdd.\n```"
        return [answer] * (request.get("n") or 1)

    def copy(self, **request):
        return self

    def launch(self, *_):
        """Do nothing: BetterTogether launches models, and stops them again."""

    kill = launch


def _value(name):
    return {"module_advice": "{}"}.get(name, "2")


class QA(dspy.Module):
    """One predictor."""

    def __init__(self):
        super().__init__()
        self.answer = dspy.Predict("question -> answer")

    def forward(self, question):
        return self.answer(question=question)


def right(example, prediction, trace=None, *_):
    """Return whether an answer is right, as a number."""
    return float(getattr(prediction, "answer", None) == example.answer)


def judged(example, prediction, trace=None, name=None, _=None):
    """Return the same metric for GEPA, with feedback."""
    return dspy.Prediction(score=right(example, prediction), feedback="Add.")


def _labeled(make):
    return make(k=2).compile(QA(), trainset=EXAMPLES)


def _bootstrap(make):
    return make(metric=right).compile(QA(), trainset=EXAMPLES)


def _random_search(make):
    optimizer = make(metric=right, num_candidate_programs=1, num_threads=1)
    return optimizer.compile(QA(), trainset=EXAMPLES, valset=EXAMPLES)


def _mipro(make):
    settings = {"auto": None, "num_candidates": 2, "num_threads": 1, "log_dir": _logs()}
    optimizer = make(
        metric=right, max_bootstrapped_demos=1, max_labeled_demos=1, **_known(make, settings)
    )
    settings = {"requires_permission_to_run": False, "num_trials": 2, "minibatch": False}
    settings = _known(make.compile, settings)
    return optimizer.compile(QA(), trainset=EXAMPLES, valset=EXAMPLES, **settings)


def _known(function, settings):
    """Return the settings that this DSPy accepts."""
    parameters = inspect.signature(function).parameters
    return {name: value for name, value in settings.items() if name in parameters}


def _logs():
    """Return a directory for logs; DSPy 2.5 cannot save into one."""
    old = getattr(dspy, "__version__", "2.5").startswith("2.5")
    return None if old else tempfile.mkdtemp(dir=_CACHE.name)


def _copro(make):
    optimizer = make(metric=right, breadth=2, depth=1, track_stats=True)
    return optimizer.compile(QA(), trainset=EXAMPLES, eval_kwargs={"num_threads": 1})


def _rules(make):
    optimizer = make(metric=right, num_candidates=1, num_rules=1, num_threads=1)
    return optimizer.compile(QA(), trainset=EXAMPLES, valset=EXAMPLES)


def _knn(make):
    import numpy

    def vectorizer(texts):
        return numpy.array([[float(len(text))] for text in texts])

    return make(k=1, trainset=EXAMPLES, vectorizer=vectorizer).compile(QA())


def _ensemble(make):
    return make(size=2).compile([QA(), QA()])


def _simba(make):
    optimizer = make(metric=right, bsize=2, num_candidates=2, max_steps=1, max_demos=1)
    return optimizer.compile(QA(), trainset=EXAMPLES)


def _better_together(make):
    program = QA()
    program.set_lm(Stub())
    search = dspy.BootstrapFewShotWithRandomSearch(
        metric=right, num_candidate_programs=1, num_threads=1
    )
    if "prompt_optimizer" in inspect.signature(make).parameters:  # until 3.0 it leaves no scores
        optimizer, strategy = make(metric=right, prompt_optimizer=search), "p"
    else:
        optimizer, strategy = make(metric=right, search=search), "search"
    more = _known(make.compile, {"valset": EXAMPLES})
    return optimizer.compile(program, trainset=EXAMPLES, strategy=strategy, **more)


def _gepa(make):
    optimizer = make(
        metric=judged,
        max_metric_calls=30,
        reflection_lm=Stub(),
        track_stats=True,
        num_threads=1,
        reflection_minibatch_size=2,
    )
    compiled = optimizer.compile(QA(), trainset=EXAMPLES, valset=EXAMPLES)
    object.__setattr__(compiled.detailed_results, "log_dir", HOME)  # where a real run kept its logs
    return compiled


RECIPES = {
    "LabeledFewShot": _labeled,
    "BootstrapFewShot": _bootstrap,
    "BootstrapFewShotWithRandomSearch": _random_search,
    "MIPROv2": _mipro,
    "COPRO": _copro,
    "InferRules": _rules,
    "KNNFewShot": _knn,
    "Ensemble": _ensemble,
    "SIMBA": _simba,
    "BetterTogether": _better_together,
    "GEPA": _gepa,
}


def maker(name):
    """Return an optimizer's class, or None if this DSPy has none of that name."""
    found = getattr(dspy, name, None) or getattr(dspy.teleprompt, name, None)
    return found if isinstance(found, type) else None


def registered(name, compiled, store):
    """Register what an optimizer made, and return what is wrong with it."""
    outcome = dspyreg.register(compiled, name=name, optimizer=name, registry=store)
    version, problems = outcome.version, []
    files = [file.path for file in version.files]
    told = version.metadata.get("score_scale"), version.metadata.get("raw_score")
    expected = LEAVES[name]
    if name == "BetterTogether" and told == (None, None):
        expected = None
    if expected is not None and (version.score, told) != (HALF, expected):
        problems.append(f"score {version.score}, {told}")
    if expected is None and version.score is not None:
        problems.append(f"score {version.score}, from nowhere")
    if expected is not None and "optimizer.json" not in files:
        problems.append(f"files {files}")
    with dspyreg.open(store) as registry:
        record = registry.read(f"{name}@latest", "optimizer.json") if len(files) > 1 else b""
    if HOME.encode() in record or _CACHE.name.encode() in record:
        problems.append("a path of this machine")
    problems += [each for each in outcome.notices if "was not recorded" in each]
    if (name == "KNNFewShot") is not any("forward" in each for each in outcome.notices):
        problems.append(f"notices {outcome.notices}")
    return problems


def check(names):
    """Return what is wrong, optimizer by optimizer."""
    found = {}
    with tempfile.TemporaryDirectory() as temporary:
        store = Path(temporary) / ".dspyreg"
        dspyreg.init(store)
        for name in names:
            make = maker(name)
            if make is None:
                print(f"{name}: skipped: this DSPy has none", file=sys.stderr)
                continue
            try:
                with dspy.context(lm=Stub(), experimental=True):
                    compiled = RECIPES[name](make)
            except ImportError as error:
                print(f"{name}: skipped: {error}", file=sys.stderr)
                continue
            found[name] = registered(name, compiled, store)
    return found


if __name__ == "__main__":
    found = check(sys.argv[1:] or RECIPES)
    for name, problems in found.items():
        print(f"{name}: {'; '.join(problems) or 'ok'}", file=sys.stderr)
    print(len(found), "optimizers", "differ" if any(found.values()) else "as recorded")
    sys.exit(any(found.values()))
