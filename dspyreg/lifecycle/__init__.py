"""What an operation changes: state and configuration in, changes or a refusal out. Pure."""
