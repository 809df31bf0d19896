"""JSON Schema of policies, from the keys that the rules own."""

from __future__ import annotations

from typing import Any

from dspyreg.policy.known import every_key


def definitions() -> dict[str, dict[str, Any]]:
    """Return the ``$defs`` of policies, of registrations, and of the forms of their values."""
    promotion, registration = dict[str, Any](), dict[str, Any]()
    forms = dict[str, dict[str, Any]]()
    for key in every_key():
        schema = key.form.schema()
        forms |= schema.pop("$defs", {})
        if key.promotion is not None:
            promotion[key.name] = {"description": key.promotion, **schema}
        if key.registration is not None:
            registration[key.name] = {"description": key.registration, **schema}
    described = {
        "policy": "What a version must show. A policy that is there must demand something.",
        "registration": "What a version must show to be registered. It must demand something.",
    }
    rest = {"additionalProperties": False, "minProperties": 1}
    types = {"policy": "object", "registration": ["object", "null"]}
    keys = {"policy": promotion, "registration": registration}
    return forms | {
        name: {"description": text, "type": types[name], **rest, "properties": keys[name]}
        for name, text in described.items()
    }
