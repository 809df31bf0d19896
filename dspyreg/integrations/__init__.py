"""Live programs: their contracts, loading versions into them, registering them.

The only room that knows dspy, and ``dspy`` its only door; dspy is imported when it is needed.
"""

from dspyreg.integrations.classes import capture_class

__all__ = ["capture_class"]
