"""Live programs: what goes in and out of them, loading into them, registering from them.

The only room that knows dspy, and ``dspy`` its only door; dspy is imported when somebody needs it.
"""

from dspyreg.integrations.classes import capture_class

__all__ = ["capture_class"]
