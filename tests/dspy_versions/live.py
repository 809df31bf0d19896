"""Register live programs with this DSPy and load them, with everything that it does not save.

    python tests/dspy_versions/live.py

Exits with 1, and says what is wrong, unless all of it was captured.
"""

import os
import sys
import tempfile
from pathlib import Path

_CACHE = tempfile.TemporaryDirectory(prefix="dspy-cache-", ignore_cleanup_errors=True)
os.environ.setdefault("DSPY_CACHEDIR", _CACHE.name)

import dspy  # noqa: E402 - it makes its cache when it is imported

import dspyreg  # noqa: E402

CONFIG = {"temperature": 0.0, "n": 5}


def search(query: str) -> str:
    """Search the library."""
    return query


def agent():
    """Return an agent with one tool."""
    return dspy.ReAct("question -> answer", tools=[search], max_iters=4)


def configured():
    """Return a predictor with a configuration."""
    return dspy.Predict("question -> answer", **CONFIG)


class Part(dspy.Module):
    """A module that holds another one."""

    def __init__(self, held):
        super().__init__()
        self.held = held


def flex():
    """Return a program with code, if this DSPy has such programs."""
    return dspy.Flex("question -> answer")


def differs(name, found, wanted):
    """Describe a difference between the actual and the expected value."""
    return [] if found == wanted else [f"{name}: {found!r}, not {wanted!r}"]


def of_agent(store):
    """Return what is wrong with the captured tool and attributes of an agent."""
    version = dspyreg.register(agent(), name="agent", registry=store).version
    predictors, settings = version.contract["predictors"], version.settings
    tools = [[tool["name"] for tool in each["tools"]] for each in predictors.values()]
    described = agent()
    described.tools["search"].desc = "Search elsewhere."
    label = dspyreg.register(described, name="agent", registry=store).version.label
    return [
        *differs("tools", ["search"] in tools, True),
        *differs("descriptions", settings["tools"], {"react": {"search": "Search the library."}}),
        *differs("attributes", settings["modules"][""]["max_iters"], 4),
        *differs("another description", label, "1.0.1"),
    ]


def of_configuration(store):
    """Return what is wrong with the captured configuration of a predictor."""
    version = dspyreg.register(configured(), name="configured", registry=store).version
    wrong = differs("configuration", version.settings["predictors"], {"": CONFIG})
    if loads():
        into = dspyreg.load("configured", into=dspy.Predict("question -> answer"), registry=store)
        copy = into.reset_copy()
        wrong += differs("configuration", into.config, CONFIG)
        wrong += differs("provenance", dspyreg.provenance(copy).label, "1.0.0")
    return wrong


def of_adapter(store):
    """Return what is wrong with the captured adapter."""
    with dspy.context(adapter=dspy.JSONAdapter()):
        version = dspyreg.register(configured(), name="adapter", registry=store).version
    return differs("adapter", version.settings["adapter"]["class"].split(".")[-1], "JSONAdapter")


def of_flex(store):
    """Return what is wrong with the captured code."""
    wrong = []
    for nth, make in enumerate((flex, lambda: Part(flex()))):
        outcome = dspyreg.register(make(), name=f"flex{nth}", registry=store)
        wrong += differs("family", outcome.version.format, "D")
        wrong += differs("notices", outcome.notices, ())
        dspyreg.load(f"flex{nth}", into=make(), registry=store)
    return wrong


def of_a_path(store):
    """Return what is wrong with the notice about a value that can never be loaded."""
    program = Part(dspy.Predict("question -> answer"))
    program.held.demos = [dspy.Example(question=Path("a.pdf"), answer="b")]
    notices = dspyreg.register(program, name="path", registry=store).notices
    wanted = "field `question` in demos of predictor `held` is a PosixPath; make it text"
    return differs("path", any(wanted in each for each in notices), True)


def loads():
    """Return whether this DSPy loads states; those before 2.6 do not."""
    return not getattr(dspy, "__version__", "2.5").startswith("2.5")


def check():
    """Return what is wrong."""
    known = [of_agent, of_configuration, of_adapter, of_a_path]
    known += [of_flex] if hasattr(dspy, "Flex") else []
    with tempfile.TemporaryDirectory() as temporary:
        store = Path(temporary) / ".dspyreg"
        dspyreg.init(store)
        return [each for look in known for each in look(store)]


if __name__ == "__main__":
    wrong = check()
    for each in wrong:
        print(each, file=sys.stderr)
    print("live programs", "differ" if wrong else "as captured")
    sys.exit(bool(wrong))
