"""YAML that says nothing but values: no tags, no anchors, no dates that nobody asked for."""

from __future__ import annotations

from typing import Any

import yaml

from dspyreg.errors import UsageError

_DEEPEST = 100
_OPENING = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSING = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)
_DATE = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """Dates stay text, and no key stands twice."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - yaml's own way of saying it
        letter: [each for each in resolvers if each[0] != _DATE]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"{key.value!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)


def _require_plain(text: str) -> None:
    """Refuse what would take long or do more than say values, as soon as it is scanned."""
    depth = 0
    for token in yaml.scan(text):
        line = token.start_mark.line + 1
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            raise UsageError(f"line {line}: anchors, aliases and tags are not taken")
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > _DEEPEST:
            raise UsageError(f"line {line}: nested deeper than {_DEEPEST}")


def read(text: str) -> Any:
    """Return the value of a YAML document. Raises ``UsageError``, naming the line."""
    try:
        _require_plain(text)
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise UsageError(f"{where}{getattr(error, 'problem', None) or error}") from error
    except (RecursionError, ValueError) as error:
        raise UsageError(f"not YAML: {error}") from error
