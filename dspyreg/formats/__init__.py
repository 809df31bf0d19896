"""What DSPy wrote: one module per family of saved states, read into one normal form. Pure."""
