"""The version object as the index stores it."""

from __future__ import annotations

from dspyreg.model.digest import Digest
from dspyreg.model.metrics import Metrics
from dspyreg.model.state import NameChange, Snapshot
from dspyreg.model.version import Version
from dspyreg.store.version_view import VersionFacts, version_object


def test_a_version_object_has_the_fields_of_a_version_in_order():
    stage = {"stage": "development", "reason": "Registered"}
    step = NameChange(1, stage, "2026-11-20T19:02:11.123456Z", "ada", "register", None)
    known = VersionFacts(Snapshot("1.0.0", Digest.of(b"{}")), [step], {}, [], [])
    told = version_object("qa", 1, known, fixed=None, metrics=Metrics())
    assert tuple(told) == Version._fields
    assert Version.from_json(told).to_json() | {"live_in": [], "tags": []} == told
