"""What real versions of DSPy save is registered, converted and loaded by the latest one.

    python tests/dspy_versions/run.py                  all of them, in turn
    python tests/dspy_versions/run.py 2.4.17 3.0.4     some
    python tests/dspy_versions/run.py --under DIR      keep the virtual environments there

Each version gets a virtual environment of its own (Python 3.11 or 3.12, about 1 GB each, some
minutes for the first run), saves the programs of ``programs.py`` there, and ``check.py`` asks
the latest DSPy, through dspyreg, whether instructions, demos and field texts are the same. From
2.5.43 on, ``live.py`` and ``optimizers.py`` register live programs there. No model is called. Exits
with 1 if one of them differs or could not be installed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
LATEST = "latest"

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
    LATEST: [["--upgrade", "dspy"], ["optuna"], ["--editable", str(REPOSITORY)]],
}
LIVE = {"2.5.43", "2.6.27", "3.0.4", LATEST}  # where dspyreg runs beside DSPy
_OURS = ("blake3", "msgspec", "pyyaml", "rich", "ruamel.yaml", "semver", "typer>=0.26")


class Failed(Exception):
    """A step of a version did not work."""


def run(*command, log):
    """Run a program, its talk into a log."""
    environment = {
        **os.environ,
        "DSPYREG_ACTOR": "tests",
        "DSPY_CACHEDIR": str(log.parent),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the internet, three times
        "PYTHONPATH": str(REPOSITORY),
    }
    with log.open("a") as file:
        done = subprocess.run(
            list(map(str, command)), stdout=file, stderr=file, env=environment, check=False
        )
    if done.returncode:
        raise Failed(f"{log} says why")


def environment(version, under):
    """Return the Python of a version's virtual environment, made and filled where it is not."""
    directory = under / version
    python, log, ready = (directory / name for name in ("bin/python", "log.txt", "ready"))
    if not ready.exists():
        directory.mkdir(parents=True, exist_ok=True)
        run(sys.executable, "-m", "venv", "--clear", directory, log=under / f"{version}.log")
        for words in RELEASES[version]:
            run(python, "-m", "pip", "install", "--quiet", *words, log=log)
        if version in LIVE:
            run(python, "-m", "pip", "install", "--quiet", *_OURS, log=log)
        ready.touch()
    return python


def checked(version, under):
    """Save with one version, check with the latest, and return the last words of the check."""
    saved, log = under / f"{version}-saved", under / version / "log.txt"
    python, latest = environment(version, under), environment(LATEST, under)
    saved.mkdir(exist_ok=True)
    run(python, "-W", "ignore", HERE / "programs.py", saved, log=log)
    run(latest, "-W", "ignore", HERE / "check.py", saved, log=log)
    told = [log.read_text().splitlines()[-1]]
    for script in ("live.py", "optimizers.py") if version in LIVE else ():
        run(python, "-W", "ignore", HERE / script, log=log)
        told.append(log.read_text().splitlines()[-1])
    return ", ".join(told)


def main():
    """Check the versions that are asked for, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("versions", nargs="*", help=", ".join(RELEASES))
    parser.add_argument("--under", type=Path, help="where the virtual environments are kept")
    told = parser.parse_args()
    under = told.under or Path(tempfile.gettempdir()) / "dspyreg-dspy-versions"
    under = under.resolve()
    failed = False
    for version in told.versions or RELEASES:
        try:
            outcome = checked(version, under)
        except Failed as error:
            failed, outcome = True, f"failed: {error}"
        print(f"DSPy {version}: {outcome}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
