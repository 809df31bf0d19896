"""Current DSPy loads converted states of older versions with everything that was kept."""

from __future__ import annotations

import json
import re
import warnings
from importlib.metadata import PackageNotFoundError, version
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import golden_states as golden
import pytest
from corpus import programs

from dspyreg.formats import convert
from dspyreg.formats.known import read

if TYPE_CHECKING:
    from pathlib import Path

    from dspyreg.formats.normal import Predictor, Program

try:
    DSPY = int(version("dspy").partition(".")[0])
except PackageNotFoundError:
    DSPY = 0

pytestmark = [
    pytest.mark.skipif(DSPY < 3, reason="dspy 3 is not installed: nothing converted was loaded"),
    pytest.mark.filterwarnings("ignore"),  # ignore warnings of DSPy's own dependencies
]

THOUGHTS = {"rationale", "reasoning"}
MARKS = {"augmented", "dspy_uuid", "dspy_split"}
OLD = [path for path in programs.in_the_corpus() if path.suffix == ".json" and path.is_file()]
OLD += [golden.FOLDER / f"{name}.json" for name in golden.NAMES]
OLD = [path for path in OLD if read(path.read_bytes()).family != convert.CURRENT_FAMILY]


@pytest.fixture(scope="module", autouse=True)
def dspy(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """DSPy with a separate cache."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("DSPY_CACHEDIR", str(tmp_path_factory.mktemp("dspy-cache")))
        return pytest.importorskip("dspy")


class Kept:
    """Facts about a predictor beside its state: its fields, and whether it reasons."""

    def __init__(self, path: Path, saved: Predictor) -> None:
        inputs, outputs = _captured(path, saved) or _guessed(saved)
        self.thinks = bool(THOUGHTS & {*outputs}) or saved.extended
        kept = [name for name in outputs if name not in THOUGHTS]
        self.signature = f"{', '.join(inputs)} -> {', '.join(kept)}"


def _captured(path: Path, saved: Predictor) -> tuple[list[str], list[str]] | None:
    file = path.parent / "capture.json"
    if not file.exists():
        return None
    contract = json.loads(file.read_text())["predictors"][saved.name or "self"]
    inputs, outputs = ([field["name"] for field in contract[way]] for way in ("inputs", "outputs"))
    return inputs, outputs


def _guessed(saved: Predictor) -> tuple[list[str], list[str]]:
    """Return fields guessed from marks and demos, the last an output; only their positions matter
    here.
    """
    marks = [re.fullmatch(r"\$\{(\w+)\}", text.description) for text in saved.fields]
    names = [m[1] for m in marks if m] + sorted({key for demo in saved.demos for key in demo})
    names = [name for name in dict.fromkeys(names) if name not in MARKS | THOUGHTS]
    size = max(len(saved.texts) - saved.extended, 2)
    names = [*names, *(f"more_{n}" for n in range(size))][: size if saved.texts else None]
    return names[:-1], names[-1:]


def live(dspy: Any, path: Path, program: Program) -> Any:
    """Return a current program with the same predictors under the same names."""
    root = dspy.Module()
    for saved in program.predictors:
        kept = Kept(path, saved)
        leaf = (dspy.ChainOfThought if kept.thinks else dspy.Predict)(kept.signature)
        if saved.name in {"", "self"}:
            return leaf
        _put(dspy, root, saved.name, leaf)
    for name in program.others:
        setattr(root, name, dspy.Retrieve(k=1))
    return root


def _put(dspy: Any, module: Any, name: str, leaf: Any) -> None:
    *way, last = name.split(".")
    for each in way:
        if not hasattr(module, each) or isinstance(getattr(module, each), dspy.Predict):
            setattr(module, each, dspy.Module())
        module = getattr(module, each)
    listed = re.fullmatch(r"(\w+)\[\d+\]", last)
    if listed is None:
        setattr(module, last, leaf)
    else:
        module.__dict__.setdefault(listed[1], []).append(leaf)


def texts(predictor: Any) -> list[tuple[str, str]]:
    """Return the field texts of a live predictor's prompt."""
    extras = [field.json_schema_extra for field in predictor.signature.fields.values()]
    return [(each["prefix"], each["desc"]) for each in extras]


def as_today(saved: Predictor, demo: dict[str, Any]) -> dict[str, Any]:
    """Return a demo with its rationale renamed as a current chain of thought names it."""
    if not saved.extended:
        return demo
    return {"reasoning" if key == "rationale" else key: demo[key] for key in demo}


@pytest.mark.parametrize("path", OLD, ids=lambda path: "/".join(path.parts[-5:]))
def test_a_converted_state_loads(dspy: Any, path: Path, tmp_path: Path):
    if path.stem == "b-split-keys":
        pytest.skip("DSPy 2.5 struck `._predict` from a name, and what had it nobody can tell")
    program = read(path.read_bytes())
    module = live(dspy, path, program)
    own = {name or "self": texts(each) for name, each in module.named_predictors()}
    (tmp_path / "new.json").write_text(convert.text_of(program))
    module.load(tmp_path / "new.json")
    predictors = dict(module.named_predictors())
    assert len(predictors) == len(program.predictors)
    for saved in program.predictors:
        name = convert.current_name(program, saved) or "self"
        loaded = predictors[name]
        assert loaded.signature.instructions == cleandoc(saved.instructions or "")
        assert [dict(demo) for demo in loaded.demos] == [as_today(saved, d) for d in saved.demos]
        assert texts(loaded) == (list(map(tuple, saved.texts)) or own[name])


def test_dspy_shows_the_reasoning_of_a_converted_state_in_one_field(dspy: Any, tmp_path: Path):
    program = golden.program("a-names-of-fields")
    module = live(dspy, golden.FOLDER / "a-names-of-fields.json", program)
    (tmp_path / "new.json").write_text(convert.text_of(program))
    module.load(tmp_path / "new.json")
    ((_, predictor),) = module.named_predictors()
    thought = next(demo["reasoning"] for demo in predictor.demos if "reasoning" in demo)
    shown = dspy.ChatAdapter().format_demos(predictor.signature, predictor.demos)
    assert f"[[ ## reasoning ## ]]\n{thought}" in shown[-1]["content"]


def test_a_converted_retriever_keeps_its_k(dspy: Any, tmp_path: Path):
    program = golden.program("a-retriever")
    module = live(dspy, golden.FOLDER / "a-retriever.json", program)
    (tmp_path / "new.json").write_text(convert.text_of(program))
    module.load(tmp_path / "new.json")
    assert module.retrieve.k == 3


def test_dspy_does_not_load_an_old_state_without_conversion(dspy: Any):
    path = golden.FOLDER / "b-keyed.json"
    with pytest.raises(Exception, match="metadata"):
        live(dspy, path, golden.program("b-keyed")).load(path)
