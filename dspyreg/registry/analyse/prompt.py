"""What the prompts of a version say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import NotFound
from dspyreg.formats.known import PICKLES
from dspyreg.registry.artifacts.program_state import version_subject

if TYPE_CHECKING:
    from dspyreg.formats.normal import Predictor
    from dspyreg.registry.context import Context


class Prompt(NamedTuple):
    """The predictors of a program with what their prompts say."""

    name: str
    predictors: tuple[Predictor, ...]

    def to_json(self) -> dict[str, Any]:
        """The document of ``show --prompt --json``."""
        return {
            "predictors": [
                {
                    "name": each.name,
                    "instructions": each.instructions,
                    "fields": [field._asdict() for field in each.fields],
                    "demos": list(each.demos),
                }
                for each in self.predictors
            ]
        }


def prompt(context: Context, selector: str, *, at: str | None, allow_pickle: bool) -> Prompt:
    """See ``Registry.prompt``."""
    subject = version_subject(context, selector, at, allow_pickle=allow_pickle)
    if subject.side.state is None:
        held = [path for path, _ in subject.contents[:5]]
        hint = f"it has {', '.join(held)}"
        if not allow_pickle and any(path.endswith(PICKLES) for path in held):
            hint += "; --allow-pickle reads examples and dates in a pickle"
        raise NotFound("saved state", f"in {subject.name} that can be read", hint=hint)
    return Prompt(subject.name, subject.side.state.predictors)
