"""The configuration as a value, and the YAML document that states it. Pure."""
