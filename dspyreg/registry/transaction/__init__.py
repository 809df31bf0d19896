"""Plan, commit, report: the one way by which the log grows."""
