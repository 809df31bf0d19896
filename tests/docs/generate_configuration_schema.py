"""Rewrite the JSON Schema of the configuration, with the policy keys of the rules.

The rest of the page is written by hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from dspyreg.policy.schema import definitions

PAGE = Path(__file__).parents[2] / "docs/reference/configuration.schema.json"
_WIDEST = 90


def schema() -> dict[str, Any]:
    """Return the page with the policies of the rules."""
    page: dict[str, Any] = json.loads(PAGE.read_text(encoding="utf-8"))
    of_rules = definitions()
    page["$defs"] = {name: of_rules.pop(name, part) for name, part in page["$defs"].items()}
    page["$defs"] |= of_rules
    return page


def text() -> str:
    """Return the page as it is published."""
    spread = json.dumps(schema(), indent=2, ensure_ascii=False)
    return re.sub(r"[\[{][^\[\]{}]*[\]}]", _on_one_line, spread) + "\n"


def _on_one_line(part: re.Match[str]) -> str:
    joined = re.sub(r"\n *", " ", part[0])
    joined = joined[0] + joined[1:-1].strip() + joined[-1]
    return joined if len(joined) <= _WIDEST else part[0]


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
