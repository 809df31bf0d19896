"""The user's own commands, contained."""
