"""A store in a directory of a local file system."""
