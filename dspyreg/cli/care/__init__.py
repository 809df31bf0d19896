"""Set up a registry and take care of it."""
