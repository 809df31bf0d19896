"""Register, convert and load what another DSPy saved; the DSPy that runs this is today's.

    python tests/dspy_versions/check.py DIRECTORY

Exits with 1, and says what differs, unless prompts would be the same in all that was kept.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from programs import made, said

import dspyreg

LAST_PREFIX_ONLY = "A"


def dspyreg_(*words):
    """Run a command, and return its document."""
    command = [sys.executable, "-m", "dspyreg", *map(str, words), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")
    return json.loads(done.stdout)


def converted(file, name, store):
    """Register a state, check it out, convert that, and let DSPy itself load it."""
    dspyreg_("register", name, file, "--store", store)
    there = Path(dspyreg_("checkout", name, "-o", store.parent / name, "--store", store)["path"])
    family = dspyreg_("convert", there / file.name, "-o", store / f"{name}.json")["family"]
    program = made()[name]
    program.load(str(store / f"{name}.json"))
    return family, said(program)


def loaded(name, store):
    """Load it from the registry."""
    return said(dspyreg.load(f"{name}@latest", into=made()[name], registry=store))


def wanted(file, name, family):
    """What was said where it was saved; texts that were not kept are those of the program."""
    was = json.loads(file.with_suffix(".said").read_text())
    if family == LAST_PREFIX_ONLY:
        for predictor, own in zip(was, said(made()[name]), strict=True):
            predictor["fields"] = own["fields"]
    return was


def check(directory):
    """Return the families of the states in a directory, and what differs."""
    families, problems = set(), []
    with TemporaryDirectory() as temporary:
        store = Path(temporary) / ".dspyreg"
        dspyreg_("init", "--store", store)
        for file in sorted(directory.glob("*.json")):
            family, after = converted(file, file.stem, store)
            families.add(family)
            for how, found in (("converted", after), ("loaded", loaded(file.stem, store))):
                if found != wanted(file, file.stem, family):
                    problems.append(f"{file.stem}, {how}: {found}")
    return families, problems


if __name__ == "__main__":
    families, problems = check(Path(sys.argv[1]))
    assert families, "no state was there"
    for problem in problems:
        print(problem, file=sys.stderr)
    print("family", " and ".join(sorted(families)), "differs" if problems else "the same")
    sys.exit(bool(problems))
