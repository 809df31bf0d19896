"""Two versions, or files, side by side."""
