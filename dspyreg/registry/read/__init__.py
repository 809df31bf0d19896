"""Answers from the log and its index, as of any moment."""
