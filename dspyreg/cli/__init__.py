"""The command line: parse, call, render. One module per group of commands."""
