"""Measure, approve, check."""
