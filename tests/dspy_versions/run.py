"""States saved by real versions of DSPy are registered, converted and loaded by the installed one.

    python tests/dspy_versions/run.py                  all of them, in turn
    python tests/dspy_versions/run.py 2.4.17 3.0.4     some
    python tests/dspy_versions/run.py --under DIR      keep the virtual environments there

Each version gets a virtual environment beside the packages that are installed here, so that pip
adds what it lacks and no more: a quarter of a minute, for 2.5 and before a whole one. There
``programs.py`` saves the programs and registers them live; ``check.py`` asks the DSPy that is
installed here, and from 2.6 on that version itself, whether instructions, demos, field texts and
models are the same. Older ones must refuse to load. No model is called. Exits with 1 if one of
them differs. A version that cannot be installed, as without a network, is said to be skipped.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
LATEST = "latest"  # the one that runs this

# What pip installs. DSPy 2.5.30 asks for a litellm that is gone from the package index: it is
# installed without what it asks for, which that of 2.5.43 is, but for a litellm that is there.
_AS_2_5_43 = (
    *("anyio", "asyncer==0.0.8", "backoff", "cachetools", "cloudpickle", "datasets", "diskcache"),
    *("httpx", "jinja2", "joblib<2", "json-repair", "litellm==1.53.1", "magicattr", "openai"),
    *("optuna", "pandas", "pydantic", "regex", "requests", "tenacity", "tqdm", "ujson"),
)
RELEASES = {
    "2.4.17": [["dspy-ai==2.4.17"]],
    "2.5.30": [["--no-deps", "dspy==2.5.30"], _AS_2_5_43],
    "2.5.43": [["dspy==2.5.43"]],
    "2.6.27": [["dspy==2.6.27"]],
    "3.0.4": [["dspy==3.0.4"]],
    LATEST: [],
}
LIVE = ("2.5.43", "2.6.27", "3.0.4", LATEST)  # where ``live.py`` and ``optimizers.py`` run
LOADS = ("2.6.27", "3.0.4")  # what they registered themselves; the older ones refuse


class NotInstalled(Exception):
    """A version could not be installed."""


class Failed(Exception):
    """A step of a version did not work."""


def run(*command, log, how=Failed):
    """Run a program with its output in a log."""
    surroundings = {
        **os.environ,
        "DSPYREG_ACTOR": "tests",
        "DSPY_CACHEDIR": str(log.parent),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "PYTHONPATH": str(REPOSITORY),
    }
    with log.open("a") as file:
        done = subprocess.run(
            list(map(str, command)), stdout=file, stderr=file, env=surroundings, check=False
        )
    if done.returncode:
        last = log.read_text().rstrip().rpartition("\n")[2]
        raise how(f"{last} (all of it in {log})")


def environment(version, under):
    """Return the Python of a version's virtual environment, creating and filling it if needed."""
    directory = under / version
    python, log, ready = (directory / name for name in ("bin/python", "log.txt", "ready"))
    directory.mkdir(parents=True, exist_ok=True)
    if version == LATEST:
        return sys.executable
    if not ready.exists():
        venv.create(directory, clear=True)
        [packages] = directory.glob("lib/*/site-packages")
        beside = sysconfig.get_path("purelib")
        (packages / "beside.pth").write_text(f"import site; site.addsitedir({beside!r})\n")
        for words in RELEASES[version]:
            pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet")
            run(*pip, "--retries", "1", *words, log=log, how=NotInstalled)
        ready.touch()
    return python


def checked(version, under):
    """Save with one version, check with the installed one, and return the check's last line."""
    saved, log = under / f"{version}-saved", under / version / "log.txt"
    python = environment(version, under)
    shutil.rmtree(saved, ignore_errors=True)
    saved.mkdir()
    run(python, "-W", "ignore", HERE / "programs.py", saved, log=log)
    if version != LATEST:
        mode = "--live" if version in LOADS else "--refused"
        run(python, "-W", "ignore", HERE / "check.py", saved, mode, log=log)
    run(sys.executable, "-W", "ignore", HERE / "check.py", saved, log=log)
    told = [log.read_text().splitlines()[-1]]
    for script in ("live.py", "optimizers.py") if version in LIVE else ():
        run(python, "-W", "ignore", HERE / script, log=log)
        told.append(log.read_text().splitlines()[-1])
    return ", ".join(told)


def main():
    """Check the requested versions in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("versions", nargs="*", help=", ".join(RELEASES))
    parser.add_argument("--under", type=Path, help="where the virtual environments are kept")
    told = parser.parse_args()
    under = told.under or Path(tempfile.gettempdir()) / "dspyreg-dspy-versions"
    under = under.resolve()
    failed = False
    for version in told.versions or RELEASES:
        began = time.monotonic()
        try:
            outcome = checked(version, under)
        except NotInstalled as error:
            outcome = f"SKIPPED, it could not be installed: {error}"
        except Failed as error:
            failed, outcome = True, f"failed: {error}"
        print(f"DSPy {version}: {outcome} ({time.monotonic() - began:.0f} s)", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
