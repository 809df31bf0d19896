"""The use cases: one commit loop, modules of functions, and a thin facade over them."""
