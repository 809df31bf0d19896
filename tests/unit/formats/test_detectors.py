"""The detectors take any bytes, in time that grows with their number."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspyreg.formats import detectors, secrets, streams
from dspyreg.formats.archives import Allowance, Reader

TOKEN = "gh" + "p_" + "a1B2" * 9
PIECES = st.sampled_from(
    [
        *(
            "api_key",
            "password",
            "token",
            "=",
            ":",
            '"',
            "'",
            "\\",
            "://",
            "@",
            "Bearer ",
            "Basic ",
        ),
        *(
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "sk-",
            "eyJ",
            "\0",
            "\n",
            "value",
            "name: ",
            "--",
            "-u ",
        ),
        *(
            "</",
            "<",
            ">",
            "&",
            "?",
            "Q~",
            "%",
            "{",
            f" {TOKEN} ",
            "é",
            "\ud800",
            "UEsDBA",
            "login a password ",
        ),
    ]
)
MIXED = st.lists(PIECES | st.text(max_size=12), max_size=30).map("".join)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | MIXED,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(MIXED, inner, max_size=4),
    max_leaves=12,
)


@given(MIXED)
def test_no_text_is_too_odd(text: str):
    data = text.encode(errors="surrogatepass")
    found = detectors.spans(data)
    assert all(0 <= a.start < a.end <= len(data) for a in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    secrets.without(text)


@given(TREES)
def test_no_state_is_too_odd(state: object):
    for secret in secrets.find(state):
        assert TOKEN not in str(secret)
    assert TOKEN not in str(secrets.redacted(state))


@given(st.binary(max_size=400), st.integers(1, 60))
def test_no_bytes_are_too_odd_however_they_come(data: bytes, size: int):
    for content in (data, b"PK\x03\x04" + data, b"\x1f\x8b\x08" + data, data * 3 + TOKEN.encode()):
        blocks = (content[at : at + size] for at in range(0, len(content), size))
        list(streams.Search().through(blocks))


@given(st.binary(max_size=300), st.integers(1, 99), st.integers(1, 99))
def test_what_is_packed_is_found_wherever_the_blocks_end(noise: bytes, size: int, more: int):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first", noise)
        archive.writestr("second", b"." * more + b" " + TOKEN.encode())
    packed = file.getvalue()
    for content in (packed, gzip.compress(b"x" * more + b" " + TOKEN.encode())):
        blocks = (content[at : at + size] for at in range(0, len(content), size))
        assert [each.what for each in streams.Search().through(blocks)] == ["a GitHub token"]


def test_a_member_is_named_where_its_secret_is_told():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config/.env", f"A=1\nTOKEN={TOKEN}\n" + "B=2\n" * 50)
    [secret] = streams.Search().through([file.getvalue()])
    assert secret.where == "config/.env: line 2"


def test_a_bomb_is_left_when_the_allowance_is_spent():
    bomb = gzip.compress(gzip.compress(b"\0" * (48 << 20)))
    search = streams.Search(Allowance(8 << 20))
    assert list(search.through([bomb])) == []
    assert search.is_cut
    assert sum(len(piece.data) for piece in Reader(Allowance(1000)).take(bomb)) <= 1000


def test_very_many_members_are_left_too():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(10_050):
            archive.writestr(str(n), b"")
    search = streams.Search()
    assert list(search.through([file.getvalue()])) == []
    assert search.is_cut


def test_a_private_key_is_redacted_to_its_last_line():
    begin, end = (f"-----{word} RSA PRIVATE " + "KEY-----" for word in ("BEGIN", "END"))
    text = f"a {begin}\nMIIEabc\nxyz\n{end} b"
    assert secrets.without(text) == "a REDACTED b"


@pytest.mark.parametrize(
    "text",
    [
        *("max_tokens=100000", "primary_key: 8f14e45fceea167a5a36dedd4bea2543", "password: str"),
        *("api_key=settings.OPENAI_API_KEY", "token=$(cat token.txt)", "password: ********"),
        *("risk-assessment-of-language-models-2024", "key: b3:" + "0f" * 32),
        *("auth: scram-sha-256-plus-42", "monkey: 'capuchin12345678'", "ACCA" + "GTGA" * 4),
        "pa-rticularly-long-hyphenated-identifier-number-2-of-the-test-set",
    ],
)
def test_what_stands_for_a_secret_is_none(text: str):
    assert secrets.find_in_lines(text) == []


@pytest.mark.parametrize(
    "text",
    [f"MINIO_ROOT_PASSWORD={'a1B2' * 4}", f"https://h.example/?next=%3Ft%3D{TOKEN}"],
)
def test_neither_a_telling_name_nor_a_token_hides_behind_what_stands_before(text: str):
    assert secrets.find_in_lines(text)


RANDOM = "aB3dE5gH7jK9" + "mN1pQ3sT5vW7"
HEX = "0123456789abcdef" * 2


def values(text: str) -> list[bytes]:
    return [span.value for span in detectors.spans(text.encode())]


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Token {}",
        "authorization: ApiKey {}",
        "my key:X-Vault-Token: {}",
        "setenv('SOME_API_KEY', '{}')",
        "os.getenv('DB_PASSWORD', '{}')",
        "name,value\napi_token,{}\n",
        "| api_key | `{}` |",
        "api_key: str = '{}'",
        "password: |\n    {}\n",
        'variable "db_password" {{\n  default = "{}"\n}}',
        "ENV APP_SECRET {}",
        "- **api_key**: `{}`",
        "secret_key = b'{}'",
    ],
)
def test_a_random_value_beside_a_telling_name_is_found(text: str):
    assert values(text.format(RANDOM)) == [RANDOM.encode()]


@pytest.mark.parametrize(
    "text",
    [
        "os.getenv('DB_PASSWORD', 'postgres')",
        "api_key,string,required1",
        "| access_token | OAuth2.0-bearer-token |",
        "the signature is {}",
        "cache_key = '{}'",
        "azure_cache_key = '{}'",
        "('commit', '{}')",
        "the key is {}",
        "api_token: CamelCaseNamesOfAnHTTPServer",
    ],
)
def test_a_word_or_a_digest_beside_a_harmless_name_is_none(text: str):
    assert values(text.format(HEX)) == []


@pytest.mark.parametrize("name", ["DD_APP_KEY", "ALGOLIA_ADMIN_KEY", "azure_openai_key"])
def test_a_key_of_a_service_may_be_hexadecimal(name: str):
    assert values(f"{name}={HEX}") == [HEX.encode()]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n    ", "\\n"])
def test_base64_is_joined_over_its_lines(newline: str):
    encoded = base64.encodebytes(f"{'so many words ' * 4}{TOKEN} and more".encode()).decode()
    text = encoded.strip().replace("\n", newline)
    assert values(text) == [text.encode()]


def test_a_token_is_found_where_its_address_is_encoded():
    text = f"https://h.example/?next=https%3A%2F%2Fi.example%2F%3Fpassword%3D{RANDOM}%26a%3D1"
    assert secrets.without(text) == text.replace(RANDOM, "REDACTED")


def test_random_letters_are_no_words():
    letters = "sQjNlRDqJarhZM" + "keiRNjSlyaiaEhxgZx"
    assert values(f"X-Api-Key: {letters}") == [letters.encode()]


@pytest.mark.parametrize("name", [f" {TOKEN} api_key", f"{TOKEN}.password", f"{TOKEN}-token"])
def test_a_token_in_a_name_is_not_told_with_its_value(name: str):
    for state in ({name: f"{RANDOM}é"}, {"lm": {name: RANDOM}}, [f"{name}={RANDOM}"]):
        assert TOKEN not in str(secrets.find(state))
