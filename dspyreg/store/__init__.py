"""The meaning of a registry's bytes: objects, log, index, refs, and their verification."""
