"""The user's own commands, contained: the processes, not the rules for them."""
