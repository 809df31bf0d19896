"""Changes of each operation: state and configuration in, changes or a refusal out. Pure."""
