"""The registry as callers hold it: the facade over the use cases."""
