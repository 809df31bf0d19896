"""May this version go there? Facts in, findings out; one module per rule."""
