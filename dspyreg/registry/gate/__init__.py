"""The gate before a stage or environment: facts for the policies, commands, the judgement."""
