"""Programs in and out: ``register``, ``checkout``, ``cat``."""
