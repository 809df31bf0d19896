"""Compare programs, and convert their states."""
