"""Locations: addresses, paths, and what is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from dspyreg.backends.known import open_store
from dspyreg.backends.location import Location
from dspyreg.errors import UsageError

ADDRESSES = [
    *("s3://bucket/x", "S3://bucket/x", "s3:/bucket/x", "git+ssh://host/x", "file:///srv/store"),
    *("postgresql://ada:secret@host/db", "my_store://ada:secret@host", "ada:secret@host:/x"),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_a_scheme_is_refused_without_showing_its_secrets(address: str):
    with pytest.raises(UsageError, match="a store is a directory") as caught:
        open_store(Location.parse(address))
    shown = f"{caught.value} {caught.value.hint}"
    assert not any(word in shown for word in ("secret", "ada", "bucket", "host"))


def test_a_file_url_is_refused_with_a_hint_to_give_the_path():
    with pytest.raises(UsageError) as caught:
        open_store(Location.parse("file:///srv/store"))
    assert caught.value.hint == "give the path alone, without file://"


@pytest.mark.parametrize(
    "path",
    ["./s3://bucket", "a:b", "./a:b", "a/b:/c", "C:\\x", "C:/x", "/s3:/x", "~x", ":/x", "x:"],
)
def test_a_path_that_resembles_an_address_is_a_path(path: str):
    assert Location.parse(path).directory == Path(path)


def test_a_directory_can_be_named_like_an_address():
    assert Location.of("s3://bucket").directory == Path("s3://bucket")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://bucket/a/b?region=x&endpoint=y", "s3://bucket/a/b"),
        ("postgresql://ada:secret@host:5432/db?password=secret", "postgresql://host:5432/db"),
        ("s3:/bucket#secret", "s3://bucket"),
        ("postgresql://ada:se@cret@host/db", "postgresql://…"),
        ("postgresql://ada:se?secret@host/db", "postgresql://…"),
        ("postgresql://host/db?password=secret@x", "postgresql://…"),
        ("store/", "store"),
    ],
)
def test_the_text_of_a_location_shows_no_credentials(address: str, shown: str):
    location = Location.parse(address)
    assert str(location) == shown
    assert repr(location) == f"Location({shown!r})"


def test_two_paths_to_one_directory_are_one_location(tmp_path: Path):
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to("store")
    assert Location.of(tmp_path / "link").real == Location.of(tmp_path / "store").real
