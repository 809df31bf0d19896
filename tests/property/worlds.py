"""The configurations, labels and selectors that a random walk chooses from."""

from __future__ import annotations

from itertools import product

LADDERS = (
    "",
    "stages: {development: {}, staging: {title: QA}, production: {}}\n",
    "stages: {development: {}, trial: {}, staging: {}, production: {title: Live}}\n",
    "stages: {development: {}, production: {}}\n",
)
PLACES = (
    "",
    "environments: {production: {auto_deploy: true}, eu: {rung: production, auto_deploy: true}}\n",
    "environments: {production: {}, eu: {rung: production, protected: true}}\n"
    "default_environment: eu\n",
    "environments: {edge: {}, development: {auto_deploy: true}}\ndefault_environment: edge\n",
    "environments: {edge: {protected: true}, production: {rollback_enabled: false}}\n",
)
VERSIONING = (
    "",
    "versioning: {max_versions: 2}\n",
    "versioning: {strategy: integer, max_versions: 3}\n",
    "versioning: {strategy: timestamp, auto_increment: false}\n",
)

CONFIGURATIONS = tuple(
    "format: 1\n" + "".join(parts) for parts in product(LADDERS, PLACES, VERSIONING)
)

RUNGS = ("development", "trial", "staging", "production", "QA")
ENVIRONMENTS = (None, "development", "staging", "production", "eu", "edge")
LABELS = ("1.0.0", "1.1.0", "2.0.0-rc.1", "eu", "v7")
WHICH = ("@#1", "@#2", "@#3", "@#4", "@1.0.0", "@latest", "@production~1", "@stage:staging")
READ = ("", "@^1", "@production", "@production~1", "@staging", "@eu", "@edge~1", "@stage:QA", "@#1")
