"""The configuration as a value: ladder, environments, versioning, metrics. Pure."""
