"""The world around a command: who acts, where the registry is, what time it is, which commit."""

from __future__ import annotations

import os
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dspyreg import system
from dspyreg.errors import Denied, UsageError
from dspyreg.model.digest import Digest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a working directory of our own; files outside are not looked at."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LOGNAME", "login")
    read = system._text
    monkeypatch.setattr(
        system, "_text", lambda path: read(path) if tmp_path in path.parents else ""
    )
    return home


def write(path: str | Path, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


# Who acts


def test_each_source_of_the_actor_goes_before_those_after_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    assert system.actor() == "login"
    write(home / ".gitconfig", "[user]\n  name = Ada L\n")
    assert system.actor() == "Ada L"
    monkeypatch.setenv("GITHUB_ACTOR", "ci")
    assert system.actor() == "ci"
    monkeypatch.setenv("DSPYREG_ACTOR", "me")
    assert system.actor() == "me"
    assert system.actor("given") == "given"


@pytest.mark.parametrize(
    "name", ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILDKITE_BUILD_CREATOR", "CIRCLE_USERNAME"]
)
def test_the_actor_of_each_ci_is_known(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "ci")
    assert system.actor() == "ci"


@pytest.mark.parametrize("name", ["DSPYREG_ACTOR", "GITHUB_ACTOR"])
def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "")
    assert system.actor() == "login"


def test_gits_user_is_named_by_the_address(home: Path):
    write(home / ".gitconfig", '[core]\n  email = no\n[user]\n  name = Ada\n  email = "a@b.c"\n')
    assert system.actor() == "a@b.c"


def test_the_repositorys_user_goes_before_the_users_own(home: Path):
    write(home / ".gitconfig", "[user]\n\temail = home@b.c\n")
    write(".git/config", "[user]\n\temail = repository@b.c\n")
    assert system.actor() == "repository@b.c"


def test_a_worktree_has_the_user_of_its_repository():
    write("../main/.git/config", "[user]\n\temail = repository@b.c\n")
    write("../main/.git/worktrees/here/commondir", "../..\n")
    write(".git", "gitdir: ../main/.git/worktrees/here\n")
    assert system.actor() == "repository@b.c"


def test_the_user_may_stand_in_the_other_place_of_gits_configuration(home: Path):
    write(home / ".config/git/config", "[user]\n\temail = xdg@b.c\n")
    assert system.actor() == "xdg@b.c"


def test_gits_environment_goes_before_its_files(home: Path, monkeypatch: pytest.MonkeyPatch):
    write(home / ".gitconfig", "[user]\n\temail = file@b.c\n")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "environment@b.c")
    assert system.actor() == "environment@b.c"


def test_comments_and_other_sections_are_no_user(home: Path):
    write(home / ".gitconfig", '[user "x"]\nemail = a@b.c\n[user]\n# email = a@b.c\n;name = x\n')
    assert system.actor() == "login"


@pytest.mark.parametrize("name", ["a\nb", " ", "\x1b[31m", "x" * 201, "\udcff"])
def test_an_actor_is_one_printable_line(name: str):
    with pytest.raises(UsageError, match="actor"):
        system.actor(name)


def test_nobody_is_a_usage_error(monkeypatch: pytest.MonkeyPatch):
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    with pytest.raises(UsageError) as caught:
        system.actor()
    assert caught.value.command_hint == "--as=NAME or DSPYREG_ACTOR"


# Where the registry is


def a_store(path: str) -> Path:
    write(f"{path}/.dspyreg/format", "")
    return (Path(path) / ".dspyreg").resolve()


def test_each_source_of_the_store_goes_before_those_after_it(monkeypatch: pytest.MonkeyPatch):
    assert system.store_path() == Path.cwd() / ".dspyreg"
    found = a_store(".")
    assert system.store_path() == found
    monkeypatch.setenv("DSPYREG_STORE", "elsewhere")
    assert system.store_path() == Path("elsewhere")
    assert system.store_path("given") == Path("given")


def test_the_nearest_store_upward_is_found(monkeypatch: pytest.MonkeyPatch):
    a_store(".")
    near = a_store("a/b")
    Path("a/b/c/d").mkdir(parents=True)
    monkeypatch.chdir("a/b/c/d")
    assert system.store_path() == near


def test_a_directory_that_is_no_store_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    found = a_store(".")
    Path("a/.dspyreg").mkdir(parents=True)
    monkeypatch.chdir("a")
    assert system.store_path() == found


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is here belongs to somebody else."""
    monkeypatch.setattr(system.os, "geteuid", lambda: 4711)


@pytest.mark.usefixtures("stranger")
def test_a_store_of_somebody_else_ends_the_walk(monkeypatch: pytest.MonkeyPatch):
    found = a_store(".")
    Path("a b").mkdir()
    monkeypatch.chdir("a b")
    with pytest.raises(Denied, match=r"\.dspyreg belongs to another user") as caught:
        system.store_path()
    assert caught.value.exit_code == 5
    assert f"`dspyreg trust --place --store {found}`" in str(caught.value.hint)
    assert system.store_path(str(found)) == found
    monkeypatch.setenv("DSPYREG_STORE", str(found))
    assert system.store_path() == found


@pytest.mark.usefixtures("stranger")
def test_the_hint_is_a_command_that_a_shell_takes(monkeypatch: pytest.MonkeyPatch):
    found = a_store("a b$(touch x)")
    monkeypatch.chdir("a b$(touch x)")
    with pytest.raises(Denied) as caught:
        system.store_path()
    command = str(caught.value.hint).split("`")[1]
    assert shlex.split(command) == ["dspyreg", "trust", "--place", "--store", str(found)]


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize("listed", ["*", "{}", "/nowhere:{}", "../here/.dspyreg", ":*:", "../link"])
def test_a_safe_store_of_somebody_else_is_used(monkeypatch: pytest.MonkeyPatch, listed: str):
    found = a_store(".")
    Path("../link").symlink_to(found)
    monkeypatch.setenv("DSPYREG_SAFE_STORES", listed.format(found))
    assert system.store_path() == found


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize("listed", ["", ":", "/", "/srv", "{}/", "{}x", "**"])
def test_another_safe_place_is_not_this_one(monkeypatch: pytest.MonkeyPatch, listed: str):
    found = a_store(".")
    monkeypatch.setenv("DSPYREG_SAFE_STORES", listed.format(found.parent))
    with pytest.raises(Denied):
        system.store_path()
    assert system.store_path(is_listed=lambda place: place == str(found)) == found


@pytest.mark.usefixtures("stranger")
def test_init_does_not_take_a_store_of_somebody_else_for_its_own():
    assert system.new_store_path() == Path(".dspyreg")
    a_store(".")
    with pytest.raises(Denied):
        system.new_store_path()
    assert system.new_store_path(".dspyreg") == Path(".dspyreg")


def test_a_link_of_somebody_else_to_ones_own_store_is_somebody_elses(
    monkeypatch: pytest.MonkeyPatch,
):
    found = a_store("mine")
    Path(".dspyreg").symlink_to(found)
    assert system.store_path() == Path.cwd() / ".dspyreg"
    link, lstat = Path.cwd() / ".dspyreg", os.lstat

    def told(path: Any) -> Any:
        status = lstat(path)
        if Path(path) != link:
            return status
        return os.stat_result([*status[:4], 4711, *status[5:10]])

    monkeypatch.setattr(system.os, "lstat", told)
    with pytest.raises(Denied, match="uid 4711"):
        system.store_path()


@pytest.mark.parametrize(
    ("user", "caller", "known"),
    [
        (0, "", False),
        (0, "4711", True),
        (0, "４７１１", False),
        (0, "-4711", False),
        (4712, "4711", False),
        (4711, "", True),
    ],
)
def test_a_store_of_who_called_sudo_is_roots_own(
    monkeypatch: pytest.MonkeyPatch, user: int, caller: str, known: bool
):
    monkeypatch.setattr(system.os, "geteuid", lambda: user)
    monkeypatch.setenv("SUDO_UID", caller)
    assert (4711 in system.own_uids()) is known


def test_what_is_trusted_for_a_run_is_a_digest_or_all(monkeypatch: pytest.MonkeyPatch):
    digest = "b3:" + "0" * 64
    assert system.trust() is None
    monkeypatch.setenv("DSPYREG_TRUST", "all")
    assert system.trust() == "all"
    assert system.trust(digest) == digest
    for text in ("b3:0", "ALL", "yes", digest + "\n"):
        with pytest.raises(UsageError):
            system.trust(text)


def test_the_list_of_registries_is_in_the_users_configuration(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    own = home / ".config/dspyreg/known_registries"
    assert system.known_registries() == own
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert system.known_registries() == own
    monkeypatch.setenv("XDG_CONFIG_HOME", "/c")
    assert system.known_registries() == Path("/c/dspyreg/known_registries")


def test_init_makes_a_store_here_whatever_lies_above(monkeypatch: pytest.MonkeyPatch):
    a_store(".")
    Path("a").mkdir()
    monkeypatch.chdir("a")
    assert system.new_store_path() == Path(".dspyreg")
    monkeypatch.setenv("DSPYREG_STORE", "elsewhere")
    assert system.new_store_path() == Path("elsewhere")
    assert system.new_store_path("given") == Path("given")


def test_a_working_directory_that_was_removed_is_no_bug(monkeypatch: pytest.MonkeyPatch):
    Path("gone").mkdir()
    monkeypatch.chdir("gone")
    Path("../gone").resolve().rmdir()
    assert system.store_path() == Path(".dspyreg")
    assert system.store_path("given") == Path("given")
    assert "git" not in system.context()
    assert system.actor() == "login"
    monkeypatch.chdir("/")


ADDRESSES = [
    *("s3://bucket/x", "S3://bucket/x", "s3:/bucket/x", "git+ssh://host/x", "file:///srv/store"),
    *("postgresql://ada:secret@host/db", "my_store://ada:secret@host", "ada:secret@host:/x"),
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_a_scheme_is_a_usage_error_that_keeps_its_secrets(
    address: str, monkeypatch: pytest.MonkeyPatch
):
    for ask in (system.store_path, system.new_store_path):
        monkeypatch.delenv("DSPYREG_STORE", raising=False)
        with pytest.raises(UsageError, match="a store is a directory") as given:
            ask(address)
        monkeypatch.setenv("DSPYREG_STORE", address)
        with pytest.raises(UsageError) as in_environment:
            ask()
        assert str(given.value) == str(in_environment.value)
        told = f"{given.value} {given.value.hint}"
        assert not any(word in told for word in ("secret", "ada", "bucket", "host"))


def test_the_address_of_a_file_is_told_to_be_given_as_a_path():
    with pytest.raises(UsageError) as caught:
        system.store_path("file:///srv/store")
    assert caught.value.hint == "give the path alone, without file://"


@pytest.mark.parametrize(
    "path",
    ["./s3://bucket", "a:b", "./a:b", "a/b:/c", "C:\\x", "C:/x", "/s3:/x", "~x", ":/x", "x:"],
)
def test_what_only_looks_like_an_address_is_a_path(path: str):
    assert system.store_path(path) == Path(path)


def test_an_index_that_may_not_stand_in_the_store_stands_in_the_users_cache(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    address = Digest.of(b"/srv/store").hex[:8]
    there = system.cache_path("ab12", Path("/srv/store"))
    assert there == home / f".cache/dspyreg/ab12-{address}/index.sqlite"
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    there = system.cache_path("ab12", Path("/srv/store"))
    assert there == Path(f"/cache/dspyreg/ab12-{address}/index.sqlite")


def test_two_copies_of_a_registry_have_two_caches_and_two_names_of_one_have_one():
    Path("a").mkdir()
    Path("b").mkdir()
    Path("link").symlink_to("a")
    one, other, same = (system.cache_path("ab12", Path(name)) for name in ("a", "b", "link"))
    assert one == same != other


# What time it is


def test_the_clock_tells_the_time_in_utc():
    told = system.clock()()
    assert told.tzinfo is UTC
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


@pytest.mark.parametrize("text", ["2026-11-20T19:02:11Z", "2026-11-20T20:02:11+01:00"])
def test_dspyreg_now_stops_the_clock(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("DSPYREG_NOW", text)
    tell = system.clock()
    assert tell() == tell() == datetime(2026, 11, 20, 19, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize("text", ["noon", "2026-13-01", "0001-01-01T00:00+05:00"])
def test_a_dspyreg_now_that_is_no_time_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, text: str):
    monkeypatch.setenv("DSPYREG_NOW", text)
    with pytest.raises(UsageError, match="DSPYREG_NOW"):
        system.clock()


# Which commit


def commit() -> str | None:
    found: str | None = system.context().get("git")
    return found


def test_outside_of_git_there_is_no_commit():
    assert commit() is None


def test_a_detached_head_is_the_commit():
    write(".git/HEAD", f"{COMMIT}\n")
    assert commit() == COMMIT


def test_a_branch_in_a_file_of_its_own():
    write(".git/HEAD", "ref: refs/heads/a/b\n")
    write(".git/refs/heads/a/b", f"{COMMIT}\n")
    assert commit() == COMMIT


PACKED = f"""\
# pack-refs with: peeled fully-peeled sorted
{OTHER} refs/heads/ma
{COMMIT} refs/heads/main
{OTHER} refs/tags/v1
^{OTHER}
"""


def test_a_branch_among_the_packed_ones():
    write(".git/HEAD", "ref: refs/heads/main\n")
    write(".git/packed-refs", PACKED)
    assert commit() == COMMIT


def test_the_file_goes_before_the_packed_one():
    write(".git/HEAD", "ref: refs/heads/main\n")
    write(".git/packed-refs", PACKED.replace(COMMIT, OTHER))
    write(".git/refs/heads/main", f"{COMMIT}\n")
    assert commit() == COMMIT


@pytest.mark.parametrize("packed", [False, True])
def test_a_worktree_has_the_branches_of_its_repository(packed: bool):
    write("../main/.git/worktrees/here/HEAD", "ref: refs/heads/main\n")
    write("../main/.git/worktrees/here/commondir", "../..\n")
    write(".git", "gitdir: ../main/.git/worktrees/here\n")
    if packed:
        write("../main/.git/packed-refs", PACKED)
    else:
        write("../main/.git/refs/heads/main", f"{COMMIT}\n")
    assert commit() == COMMIT


def test_the_repository_is_looked_for_upward(monkeypatch: pytest.MonkeyPatch):
    write(".git/HEAD", f"{COMMIT}\n")
    Path("a/b").mkdir(parents=True)
    monkeypatch.chdir("a/b")
    assert commit() == COMMIT


def test_a_commit_of_sha256_is_one_too():
    write(".git/HEAD", "0" * 64)
    assert commit() == "0" * 64


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".git/HEAD", ""),
        (".git/HEAD", "ref: refs/heads/main"),
        (".git/HEAD", "rubbish"),
        (".git", ""),
        (".git", "gitdir: nowhere"),
    ],
)
def test_a_repository_without_a_commit_is_no_bug(path: str, text: str):
    write(path, text)
    assert commit() is None


def test_git_says_the_same(monkeypatch: pytest.MonkeyPatch):
    try:
        _git("init", "-q")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no git here to compare with")
    _git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", "x")
    assert commit() == _git("rev-parse", "HEAD")
    _git("pack-refs", "--all")
    assert commit() == _git("rev-parse", "HEAD")
    _git("worktree", "add", "-q", "-b", "side", "../side")
    monkeypatch.chdir("../side")
    assert commit() == _git("rev-parse", "HEAD")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_only_a_registration_asks_whether_the_checkout_is_dirty(monkeypatch: pytest.MonkeyPatch):
    try:
        _git("init", "-q")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no git here to compare with")
    write("program.json", "{}")
    _git("add", ".")
    _git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x")
    assert system.provenance()["dirty"] is False
    write("program.json", '{"a":1}')
    assert system.provenance()["dirty"] is True
    monkeypatch.setenv("PATH", "")
    assert "dirty" not in system.provenance()
    assert "dirty" not in system.context()


# Where it happens


def test_the_address_of_a_github_run_is_told(monkeypatch: pytest.MonkeyPatch):
    for name, value in {"SERVER_URL": "https://g", "REPOSITORY": "a/b", "RUN_ID": "7"}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    assert system.context()["ci"] == "https://g/a/b/actions/runs/7"


@pytest.mark.parametrize("name", ["CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"])
def test_the_address_of_another_run_is_told(monkeypatch: pytest.MonkeyPatch, name: str):
    monkeypatch.setenv(name, "https://ci/7")
    assert system.context()["ci"] == "https://ci/7"


@pytest.mark.parametrize("name", ["CI_JOB_URL", "BUILDKITE_BUILD_URL", "BUILD_URL"])
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://ada:secret@ci.example.org:8443/a/b/7", "https://ci.example.org:8443/a/b/7"),
        ("https://secret@ci/7", "https://ci/7"),
        ("https://a:b@c@ci/7", "https://ci/7"),
        ("https://ci/7?access_token=secret", "https://ci/7"),
        ("https://ci/7#secret", "https://ci/7"),
        ("http://[::1]:80/7", "http://[::1]:80/7"),
        ("https://ada:sec/ret@ci/7", None),
        ("https://ada:1/ret@ci/7", None),
        ("https://ada:sec?ret@ci/7", None),
        ("https://ada:sec ret@ci/7", "https://ci/7"),
        ("ssh://secret@ci/7", None),
        ("secret", None),
    ],
)
def test_no_secret_of_an_address_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str, told: str | None
):
    monkeypatch.setenv(name, address)
    assert system.context().get("ci") == told


def test_the_server_of_github_is_told_without_user_info(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_RUN_ID", "7")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://x-access-token:secret@g")
    assert system.context()["ci"] == "https://g/a/b/actions/runs/7"
    monkeypatch.delenv("GITHUB_SERVER_URL")
    assert "ci" not in system.context()


def test_what_is_not_text_is_told_as_far_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BUILD_URL", "https://ci/\udcff" + "x" * 100_000)
    told = system.context()["ci"]
    assert told.startswith("https://ci/?x")
    assert len(told) <= 1000


def test_what_there_is_not_is_left_out():
    assert set(system.context()) <= {"host"}


def test_the_version_of_python_is_part_of_the_provenance():
    assert system.provenance()["python"].count(".") == 2


@pytest.mark.parametrize(
    ("name", "value", "colour"),
    [("NO_COLOR", "1", False), ("NO_COLOR", "", True), ("TERM", "dumb", False)],
)
def test_colour_is_a_wish_of_the_user(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, colour: bool
):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    assert system.has_colour() is colour


@pytest.mark.parametrize("given", ["b\u00f3b", "bo\u0301b", " b\u00f3b "])
def test_one_person_is_spelt_one_way(given: str):
    assert system.actor(given) == "b\u00f3b"


# Files that are none


@pytest.mark.parametrize("name", [".git/HEAD", ".git/config", ".git/packed-refs", ".git/commondir"])
def test_a_repository_whose_files_are_fifos_is_not_waited_for(name: str):
    write(".git/HEAD", "ref: refs/heads/main\n")
    Path(name).unlink(missing_ok=True)
    os.mkfifo(name)
    assert "git" not in system.context()
    assert system.actor() == "login"


def test_neither_is_a_configuration_that_is_one(home: Path):
    os.mkfifo(home / ".gitconfig")
    assert system.actor() == "login"


def test_a_device_has_no_text():
    Path("zero").symlink_to("/dev/zero")
    assert system._text(Path.cwd() / "zero") == ""
