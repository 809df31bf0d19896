"""The prompts of a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dspyreg.errors import NotFound
from dspyreg.formats.known import PICKLES
from dspyreg.registry.artifacts.program_state import version_subject

if TYPE_CHECKING:
    from dspyreg.formats.normal import Predictor
    from dspyreg.registry.context import Context


class Prompt(NamedTuple):
    """The predictors of a program, with the texts of their prompts."""

    name: str
    predictors: tuple[Predictor, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the document of ``show --prompt --json``."""
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
        paths = [path for path, _ in subject.contents[:5]]
        has_pickle = not allow_pickle and any(path.endswith(PICKLES) for path in paths)
        raise NotFound(
            "saved state",
            f"in {subject.name} that can be read",
            hint="files-with-pickle" if has_pickle else "files-without-state",
            paths=", ".join(paths),
        )
    return Prompt(subject.name, subject.side.state.predictors)
