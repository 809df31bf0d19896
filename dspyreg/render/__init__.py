"""A result as text: JSON, plain lines for pipes, tables for people. Pure."""
