"""Look at what is there, and at what happened."""
