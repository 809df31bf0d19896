"""Register, convert and load states saved by another DSPy, with the current one.

    python tests/dspy_versions/check.py DIRECTORY
    python tests/dspy_versions/check.py DIRECTORY --live     only load what it registered live
    python tests/dspy_versions/check.py DIRECTORY --refused  nothing of that can be loaded here

Exits with 1, and says what differs, unless prompts and models would be the same in all that was
kept, and a private endpoint is refused.
"""

import inspect
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from programs import PRIVATE, made, said

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
    """Register a state, check it out, convert it, and load it with DSPy itself."""
    dspyreg_("register", name, file, "--store", store)
    there = Path(dspyreg_("checkout", name, "-o", store.parent / name, "--store", store)["path"])
    family = dspyreg_("convert", there / file.name, "-o", store / f"{name}.json")["family"]
    program = made()[name]
    keeps = {"allow_unsafe_lm_state"} & inspect.signature(program.load).parameters.keys()
    program.load(str(store / f"{name}.json"), **dict.fromkeys(keeps, True))
    return family, said(program)


def refused(name, store):
    """Return whether an untrusted load is refused with a reason."""
    try:
        dspyreg.load(name, into=made()[name], registry=store)
    except dspyreg.Refused as error:
        return "`api_base`" in str(error)
    return False


def loaded(name, store):
    """Load a version from the registry; a private endpoint must be refused first."""
    if name == PRIVATE and not refused(name, store):
        return "a private endpoint was not refused"
    return said(dspyreg.load(name, into=made()[name], trusted=name == PRIVATE, registry=store))


def wanted(file, name, family):
    """Return what was recorded where the state was saved; texts that were not kept come from the
    program.
    """
    was = json.loads(file.with_suffix(".said").read_text())
    if family == LAST_PREFIX_ONLY:
        for predictor, own in zip(was, said(made()[name]), strict=True):
            predictor["fields"] = own["fields"]
    return was


def too_old(name, store):
    """Return whether loading asks for another DSPy and leaves the program unchanged."""
    program = made()[name]
    before = said(program)
    try:
        dspyreg.load(name, into=program, registry=store)
    except dspyreg.UsageError as error:
        return "loading needs DSPy 2.6" in str(error) and said(program) == before
    return False


def check(directory, *, live_only):
    """Return the families of the states in a directory, and what differs."""
    families, problems = set(), []
    with TemporaryDirectory() as temporary:
        store = Path(temporary) / ".dspyreg"
        dspyreg_("init", "--store", store)
        for file in sorted(directory.glob("*.json")):
            name, family, ways = file.stem, None, {}
            if not live_only:
                family, ways["converted"] = converted(file, name, store)
                ways["loaded"] = loaded(name, store)
                families.add(family)
            ways["loaded live"] = loaded(name, directory / "live")
            for way, found in ways.items():
                if found != wanted(file, name, family):
                    problems.append(f"{name}, {way}: {found}")
    return families, problems


def main(directory, mode=""):
    """Check, print what differs, and return whether anything does."""
    if mode == "--refused":
        found = [name for name in made() if not too_old(name, directory / "live")]
        print("refused" if not found else f"not refused: {found}")
        return bool(found)
    families, problems = check(directory, live_only=mode == "--live")
    assert families or mode, "no state was there"
    for problem in problems:
        print(problem, file=sys.stderr)
    how = f"family {' and '.join(sorted(families))}" if families else "live"
    print(how, "differs" if problems else "the same")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
