"""YAML that says nothing but values: no tags, no anchors, no dates that nobody asked for."""

from __future__ import annotations

from typing import Any

import yaml

from dspyreg.errors import UsageError


def read(text: str) -> Any:
    """Return the value of a YAML document. Raises ``UsageError``, naming the line."""
    try:
        for token in yaml.scan(text):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
                line = token.start_mark.line + 1
                raise UsageError(f"line {line}: anchors, aliases and tags are not taken")
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise UsageError(f"{where}{getattr(error, 'problem', None) or error}") from error
    except (RecursionError, ValueError) as error:
        raise UsageError(f"not YAML: {error}") from error
