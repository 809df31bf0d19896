"""Readers of saved DSPy states: one module per family, into one normal form. Pure."""
