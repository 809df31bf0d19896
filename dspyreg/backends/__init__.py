"""Storage of a registry: two ports, and one module per kind of storage."""
