"""Nouns of a registry: digests, names, selectors, versions, entries, states. Pure."""
