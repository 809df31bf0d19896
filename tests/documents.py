"""Documents that the tests of the configuration read."""

import re

import pytest

from dspyreg.config.document import read
from dspyreg.config.value import (
    Environment,
)
from dspyreg.errors import UsageError

WHOLE = """\
format: 1

stages:                              # the ladder, lowest rung first
  development: {}
  staging: {title: QA}
  production: {}

environments:
  staging: {rung: staging, auto_deploy: true}
  production: {rung: production, auto_deploy: true, rollback_enabled: true}
  eu: {rung: production, auto_deploy: false, protected: true}
  edge: {}

default_environment: production

versioning:
  strategy: semantic
  max_versions: 0
  auto_increment: true
  require_changelog: false

metrics:
  primary: accuracy
  lower_is_better: [latency_p99_ms, cost_per_call]
  higher_is_better: [answer_time_saved]
  tie: 0.01

policies:
  QA: {required_evidence: [basic_functionality, integration_tests]}
  production:
    metrics: ["accuracy >= 0.85", latency_p99_ms <= 200]
    against_live: ["accuracy >= -2%", "f1 >= +0.01"]
    min_age: 1h 30m
    command: {run: "make smoke", timeout: 10m}

programs:
  qa: {policies: {production: {required_approvals: 1}}, metrics: {primary: em}}

integration: {deployment_strategy: best_score, rollback_threshold: 0.1}

hooks:
  before: {promote: ["./check-freeze.sh"]}
  timeout: 90
"""


def refusal(text: str) -> UsageError:
    """Return the error that reading this text raises."""
    with pytest.raises(UsageError) as caught:
        read(text)
    assert re.match(r"line [1-9][0-9]*: ", str(caught.value))
    return caught.value


def an_environment(text: str, name: str = "eu") -> Environment:
    """Return one environment of a document."""
    environment = read(text).environment(name)
    assert environment is not None
    return environment
