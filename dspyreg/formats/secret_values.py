"""The names that announce a secret, and the values that can be one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from dspyreg.formats.token_shapes import UUID

SHORTEST: Final = 16  # of a value that must look random
_LONGEST: Final = 8192
_CHANGES: Final = re.compile(rb"[A-Za-z][0-9]{1,8}[A-Za-z]")
# The last word of the term for a password in other languages.
_ABROAD: Final = (
    *("passwort", "kennwort", "passe", "contraseña", "contrasena", "senha", "wachtwoord"),
    *("hasło", "haslo", "lösenord", "losenord", "adgangskode", "kodeord", "passord", "salasana"),
    *("heslo", "пароль", "πρόσβασης", "şifre", "sifre", "parola", "parolă", "jelszó", "jelszo"),
    *("密码", "密碼", "密钥", "金鑰", "口令", "パスワード", "暗証番号", "비밀번호", "암호"),
    *("المرور", "السر"),
    *("סיסמה", "סיסמא", "पासवर्ड", "khẩu", "sandi", "lozinka", "лозинка", "geslo", "รหัสผ่าน"),
)


def _letters(name: str) -> str:
    """Return a name as it is compared: letters and digits only, in lower case."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


_PASSWORDS: Final = (
    *("password", "passwd", "passphrase", "userpass", "dbpass", "pwd"),
    *map(_letters, _ABROAD),
)
_STRONG: Final = (
    *_PASSWORDS,
    *("apikey", "apikeys", "accesskey", "secretkey", "privatekey", "signingkey", "encryptionkey"),
    *("masterkey", "accountkey", "storagekey", "subscriptionkey", "authkey", "licensekey"),
    *("accesskeyid", "serverkey", "servicekey", "accesstoken", "authtoken", "apitoken"),
    *("bearertoken", "refreshtoken", "sessiontoken", "securitytoken", "bottoken", "oauthtoken"),
    *("clientsecret", "appsecret", "apisecret", "secretstring", "webhooksecret", "jwtsecret"),
    *("consumersecret", "sharedsecret", "secretvalue", "secretstr", "authorization", "credential"),
    *("credentials", "sharedaccesskey", "keysecret", "tokensecret", "secretkeybase"),
    *("amzsignature", "storepass", "becomepass"),
    *("sshpass", "servicerolekey", "signingsecret", "sessionsecret", "cookiesecret", "hmacsecret"),
)
_SHORT_PASSWORDS: Final = ("pass", "pw", "psk")
_WEAK: Final = ("key", "token", "secret", "auth", "creds", "pat", *_SHORT_PASSWORDS)
_SIGNED: Final = "sig"  # of a signed address; a ``signature`` is what DSPy calls fields
_LAST_WORD: Final = re.compile(
    r"(?:^|[^A-Za-z]|(?<=[a-z])(?=[A-Z]))(?i:key|token|secret|auth|pass|pw|psk|creds|pat)[^A-Za-z]*\Z"
)
_INNOCENT: Final = (
    *("publickey", "cachekey", "primarykey", "foreignkey", "sortkey", "partitionkey", "hotkey"),
    *("pagetoken", "nexttoken", "continuationtoken", "csrftoken", "idempotencykey", "objectkey"),
    *("padtoken", "eostoken", "bostoken", "unktoken", "septoken", "clstoken", "masktoken"),
    *("groupkey", "s3key", "datakey", "lookupkey", "dedupkey", "storekey", "blobkey", "filekey"),
)
_COUNTS: Final = re.compile(r"(?i:max|num|min|total)(?:[_.-]|(?<=[a-z])(?=[A-Z]))")
_WORDS: Final = frozenset(
    b"password passwd secret required optional string integer boolean missing unknown invalid "
    b"disabled enabled default changeme example placeholder undefined internal redacted token "
    b"apikey bearer private forgotten protected encrypted confirmation credentials none null true "
    b"false test dummy sample empty incorrect correct passphrase unauthorized authorization "
    b"environment variable keychain something anything".split()
)
_PLACEHOLDER: Final = re.compile(
    rb"(?i)^(?:your|my|the|some|an?|insert|enter|put|replace|example|sample|dummy|fake|test|mock)"
    rb"(?:[-_ ][a-z]|$)|(?:^|[^a-z0-9])xxx|xxxx|\*\*|\.\.\.|changeme|placeholder|redacted|[-_]here$"
    rb"|^(?:os|process|env|self|config|settings|args|secrets|vault|file|var|st|app|ctx|params"
    rb"|options|request|data|kwargs)[.:\[]|(?-i:^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$)"
    rb"|^(?![^=+]*[=+])(?:\.|~)?/(?:[\w.-]{1,40}/)+|^https?://|^@|^ref:|^arn:|^%|^[\w.]{2,60}\(|^#"
    rb"|^[a-z_]{2,40}(?:\.[a-z_]{2,40}[0-9]?){2,}$|^[\w.-]{1,99}/[\w./-]{1,200}\.[a-z]{3,4}$|^pk[-_]"
)
# References to a variable, a file or a vault that holds the secret. A reference is the complete
# value, maybe behind the scheme of a header, and reveals nothing of the secret.
_REFERENCE: Final = re.compile(
    rb"(?i:(?:bearer|basic|token) )?(?:"
    rb"\$[A-Z_][A-Z0-9_]*|\$[a-z]+(?:_[a-z]+)+|\$\{(?:[\w.]{1,20}:)?\w+(?::?-|:?\?[^{}]*)?\}|\$env:\w+|%[A-Za-z_]\w*%|%\(\w+\)s"
    rb"|\$?\{\{[^{}]+\}\}|\{(?:env|file):[^{}]+\}|\$\([^()]+\)"
    rb"|os\.environ/\w+|(?:os\.environ|os\.getenv|process\.env|env|secrets)[.\[(][\w.\\\"'()\[\]]+"
    rb"|(?:env|environ|keyring|keyvault|vault|ssm|sops|file|oidc/[a-z_0-9]+/https):[\w./#:+-]+"
    rb"|(?!https?:)[a-z][a-z0-9+.-]{1,30}://[\w ./#?=&:+-]+"
    rb"|https://[\w.-]+\.vault\.azure\.net/[\w./-]+|@Microsoft\.KeyVault\([^()]+\)"
    rb"|arn:aws[\w-]*:(?:secretsmanager|ssm|kms):[\w:/+=.@-]+"
    rb"|projects/[\w-]+/secrets/[\w./-]+|/(?:run|var/run|etc|mnt)/[\w./-]+"
    rb")"
)
_DIGEST: Final = re.compile(rb"(?i)(?:(?:b3|sha\d{1,3}|md5|blake\d\w?)[:-])?[0-9a-f]{6,128}")
_UUID_ALONE: Final = re.compile(UUID.encode(), re.IGNORECASE)
_IN_WORDS: Final = re.compile(rb"(?:[A-Za-z]++|\d++)(?:[-_.](?:[A-Za-z]++|\d++))+")
_WORD_LIKE: Final = re.compile(rb"[A-Za-z_.\-/:+&#!?@\x80-\xff]+")
_BEYOND_LATIN: Final = re.compile(rb"[\xca-\xf4]")  # letters of words, not of passwords
_OF_WORDS: Final = re.compile(rb"(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|[0-9]++|[^A-Za-z0-9])+")


@lru_cache(4096)
def strength(name: str) -> int:
    """Return how strongly a name announces a secret: 0 not at all, 1 maybe, 2 certainly."""
    plain = _letters(name)
    if plain.endswith(_INNOCENT) or _COUNTS.match(name):
        return 0
    if plain.endswith(_STRONG):
        return 2
    compound = plain.endswith(("token", "secret", "apikey")) and plain not in _WEAK
    return 1 if compound or _LAST_WORD.search(name) or plain in {*_WEAK, _SIGNED} else 0


def is_value(name: str, value: bytes, *, quoted: bool) -> bool:
    """Return whether a value can be the secret that its name announces.

    A word without a digit is a secret only if it is ``quoted``.
    """
    if not 6 <= len(value) <= _LONGEST or b" " in value or b"\n" in value:
        return False
    if _BEYOND_LATIN.search(value) is not None or is_placeholder(value):
        return False
    strong = strength(name)
    if strong == 0:
        return False
    if strong == 1 and name.lower().endswith(_SHORT_PASSWORDS) and is_mixed(value):
        return True
    if strong == 1:
        return len(value) >= SHORTEST and is_random(value) and not _is_digest(name, value)
    if len(value) < 8 and not is_password(name):
        return False
    if value.isdigit():
        return quoted
    if _is_scrambled(value) or (is_password(name) and is_mixed(value)):
        return True
    if value.isalpha() and value.decode().lower().endswith(_letters(name)):
        return False  # `PASSWORD: "newPassword"` refers to another name
    if _WORD_LIKE.fullmatch(value) is None:
        return has_digit(value) or quoted
    return quoted and value.isalpha() and len(value) >= 10 and value.lower() not in _WORDS


def is_password(name: str) -> bool:
    """Return whether a name announces a password, which may be short."""
    return "pass" in name.lower() or _letters(name).endswith((*_PASSWORDS, *_SHORT_PASSWORDS))


def is_reference(value: bytes) -> bool:
    """Return whether a value only refers to the place where a secret is kept."""
    return _REFERENCE.fullmatch(value) is not None


def is_placeholder(value: bytes) -> bool:
    """Return whether a value is a placeholder, or one of the words used for one."""
    return value.lower() in _WORDS or is_placeholder_syntax(value)


def is_placeholder_syntax(value: bytes) -> bool:
    """Return whether a value is a placeholder, a reference, a path or code."""
    if value[:1] in b"<{[$%*" or (len(set(value)) <= 2 and value[:1] in b"xX.*-_0#"):
        return True
    if b"${" in value or b"{{" in value or is_reference(value):
        return True
    return _PLACEHOLDER.search(value) is not None


def _is_scrambled(value: bytes) -> bool:
    """Return whether letters are random, unlike words joined as `camelCase` or `HTTPServer`."""
    capitals = _CAPITALS.findall(value)
    return (
        len(value) >= SHORTEST
        and value.isalpha()
        and len(capitals) >= 4
        and (sum(len(run) > 1 for run in capitals) >= 2)
    )


_CAPITALS: Final = re.compile(rb"[A-Z]+")


def is_random(value: bytes) -> bool:
    """Return whether letters and digits are mixed, unlike words and numbers between hyphens."""
    if _is_scrambled(value):
        return True
    letters = value.translate(None, b"0123456789")
    if _IN_WORDS.fullmatch(value) is not None:
        return False
    return 3 <= len(letters) < len(value) and len(set(value)) >= 7


def _is_digest(name: str, value: bytes) -> bool:
    if _UUID_ALONE.fullmatch(value) is not None:
        names: tuple[str, ...] = ("key", "sig", "auth", "pass")
    elif _DIGEST.fullmatch(value) is not None:
        names = ("key", "sig")
    else:
        return False
    if not name.lower().endswith(names):
        return False
    return _ISSUERS.isdisjoint(_BETWEEN_WORDS.split(name)) or b":" in value


_BETWEEN_WORDS: Final = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")
# Words that make a `key` one of a service or of a cipher, even if its value looks like a digest.
_ISSUERS: Final = frozenset(
    word
    for lower in (
        *("openai", "azure", "anthropic", "google", "gemini", "aws", "gcp", "cohere", "mistral"),
        *("groq", "together", "deepseek", "algolia", "dd", "datadog", "newrelic", "sentry"),
        *("stripe", "twilio", "sendgrid", "mailgun", "github", "gitlab", "slack", "discord"),
        *("cloudflare", "heroku", "pinecone", "weaviate", "qdrant", "cosmos", "mapbox", "okta"),
        *("consumer", "hmac", "aes", "licence", "admin", "deepgram", "assemblyai", "serpapi"),
    )
    for word in (lower, lower.upper(), lower.capitalize())
)


def has_digit(value: bytes) -> bool:
    """Return whether a value has a decimal digit."""
    return any(48 <= byte <= 57 for byte in value)


def is_strictly_random(value: bytes) -> bool:
    """Return whether a value is long, and random enough to differ from prose and tables."""
    changes = _is_scrambled(value) or _CHANGES.search(value) is not None
    return len(value) >= SHORTEST and is_random(value) and changes


def is_mixed(value: bytes) -> bool:
    """Return whether a value is like a short password, unlike words and numbers that are joined."""
    return (
        len(value) >= 8
        and value.lower() != value != value.upper()
        and (has_digit(value) or len(_CAPITALS.findall(value)) >= 3)
        and _OF_WORDS.fullmatch(value) is None
    )
