"""Files of programs, in and out of the store, and what they say."""
