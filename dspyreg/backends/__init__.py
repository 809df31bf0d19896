"""Where the bytes of a registry live: two ports, and one module per kind of storage."""
