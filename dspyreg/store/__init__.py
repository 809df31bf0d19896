"""What the bytes of a registry mean: objects, log, index, refs; and whether they still hold."""
