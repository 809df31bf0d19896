"""Write the programs that ``dspyreg demo`` registers, with DSPy itself.

    python3.11 -m venv /tmp/dspy && /tmp/dspy/bin/pip install dspy
    /tmp/dspy/bin/python tests/golden/make_demo_programs.py

Nothing is optimized and no model is called: instructions and demos are written here by hand.
The same DSPy, cloudpickle and Python write the same bytes (each state names the three in its
``metadata``); the files in the package come from dspy 3.4.1 on Python 3.11.
"""

from pathlib import Path

import dspy

PROGRAMS = Path(__file__).resolve().parents[2] / "dspyreg" / "demo" / "programs"

TERSE = "Answer the question."

BETTER = """\
Answer the question with a short fact: a name, a date, a number, or yes or no.
Reason in one or two sentences first, one fact at a time.
If the answer cannot be known, answer "unknown"; never guess."""

OVERLONG = """\
You are a world-class expert in every field of human knowledge, and a friendly and engaging writer.
Answer the question as completely as you can. Begin by restating the question in your own words, so
that the reader can see that you have understood it. Then give the history of the subject, the most
important people and places in it, and any facts that are interesting, surprising or fun, even where
they were not asked for. Always give an answer: if you are not sure, make a confident guess, because
the reader has no time for doubt. Write in full paragraphs, use a rich vocabulary, and do not worry
about length. Do not be too short. Do not leave anything out. Close with a summary of your answer, a
question that invites the reader to go on, and a warm word of thanks. This is very important!"""

SUMMARY = """\
Summarize the article in at most three sentences.
Keep the names and the numbers; add nothing that the article does not say."""

GOOD_DEMOS = [
    dspy.Example(
        question="In which year did the author of The Left Hand of Darkness die?",
        reasoning="Ursula K. Le Guin wrote The Left Hand of Darkness. She died in January 2018.",
        answer="2018",
    ),
    dspy.Example(
        question="Is the Danube longer than the Nile?",
        reasoning="The Danube is about 2,850 km long. The Nile is about 6,650 km long.",
        answer="no",
    ),
    dspy.Example(
        question="What did Ada Lovelace have for breakfast on 10 December 1842?",
        reasoning="No letter or diary is known that records it.",
        answer="unknown",
    ),
]

# The first question of GOOD_DEMOS again, so that a diff shows the same demo with a bad answer.
RAMBLING_DEMO = dspy.Example(
    question=GOOD_DEMOS[0].question,
    reasoning=(
        "What a wonderful question! The Left Hand of Darkness, one of the great novels of its "
        "century, was written by Ursula K. Le Guin, who also gave us Earthsea."
    ),
    answer=(
        "The beloved author of The Left Hand of Darkness, Ursula K. Le Guin, left us in the year "
        "2018, after a long and remarkable life. Would you like to hear about her other books?"
    ),
)


class QA(dspy.Module):
    """Answer a question, after reasoning about it."""

    def __init__(self):
        super().__init__()
        self.generate = dspy.ChainOfThought("question -> answer")

    def forward(self, question):
        return self.generate(question=question)


class Summarize(dspy.Module):
    """Say what an article says, shorter."""

    def __init__(self):
        super().__init__()
        self.summarize = dspy.Predict("article -> summary")

    def forward(self, article):
        return self.summarize(article=article)


def write(name, program, *, instructions, demos=()):
    """Save ``program`` with these instructions and demos, and check that it loads back."""
    [predictor] = program.predictors()
    predictor.signature = predictor.signature.with_instructions(instructions)
    predictor.demos = list(demos)
    path = PROGRAMS / f"{name}.json"
    program.save(path)

    loaded = type(program)()
    loaded.load(path)
    assert loaded.dump_state() == program.dump_state(), name
    assert path.stat().st_size < 6000, name


if __name__ == "__main__":
    PROGRAMS.mkdir(parents=True, exist_ok=True)
    write("qa-1", QA(), instructions=TERSE)
    write("qa-2", QA(), instructions=BETTER, demos=GOOD_DEMOS)
    write("qa-3", QA(), instructions=OVERLONG, demos=[RAMBLING_DEMO])
    write("summarize-1", Summarize(), instructions=SUMMARY)
