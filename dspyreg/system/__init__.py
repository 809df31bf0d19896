"""The world around a command: environment, clock, working directory, user, git and CI.

The only room that looks at any of them; everything else gets what it needs as a value. Each
subject is a module of its own, so that a command imports what it asks for and nothing else.
"""
