"""What keys and passwords look like: the one list of detectors that every door uses.

All of it works on bytes, so a text, a file, and a block of a stream are searched by the same code.
Every repetition in a pattern is bounded or cannot fail once begun: the bytes come from anybody.
"""

from __future__ import annotations

import binascii
import re
from bisect import bisect_right
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REDACTED: Final = "REDACTED"

# The shapes that issuers publish. A token begins at its first letter and contains, from there or
# soon after, a run of at least _SHORTEST letters, digits and `_.-`.
_HEX: Final = "[0-9a-f]"
_UUID: Final = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_W: Final = "[A-Za-z0-9]"
_WD: Final = "[A-Za-z0-9_-]"
SHAPES: Final = {
    "an OpenAI or Anthropic key": (
        rf"sk-(?:(?:ant|proj|or|lf|svcacct|admin|None|service)-{_WD}{{16,400}}"
        rf"|{_W}{{20,200}}|(?={_WD}{{0,60}}{_W}{{16}}){_WD}{{20,200}}"
        rf"|(?={_WD}{{0,21}}[0-9])(?=[a-z0-9_-]{{0,21}}[A-Z]){_WD}{{22}}(?!{_WD}))"
    ),
    "an AWS access key": r"(?![ACGT]{20})(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}",
    "an AWS key": (
        r"(?:amzn\.mws\." + _UUID + rf"|ABSK[A-Za-z0-9+/]{{109,269}}|bedrock-api-key-{_W}{{20,600}}"
        r"|da2-[a-z0-9]{26})"
    ),
    "a Google API key": rf"AIza{_WD}{{35}}",
    "a Google token": (
        r"(?:GOOG1E[A-Z0-9]{55}|ya29\.[A-Za-z0-9_.-]{20,2048}|GOCSPX-[A-Za-z0-9_-]{20,60}|1//0[A-Za-z0-9_-]{30,200}"
        r"|AQ\.Ab[A-Za-z0-9_-]{30,100}|AAAA[A-Za-z0-9_-]{7}:[A-Za-z0-9_-]{140,200})"
    ),
    "a GitHub token": rf"(?:gh[pousr]_{_W}{{36,255}}|github_pat_[A-Za-z0-9_]{{22,255}})",
    "a GitLab token": (
        rf"(?:gl(?:pat|ptt|rt|dt|cbt|soat|oas|wt|ft|imt|agent|ffct)-|GR1348941){_WD}{{20,300}}"
    ),
    "a Slack token": (
        r"(?:xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,300}|xapp-[0-9]-[A-Za-z0-9-]{20,300})"
    ),
    "a Hugging Face token": rf"(?:hf_|api_org_){_W}{{30,60}}",
    "a Groq key": rf"gsk_{_W}{{40,80}}",
    "a model provider's key": (
        rf"(?:r8_{_W}{{37,40}}|pcsk_[A-Za-z0-9_]{{40,120}}|pplx-{_W}{{40,60}}|xai-{_W}{{60,100}}"
        rf"|nvapi-{_WD}{{50,100}}|fw_{_W}{{20,60}}|csk-{_W}{{40,60}}|tgp_v1_{_WD}{{30,100}}"
        rf"|pa-(?={_WD}{{0,40}}{_W}{{12}}){_WD}{{40,60}}|lsv2_(?:pt|sk)_[0-9a-f]{{32}}_[0-9a-f]{{10}}"
        rf"|tvly-(?:dev-|prod-)?{_WD}{{20,60}}|jina_{_WD}{{40,80}}|fc-{_HEX}{{32}}|e2b_{_HEX}{{40}}"
        rf"|llx-{_W}{{40,60}}|esecret_{_WD}{{20,60}}|wandb_v1_{_WD}{{40,120}}|sk_{_HEX}{{48}}"
        rf"|ls__{_HEX}{{32}}|a[ks]-{_W}{{22}}|BSA{_WD}{{27,29}}|phc_{_W}{{40,50}}"
        rf"|helicone-{_WD}{{20,80}}|vcp_{_W}{{20,80}}|lm-?studio-{_W}{{32,64}}|ska_{_W}{{40,80}}"
        rf"|opik_{_W}{{20,60}}|rpa_{_W}{{40,50}}|flp_{_W}{{40,60}}|bt-st-{_W}{{40,60}}|crsr_{_HEX}{{64}}|mxb_{_W}{{36,50}}"
        rf"|vck_{_W}{{40,80}}|sk-helicone-[a-z0-9-]{{20,60}}|aimlapi-{_W}{{20,60}})"
    ),
    "a payment key": (
        rf"(?:(?:(?:sk|rk)_(?:live|test|prod)|pk_prod)_{_W}{{10,250}}|whsec_[A-Za-z0-9+/]{{20,80}}"
        rf"|sq0(?:atp|csp|idp)-{_WD}{{22,60}}|EAAA[lE]?{_WD}{{56,64}}|rzp_(?:live|test)_{_W}{{14,24}}"
        rf"|access-(?:production|sandbox|development)-{_UUID}|FLWSECK(?:_TEST)?-{_W}{{12,60}}"
        rf"|AQE[a-z]{_W}{{10}}[A-Za-z0-9.+/]{{60,400}}|(?:live|test)_{_HEX}{{35}}|sk_{_UUID})"
    ),
    "a messaging key": (
        rf"(?:SG\.{_WD}{{16,32}}\.{_WD}{{16,64}}|(?:SK|AC){_HEX}{{32}}|key-{_HEX}{{32}}"
        rf"|xkeysib-{_HEX}{{64}}-{_W}{{16}}"
        rf"|[MNO]{_WD}{{23,25}}\.{_WD}{{6}}\.{_WD}{{27,38}}|EAA[A-Z]{_W}{{90,300}}"
        rf"|re_{_W}{{8}}_{_W}{{20,30}}|xsmtpsib-{_HEX}{{64}}-{_W}{{16}}|mlsn\.{_HEX}{{64}}|IG(?:QV|QW){_WD}{{60,300}}"
        rf"|KEY[0-9A-F]{{32}}_{_W}{{22}}|dG9rO[A-Za-z0-9+/]{{50,60}}=?|pm[aub]k-{_W}{{20,80}})"
    ),
    "a package registry's token": (
        rf"(?:npm_{_W}{{36}}|pypi-{_WD}{{50,500}}|rubygems_{_HEX}{{48}}|cio{_W}{{32}}"
        rf"|oy2[a-z0-9]{{43}}|CLOJARS_{_W}{{60}}|dckr_(?:pat|oat)_{_WD}{{20,60}}"
        rf"|AKCp{_W}{{60,80}}|cmVmdGtu{_W}{{40,80}}|packagist_[a-z]{{3}}_{_HEX}{{60,80}})"
    ),
    "a cloud service's token": (
        rf"(?:do[opr]_v1_{_HEX}{{64}}|dp\.(?:pt|st|ct|scim|audit)\.[A-Za-z0-9_.]{{30,80}}"
        rf"|hv[sbr]\.{_WD}{{20,300}}|dapi{_HEX}{{32}}(?:-[0-9])?"
        rf"|LTAI{_W}{{16,24}}|AKID{_W}{{32}}|AQVN{_WD}{{35,38}}|t1\.[A-Z0-9a-z_-]{{80,300}}"
        rf"|HRKU-[A-Za-z0-9_-]{{36,64}}|fo1_{_WD}{{40,60}}|fm[12][ar]?_[A-Za-z0-9+/_=-]{{80,800}}"
        rf"|rnd_{_W}{{20,40}}|nfp_{_W}{{36,40}}|sbp_{_HEX}{{40}}|sb_secret_{_WD}{{20,60}}"
        rf"|pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{{32,64}}|napi_{_W}{{60,70}}|pul-{_HEX}{{40}}"
        rf"|v1\.0-{_HEX}{{24}}-{_HEX}{{146}}|tskey-[a-z]{{2,10}}-{_WD}{{16,80}}|cfat_{_W}{{40,60}}"
        r"|sha256~[A-Za-z0-9_-]{43}|ops_eyJ[A-Za-z0-9+/_-]{100,2000}"
        r"|A3-[A-Z0-9]{6}-[A-Z0-9]{6}(?:-[A-Z0-9]{5}){4}|ico-[A-Za-z0-9]{32}"
        rf"|dose{_HEX}{{32}}|dp\.sa\.{_W}{{40,44}}|cf[ua]t_{_W}{{40,60}}|vercel_blob_rw_{_W}{{16}}_{_W}{{20,40}}"
        rf"|A3-[A-Z0-9]{{6}}-[A-Z0-9]{{11}}(?:-[A-Z0-9]{{5}}){{3}}|mdb_sa_sk_{_WD}{{40}}|dnkey-{_WD}{{70,90}}"
        r"|IQoJb3JpZ2lu[A-Za-z0-9+/]{60,2000}|FwoGZXIvYXdz[A-Za-z0-9+/]{60,2000})"
    ),
    "a developer service's token": (
        rf"(?:AT[AC]TT3{_WD}{{60,300}}|ATBB{_W}{{28,40}}|PMAK-{_HEX}{{24}}-{_HEX}{{34}}"
        rf"|lin_(?:api|oauth)_{_W}{{32,80}}|ntn_{_W}{{40,60}}|secret_{_W}{{43}}|fig[dou]_{_WD}{{40,60}}"
        rf"|pat{_W}{{14}}\.{_HEX}{{64}}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{{32}}"
        r"|sntry[su]_[A-Za-z0-9+/_=-]{40,300}"
        rf"|gl(?:sa|c)_[A-Za-z0-9+/_=]{{32,300}}|NRAK-[A-Z0-9]{{27}}|NRII-{_WD}{{32}}"
        rf"|dt0[a-z][0-9]{{2}}\.[A-Z0-9]{{24}}\.[A-Z0-9]{{64}}|hc[abi][a-z]{{2}}_[a-z0-9]{{50,70}}"
        rf"|ph[xs]_{_W}{{30,60}}|sq[apu]_{_HEX}{{40}}|pn[bu]_{_W}{{36}}|tfp_{_WD}{{40,70}}"
        rf"|rdme_[a-z0-9]{{70}}|duffel_(?:test|live)_{_WD}{{43}}|EZ[AT]K{_W}{{54}}|fio-u-{_WD}{{64}}"
        rf"|shippo_(?:live|test)_{_HEX}{{40}}|tk-us-{_WD}{{48}}|sl\.{_WD}{{60,200}}|figoh_{_WD}{{40}}"
        rf"|CCIPAT_{_W}{{20,80}}_{_HEX}{{40}}|bkua_[a-z0-9]{{40}}|snyk_{_W}{{20,80}}|snyk_uat\.{_HEX}{{8}}\.{_WD}{{40,200}}|NRJS-{_HEX}{{19}}|ATSTT3{_WD}{{60,300}}"
        rf"|sl\.u\.{_WD}{{60,1200}}|pat-[a-z]{{2}}[0-9]-{_UUID}|(?:sdk|api)-{_UUID}|CFPAT-{_WD}{{43}}|sgp_(?:{_HEX}{{16}}_)?{_HEX}{{40}}"
        rf"|CCIPRJ_{_W}{{20,80}}_{_HEX}{{40}}|bk[a-z]{{2}}_{_HEX}{{40}}|API-[A-Z0-9]{{26}}|p8e-[a-z0-9]{{32}}|sm_[aps]at_{_W}{{16}}"
        rf"|s-s4t2(?:ud|af)-{_HEX}{{64}}|sk\.eyJ{_W}{{40,100}}\.{_WD}{{22}}|signkey-[a-z]{{2,8}}-{_HEX}{{64}}|depot_[a-z]{{3,12}}_{_HEX}{{64}}"
        rf"|polar_[a-z]{{3,5}}_{_W}{{40,60}}|zpka_{_HEX}{{32}}_{_HEX}{{8}}|vtwn_{_W}{{24}}|apify_api_{_W}{{30,40}}|pylf_v[0-9]_[a-z]{{2,10}}_{_W}{{40,50}}|pat\.{_WD}{{22}}\.{_HEX}{{24}}\.{_W}{{20}}|ddp_{_W}{{36,40}}|eyJrIjoi{_W}{{60,200}}"
        r")"
    ),
    "a private key": r"AGE-SECRET-KEY-1[0-9A-Z]{50,64}",
    "another service's key": (
        r"(?:[012]/[0-9]{15,17}(?:/[0-9]{15,17})?:[0-9a-f]{32}|pk_[0-9]{6,9}_[A-Z0-9]{32}"
        rf"|v[1-4]\.(?:local|public)\.{_WD}{{32,4096}}|4b1d(?={_W}{{0,37}}[A-Z]){_W}{{38}}(?!{_W})"
        rf"|(?:live|test)_(?={_W}{{0,29}}[0-9])(?={_W}{{0,29}}[A-Z]){_W}{{30}}(?!{_W})"
        rf"|pk_{_HEX}{{34}}(?!{_W})|unkey_{_W}{{20,40}}|tr_(?:dev|prod|stg)_{_W}{{20,40}}"
        rf"|sgp_{_W}{{64}}|p8e-{_WD}{{32}}|testsk_{_W}{{32}}|sk_{_W}{{43}}(?!{_W})"
        rf"|cflt(?=[A-Za-z]{{0,30}}[0-9]){_W}{{60}}|{_HEX}{{32}}-{_HEX}{{8}}-{_HEX}{{8}}(?![-\w])"
        rf"|(?:md|nk)-(?={_WD}{{0,20}}[0-9])(?=[a-z_-]{{0,20}}[A-Z])(?:{_WD}{{43}}|{_WD}{{22}})(?!{_WD})"
        rf"|up_(?={_W}{{0,28}}[0-9])(?={_W}{{0,28}}[A-Z]){_W}{{29}}(?!{_W})"
        r"|(?:sc|ext|scauth)_[a-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[a-z0-9+/_=-]{30,120})"
    ),
    "a JSON web token": (
        r"eyJ[A-Za-z0-9_-]{10,2048}\.[A-Za-z0-9_-]{0,2048}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{1,8192}"
        r"\.[A-Za-z0-9_-]{22,86}"
        r"|eyJ[A-Za-z0-9_-]{10,2048}\.eyJ[A-Za-z0-9_-]{10,4096}\.[A-Za-z0-9_-]{0,2048}"
    ),
}
IN_URL: Final = "a password in a URL"
BEARER: Final = "a bearer token"
BASIC: Final = "a basic authorization"
AUTHORIZATION: Final = "an authorization header"
PRIVATE_KEY: Final = "a private key"
BASE64: Final = "in base64"

_SHORTEST: Final = 16
_BACK: Final = 12  # so far before a run its token may have begun: `SG.`, `https`, a bot's number
_LONGEST: Final = 8192
_KINDS: Final = tuple(SHAPES)
# A token begins where no word goes on. In JSON that is not decoded it may stand right behind an
# escape, `\n` or `\u003d`; in other bytes than text, behind anything.
_BOUNDARY: Final = (
    rb"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2}))"
)
_BEGINNING: Final = re.compile(_BOUNDARY + rb"[A-Za-z0-9](?=[A-Za-z0-9./~_-])")
_ANY_BEGINNING: Final = re.compile(rb"[A-Za-z0-9]")
# Shapes that are known by what stands in their middle. Each begins with a literal, or where no
# word goes on, so that a search takes time that grows with the bytes.
_LITERAL: Final = (b"hooks", b"/api/", b"/webhookb2/", b"access_token", rb"\$")
_MIDDLES: Final = (
    ("a webhook address", b"hooks.slack.com/", rb"hooks\.slack\.com/[a-z]+/[\w/+-]{20,120}"),
    ("a webhook address", b"/api/webhooks/", rb"/api/webhooks/[0-9]{17,20}/[\w-]{40,100}"),
    ("a payment key", b"access_token$", rb"access_token\$production\$\w{16}\$[0-9a-f]{32}"),
    ("an Azure secret", b"Q~", rb"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    ("an Azure secret", b"JQQJ99", rb"[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{4,32}"),
    ("an Azure secret", b"AZDO", rb"[A-Za-z0-9]{76,80}AZDO[A-Za-z0-9]{4}"),
    (
        "a cloud service's token",
        b".atlasv1.",
        rb"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,80}",
    ),
    ("a messaging key", b"-us", rb"[0-9a-f]{32}-us[0-9]{1,2}"),
    ("a messaging key", b":AA", rb"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
    ("a developer service's token", b"_mmk", rb"[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk"),
    ("an Azure secret", b"AzFu", rb"[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{4}=="),
    ("an Azure secret", b"AzSe", rb"[A-Za-z0-9]{42}AzSe[A-Za-z0-9]{6}"),
    ("an Azure secret", b"+ACR", rb"[A-Za-z0-9+/]{42}\+ACR[A-Za-z0-9]{6}"),
    ("a developer service's token", b"FFFFNRAL", rb"[0-9a-f]{36}FFFFNRAL"),
    ("a webhook address", b"/webhookb2/", rb"/webhookb2/[0-9a-f@/A-Za-z-]{100,250}"),
    ("a cloud service's token", b"fm2_", rb"fm2_[A-Za-z0-9+/=_,-]{80,2000}"),
    (
        "a messaging key",
        b"AAAAAAAAAAAAAAAAAAA",
        rb"A{19,24}[A-Za-z0-9]{10,80}%[23][A-F][A-Za-z0-9%]{20,120}",
    ),
    ("a messaging key", b"|", rb"[0-9]{15,17}\|(?=[\w-]{0,26}[A-Z])[\w-]{27}(?![\w-])"),
    ("a developer service's token", b"pdus+_", rb"pdus\+_[\w-]{20}"),
    ("the hash of a password", b"$2", rb"\$2[aby]\$[0-9]{2}\$[A-Za-z0-9./]{53}"),
    ("the hash of a password", b"$apr1$", rb"\$apr1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}"),
    ("the hash of a password", b"$6$", rb"\$6\$[A-Za-z0-9./]{1,16}\$[A-Za-z0-9./]{86}"),
    ("the hash of a password", b"$5$", rb"\$5\$[A-Za-z0-9./]{1,16}\$[A-Za-z0-9./]{43}"),
    ("the hash of a password", b"$1$", rb"\$1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}"),
    ("the hash of a password", b"$argon2", rb"\$argon2(?:id?|d)\$[\w=,$+/]{40,200}"),
    ("a webhook address", b"hooks.zapier.com/", rb"hooks\.zapier\.com/hooks/catch/[\w/-]{10,60}"),
)
_BY_MIDDLE: Final = tuple(
    (what, middle, re.compile((b"" if shape.startswith(_LITERAL) else _BOUNDARY) + shape))
    for what, middle, shape in _MIDDLES
)
_NEVER: Final = re.compile(rb"(?i)your|placeholder|replace|insert|redacted|example|[x*.]{8}|-here")

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _table(alphabet: bytes) -> bytes:
    """Return the translation of an alphabet to the letter `a`, and of all else to a space."""
    return bytes(ord("a") if byte in alphabet else ord(" ") for byte in range(256))


_RUNS: Final = _table(_ALPHABET + b"_.-")
_BASE64_RUNS: Final = _table(_ALPHABET + b"+/_-")
_A_RUN: Final = b"a" * _SHORTEST
_A_BASE64_RUN: Final = b"a" * 24
# Base64 that MIME and PEM break into lines, also where a newline is written as an escape.
_LINES: Final = re.compile(
    rb"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{40,128}(?:\r?\n|\\r\\n|\\n)[ \t]{0,16})++"
    rb"[A-Za-z0-9+/]{0,128}={0,2}"
)
_BREAK: Final = re.compile(rb"\\r|\\n|\s++")
_PRINTABLE: Final = bytes(range(32, 127)) + b"\t\r\n"

_URL: Final = re.compile(
    rb":(?:\\?/){2}(?P<user>[^/\s:@\"'<>\\]{0,256})(?::(?P<password>(?:[^/\s@\"\\]|\\[^/]){1,256}))?@"
)
_BEARER: Final = re.compile(rb"earer(?:\s|%20|\+){1,4}([A-Za-z0-9._~+/-]{12,4096}={0,2})")
_BASIC: Final = re.compile(rb"asic(?:\s|%20){1,4}([A-Za-z0-9+/]{8,1024}={0,2})")
_SCHEME: Final = re.compile(
    rb"(?i:authorization)[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"']?"
    rb"(?i:token|apikey|api-key|key|geniekey|ssws)"
    rb"(?:[ \t]|%20|=){1,4}[\"']?([A-Za-z0-9._~+/-]{12,4096}={0,2})"
)
_PRIVATE: Final = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[0-9]"
)
_PRIVATE_SIGNS: Final = (b"PRIVATE KEY", b"PuTTY-User-Key-File-")
_PRIVATE_END: Final = re.compile(
    rb"-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|Private-MAC:[ ]?[0-9a-f]{0,128}"
    rb"|(?=-----BEGIN )"
)
_LONGEST_KEY: Final = 1 << 14

# What stands behind `=`, `:`, `=>`, `:=`, or a sign that takes three bytes, of which the last is
# looked for: the wide colon, a dash, and `is` in Japanese, Chinese and Korean. The name before it
# is looked at where one may begin.
_WIDE_SIGNS: Final = frozenset(sign.encode() for sign in "：—–は是는")
_SIGN: Final = re.compile(
    rb"[=:\x9a\x93\x94\xaf][=>]?[ \t]{0,8}(?="
    rb"(?:[bBfFrRuU]{1,2}(?=[\"']))?\\?[\"'`]{1,3}[^\s\"'`\\]{6}"
    rb"|[^\s\"'`\\<>(){}\[\]$,;*|%/=:][^\s\"'`\\<>,;]{5}"
    rb"|/[^\s\"'`\\<>,;/][^\s\"'`\\<>,;]{4})"
)
_VALUE: Final = re.compile(
    rb"[=:\x9a\x93\x94\xaf][=>]?[ \t]{0,8}(?:[bBfFrRuU]{1,2}(?=[\"']))?"
    rb"(?:\\?[\"'`]{1,3}(?P<quoted>[^\s\"'`\\]{6,1024})(?=\\?[\"'`])"
    rb"|(?P<value>[^\s\"'`\\<>(){}\[\]$,;*|%][^\s\"'`\\<>,;]{5,1023}))"
)
_IN_QUERY: Final = re.compile(rb"[&#]")
_TRIES: Final = 2
_TELLING: Final = re.compile(  # in lower case, so that a search can skip by the first letter
    rb"(?:key|token|secret|secretstr|password|passwd|passphrase|pwd|pass|pw|credentials|credential"
    rb"|auth|passwort|kennwort|passe|contrasena|contrase\xc3\xb1a|senha|wachtwoord"
    rb"|keyid|key_id|keybase|key_base)(?![a-z0-9_-])"
)
_LOOSE: Final = rb"[A-Za-z0-9+/=_.~!#-]{8,1024}(?![\w(\[{@:/])"
# A name and its value as a call's arguments, a row of a table, a typed assignment, a block of
# YAML, an `ENV` line, or a sentence.
_BESIDE_NAME: Final = re.compile(
    rb"(?:\\?[\"'`]|\*\*){0,2}"
    rb"(?:[ \t]{0,4}[,|\t][ \t]{0,4}(?:default[ ]?=[ ]?)?|\([ ]?(?=[\"'`\\])"
    rb"|:[ ]{0,4}[|>][+-]?\r?\n[ \t]{1,16}"
    rb"|:[ ]{0,2}[A-Za-z&][\w.\[\]| ]{0,30}=[ ]{0,4}"
    rb"|:?(?:\*\*)?:?[ \t]{1,4}(?:(?:is|ist|est|es)[ ]{1,4})?)"
    rb"(?:\\?[\"'`])?(?P<value>" + _LOOSE + rb")"
)
_VARIABLE: Final = re.compile(
    rb"variable[ ]{1,4}\"(?P<name>[\w-]{3,80})\"\s{0,8}\{[^{}]{0,400}?\bdefault\s{0,8}=\s{0,8}"
    rb"\"(?P<value>[^\s\"$]{16,1024})\""
)
_CHANGES: Final = re.compile(rb"[A-Za-z][0-9]{1,8}[A-Za-z]")
_NAMES: Final = _table(_ALPHABET + b"_.-" + bytes(range(128, 256)))
_RESOURCE: Final = re.compile(rb"\barn:aws[\w:-]{0,80}\Z")  # …:secret:… is part of its name
_AFTER_NAME: Final = b" \t\r\n\"'\\]?+"
_COPULAS: Final = (b" is", b" ist", b" lautet", b" est", b" es")
_UNICODE: Final = re.compile(rb"\\u([0-9a-fA-F]{4})")
_NEIGHBOUR: Final = re.compile(
    rb"(?:name|key|variable|header|field)[\"']?\s{0,4}[=:]\s{0,4}[\"']?(?P<name>[A-Za-z][\w-]{1,80})"
    rb"[\"']?[\s,;]{0,40}[\"']?\Z"
)
_BESIDE: Final = frozenset({"value", "val"})
_ARGUMENT: Final = re.compile(
    rb"--(?P<name>[A-Za-z][\w-]{2,60})[ \t]{1,4}[\"']?"
    rb"(?P<value>[^\s\"'\\<>(){}\[\]$*-][^\s\"']{5,1023})"
)
_USER_OPTION: Final = re.compile(
    rb"(?:-u|--user)[ =][\"']?[^\s:\"']{1,64}:(?P<value>[^\s\"'$<{]{4,256})"
)
_ELEMENT: Final = re.compile(rb"<(?P<name>[A-Za-z][\w.-]{2,60})>(?P<value>[^<>\s]{6,1024})</")
_NETRC: Final = re.compile(
    rb"\blogin\s{1,8}\S{1,64}\s{1,8}password\s{1,8}(?P<value>[^\s\"'\\]{4,256})"
)
_OTHER_PLACES: Final = (
    *((b"--", _ARGUMENT), (b"-u", _USER_OPTION), (b"</", _ELEMENT), (b"login", _NETRC)),
)
# Passwords on the command lines of programs that take them without a telling name: the programs,
# and what stands between them and the value. `mysql -p VALUE` names a database, so no space there.
_GIVEN: Final = rb"[\"']?(?P<value>[^\s\"'$<{%*-][^\s\"']{5,255})"
_COMMANDS: Final = tuple(
    (sign, re.compile(rb"\b" + program + rb"\b[^\n|;&]{0,200}?[ \t]" + option + _GIVEN))
    for sign, program, option in (
        (b"mysql", rb"mysql(?:dump|admin|import|show|check|sh|slap)?", rb"-p"),
        (b"mariadb", rb"mariadb(?:-dump|-admin|-import)?", rb"-p"),
        (b"sshpass", rb"sshpass", rb"-p[ ]?"),
        (b"redis-cli", rb"redis-cli", rb"-a[ ]{1,4}"),
        (
            b"login",
            rb"(?:docker|podman|helm|az|oc|skopeo|buildah|crane|nerdctl)[^\n|;&]{0,40} login",
            rb"-p[ ]{1,4}",
        ),
        (b"ldap", rb"ldap(?:search|modify|add|delete|whoami)", rb"-w[ ]{1,4}"),
        (b"sqlcmd", rb"sqlcmd", rb"-P[ ]{0,4}"),
        (b"mosquitto_", rb"mosquitto_(?:pub|sub)", rb"-P[ ]{1,4}"),
        (b"net use", rb"net use", rb"/user:\S{1,64}[ ]{1,4}"),
        (b"htpasswd", rb"htpasswd", rb"-[a-zA-Z]{0,4}b[a-zA-Z]{0,4} \S{1,99} \S{1,64} "),
        (b"pass:", rb"openssl", rb"-pass(?:in|out)?[ ]{1,4}pass:"),
        (b"zip", rb"(?:un)?zip", rb"-P[ ]{1,4}"),
        (b"7z", rb"7za?", rb"-p"),
        (b"smbclient", rb"smbclient", rb"(?:-U|--user)[ =]{1,4}[\w.$\\-]{1,64}%"),
        (b"wandb login", rb"wandb", rb"login[ ]{1,4}"),
        (b"https ", rb"https", rb"(?:-a|--auth)[ =]{1,4}[\w.@-]{1,64}:"),
        (b"http ", rb"http", rb"(?:-a|--auth)[ =]{1,4}[\w.@-]{1,64}:"),
        (b"-SecureString", rb"ConvertTo-SecureString", rb"(?=[\"'])"),
    )
)
_ORACLE: Final = re.compile(
    rb"(?:jdbc:oracle:[a-z]{2,8}:|\bsqlplus (?:-\w{1,8} ){0,4})[\w.$#]{1,64}/"
    rb"(?P<value>[^\s@/\"'$<{][^\s@/\"'<>]{3,63})@"
)
_IN_SQL: Final = re.compile(
    rb"(?i:\bidentified\s{1,8}by|\bpassword)\s{1,8}\\?'(?P<value>[^\s'\\]{6,256})\\?'"
)
_PAIR: Final = re.compile(
    rb"\bauth[ ]?=[ ]?\([ ]?\\?[\"'][^\s\"']{1,64}[\"'],[ ]?\\?[\"']"
    rb"(?P<value>(?=[^\s\"']{0,63}[0-9])"
    rb"[^\s\"'\\]{6,256})"
)
_ONLY_PASSWORDS: Final = (
    (b"auth", _PAIR),
    *_COMMANDS,
    *((sign, _ORACLE) for sign in (b"jdbc:oracle:", b"sqlplus")),
    *((sign, _IN_SQL) for sign in (b"IDENTIFIED", b"identified", b"PASSWORD '", b"password '")),
)

# Words for a password, as the last word of what is said for it.
_ABROAD: Final = (
    *("passwort", "kennwort", "passe", "contraseña", "contrasena", "senha", "ordine", "wachtwoord"),
    *("hasło", "haslo", "lösenord", "losenord", "adgangskode", "kodeord", "passord", "salasana"),
    *("heslo", "пароль", "πρόσβασης", "şifre", "sifre", "parola", "parolă", "jelszó", "jelszo"),
    *(
        "密码",
        "密碼",
        "密钥",
        "金鑰",
        "口令",
        "パスワード",
        "暗証番号",
        "비밀번호",
        "암호",
        "المرور",
        "السر",
    ),
    *("סיסמה", "סיסמא", "पासवर्ड", "khẩu", "sandi", "lozinka", "лозинка", "geslo", "รหัสผ่าน"),
)


def _letters(name: str) -> str:
    """Return a name as it is compared: its letters and digits, in lower case."""
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
# Where a secret is kept: in a variable, a file, a vault. Each is all of a value, maybe behind the
# scheme of a header, and says nothing of the secret.
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
_UUID_ALONE: Final = re.compile(_UUID.encode(), re.IGNORECASE)
_IN_WORDS: Final = re.compile(rb"(?:[A-Za-z]++|\d++)(?:[-_.](?:[A-Za-z]++|\d++))+")
_WORD_LIKE: Final = re.compile(rb"[A-Za-z_.\-/:+&#!?@\x80-\xff]+")
_BEYOND_LATIN: Final = re.compile(rb"[\xca-\xf4]")  # such letters are of words, not of passwords
_OF_WORDS: Final = re.compile(rb"(?:[A-Z]?[a-z]{2,}|[A-Z]{2,}|[0-9]++|[^A-Za-z0-9])+")


class Span(NamedTuple):
    """Where something that looks like a secret begins and ends, what it looks like, its bytes."""

    start: int
    end: int
    what: str
    value: bytes


def spans(data: bytes, *, deep: int = 2) -> list[Span]:
    """Return what looks like a secret in some bytes, in order; no two overlap. Of base64 in
    base64 ``deep`` layers are undone.
    """
    if len(data) < 6:
        return []
    found = [
        *_shaped(data),
        *_by_middle(data),
        *_in_urls(data),
        *_private_keys(data),
        *_headers(data),
    ]
    found += _named(data)
    if deep and b"%" in data:
        found += _in_percent(data)
    if deep and len(data) >= len(_A_BASE64_RUN):
        found += _encoded(data, deep - 1)
    return _apart(found) if len(found) > 1 else found


def _apart(found: list[Span]) -> list[Span]:
    """Join what overlaps under the name of the first; a known shape comes before a name."""
    apart: list[Span] = []
    for each in sorted(found, key=lambda span: (span.start, -span.end)):
        if apart and each.start < apart[-1].end:
            last = apart[-1]
            better = last if last.what in _BY_SHAPE or each.what not in _BY_SHAPE else each
            end = max(last.end, each.end)
            apart[-1] = better._replace(start=last.start, end=end)
        else:
            apart.append(each)
    return apart


def _runs(data: bytes, table: bytes, least: bytes) -> Iterator[tuple[int, int]]:
    """Yield where long runs of an alphabet begin and end: many times faster than a pattern."""
    marked = data.translate(table)
    end = 0
    while (start := marked.find(least, end)) >= 0:
        end = marked.find(b" ", start)
        if end < 0:
            end = len(marked)
        yield start, end


@cache
def _shape() -> re.Pattern[bytes]:
    """All shapes in one pattern, which takes longer to compile than most texts to search."""
    shapes = (f"(?P<s{n}>{shape})" for n, shape in enumerate(SHAPES.values()))
    return re.compile("|".join(shapes).encode())


def _shaped(data: bytes) -> Iterator[Span]:
    begins = _ANY_BEGINNING if b"\0" in data else _BEGINNING
    after = 0
    for start, end in _runs(data, _RUNS, _A_RUN):
        for beginning in begins.finditer(data, max(start - _BACK, after), end):
            if beginning.start() < after:
                continue
            match = _shape().match(data, beginning.start())
            if match is not None:
                after = match.end()
                if _is_told(match[0]):
                    kind = _KINDS[int((match.lastgroup or "s0")[1:])]
                    yield Span(match.start(), after, kind, match[0])


def _by_middle(data: bytes) -> Iterator[Span]:
    for what, middle, pattern in _BY_MIDDLE:
        if middle in data:
            for match in pattern.finditer(data):
                if _is_told(match[0]):
                    yield Span(*match.span(), what, match[0])


def _is_told(token: bytes) -> bool:
    """Tell a token from what stands for one, and from words with hyphens."""
    if token.startswith(b"sk-") and not any(48 <= byte <= 57 for byte in token):
        return False
    return _NEVER.search(token) is None


def _in_urls(data: bytes) -> Iterator[Span]:
    at = data.find(b"@")
    if at < 0:
        return
    for sign in (b"://", b":\\/\\/"):
        at = data.find(sign)
        while at >= 0:
            match = _URL.match(data, at)
            if match is not None:
                yield from _user_info(match)
            at = data.find(sign, match.end() if match else at + len(sign))


def _user_info(match: re.Match[bytes]) -> Iterator[Span]:
    password, user = match["password"], match["user"]
    if password is not None:
        if not _stands_for(password) and password.lower() not in _AS_PASSWORD:
            yield Span(*match.span("password"), IN_URL, password)
            return
        if password.lower() not in {b"x-oauth-basic", b""}:
            return
    if len(user) >= _SHORTEST and _is_random(user):
        yield Span(*match.span("user"), "a token in a URL", user)


_AS_PASSWORD: Final = frozenset({b"password", b"pass", b"passwd", b"pwd", b"x-oauth-basic"})


def _private_keys(data: bytes) -> Iterator[Span]:
    """A private key goes from its first line to its last; without one, the first line stands for
    all of it.
    """
    if not any(sign in data for sign in _PRIVATE_SIGNS):
        return
    after = 0
    for match in _PRIVATE.finditer(data):
        if match.start() < after:
            continue
        closed = _PRIVATE_END.search(data, match.end(), match.end() + _LONGEST_KEY)
        after = closed.end() if closed else match.end()
        yield Span(match.start(), after, PRIVATE_KEY, data[match.start() : after])


def _headers(data: bytes) -> Iterator[Span]:
    for what, sign, pattern in (
        (BEARER, b"earer", _BEARER),
        (BASIC, b"asic", _BASIC),
        (AUTHORIZATION, b"uthorization", _SCHEME),
    ):
        if sign in data:
            for match in pattern.finditer(data):
                token = match[1]
                told = _is_basic(token) if what == BASIC else _has_digit(token)
                if told and not _is_placeholder(token):
                    yield Span(*match.span(1), what, token)


def _is_basic(text: bytes) -> bool:
    decoded = _decoded(text)
    return b":" in decoded and not decoded.translate(None, _PRINTABLE)


def _decoded(text: bytes) -> bytes:
    """Return what base64 stands for, of either alphabet; nothing if it is none."""
    plain = text.translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return b""


def _encoded(data: bytes, deep: int) -> Iterator[Span]:
    """Undo base64 where it is of plain text, and look into that."""
    yield from _in_base64(data, _runs(data, _BASE64_RUNS, _A_BASE64_RUN), deep)
    if b"\n" in data or b"\\n" in data:
        yield from _in_base64(data, (match.span() for match in _LINES.finditer(data)), deep)


def _in_base64(data: bytes, places: Iterable[tuple[int, int]], deep: int) -> Iterator[Span]:
    for start, end in places:
        encoded = _BREAK.sub(b"", data[start:end])
        head = _decoded(encoded[:24])
        plain = _text_of(head)
        if len(plain) < 6 or plain.translate(None, _PRINTABLE):
            continue
        inner = spans(_text_of(_decoded(encoded)), deep=deep)
        if inner:
            what = inner[0].what if BASE64 in inner[0].what else f"{inner[0].what}, {BASE64}"
            yield Span(start, end, what, data[start:end])


def _in_percent(data: bytes) -> Iterator[Span]:
    """Undo percent-encoding, look into that, and tell where what is found stood before."""
    pieces, starts, ends = [], [0], [0]  # where each piece begins, undone and as it was
    at = size = 0
    for match in _ESCAPED.finditer(data):
        pieces += [data[at : match.start()], bytes((int(match[0][1:], 16),))]
        size += match.start() - at + 1
        at = match.end()
        starts.append(size)
        ends.append(at)
    if not pieces:
        return
    for each in spans(b"".join((*pieces, data[at:])), deep=0):
        first, last = (bisect_right(starts, place) - 1 for place in (each.start, each.end))
        start = ends[first] + each.start - starts[first]
        end = ends[last] + each.end - starts[last]
        yield Span(start, end, each.what, data[start:end])


_ESCAPED: Final = re.compile(rb"%[0-9A-Fa-f]{2}")


def _text_of(decoded: bytes) -> bytes:
    """Undo UTF-16, which is every second byte of what is plain otherwise."""
    return decoded.replace(b"\0", b"") if decoded.count(b"\0") * 3 > len(decoded) else decoded


# By name


def _named(data: bytes) -> Iterator[Span]:
    after = within = tries = 0
    for sign in _SIGN.finditer(data):
        if sign.start() < after:
            continue
        name, before = _name_before(data, sign.start())
        match = _VALUE.match(data, sign.start()) if name else None
        if match is not None:
            is_quoted = match["quoted"] is not None
            start, end = match.span("quoted" if is_quoted else "value")
            if before in {"?", "&"}:
                end = start + len(_IN_QUERY.split(data[start:end], maxsplit=1)[0])
            found = list(_of_name(data, (start, end), name, quoted=is_quoted))
            # A value that is none may hide a sign; so few tries in one keep the search linear.
            tries = tries + 1 if sign.start() < within else 0
            within = max(within, end)
            after = within if found or tries >= _TRIES else after
            yield from found
    yield from _loosely_named(data)
    for mark, pattern in _ONLY_PASSWORDS:
        if mark in data:
            for match in pattern.finditer(data):
                if not _is_placeholder(match["value"]):
                    yield Span(*match.span("value"), "a password", match["value"])
    for mark, pattern in _OTHER_PLACES:
        if mark in data:
            for match in pattern.finditer(data):
                name = match["name"].decode() if "name" in pattern.groupindex else "password"
                yield from _of_name(data, match.span("value"), name, quoted=mark != b"--")


def _loosely_named(data: bytes) -> Iterator[Span]:
    """Yield the values that stand beside a name with no `=` or `:` before them. Prose and tables
    look like that too, so such a value must look random.
    """
    for match in _loose_places(data):
        at = match.start() if match.re is _BESIDE_NAME else match.end("name")
        name, _ = _name_before(data, at)
        start, end = match.span("value")
        value = data[start:end].rstrip(b".")
        told = _is_strictly_random(value) or (_is_password(name) and _is_mixed(value))
        if name and told and is_value(name, value, quoted=True):
            yield Span(start, start + len(value), value_of(name), value)


def _loose_places(data: bytes) -> Iterator[re.Match[bytes]]:
    for word in _TELLING.finditer(data.lower()):
        match = _BESIDE_NAME.match(data, word.end())
        if match is not None:
            yield match
    yield from _VARIABLE.finditer(data)


def _is_strictly_random(value: bytes) -> bool:
    changes = _is_scrambled(value) or _CHANGES.search(value) is not None
    return len(value) >= _SHORTEST and _is_random(value) and changes


def _is_mixed(value: bytes) -> bool:
    """Tell a short password of letters and digits from words and numbers that are joined."""
    return (
        len(value) >= 8
        and value.lower() != value != value.upper()
        and (_has_digit(value) or len(_CAPITALS.findall(value)) >= 3)
        and _OF_WORDS.fullmatch(value) is None
    )


def _name_before(data: bytes, at: int) -> tuple[str, str]:
    """Return the name that stands before a sign, and the character before that. Beside `value`
    counts the name that the object before it tells.
    """
    if data[at : at + 1] >= b"\x80":
        if data[max(at - 2, 0) : at + 1] not in _WIDE_SIGNS:
            return "", ""
        at -= 2
    text = data[max(at - 90, 0) : at].rstrip(_AFTER_NAME)
    if text.endswith(_COPULAS):
        text = text[: text.rfind(b" ")].rstrip(_AFTER_NAME)
    if b"\\u" in text:
        text = _UNICODE.sub(lambda match: chr(int(match[1], 16)).encode(errors="ignore"), text)
    begin = text.translate(_NAMES).rfind(b" ") + 1
    name = text[begin:].decode(errors="ignore").rpartition(".")[2]
    if name in _BESIDE:
        beside = _NEIGHBOUR.search(data[max(at - 200, 0) : at].rstrip(b" \t\"'\\")[: -len(name)])
        name = beside["name"].decode() if beside else ""
    before = text[begin - 1 : begin].decode("latin-1")
    if before == "\\" and not strength(name):
        name = name[1:]  # behind an escape, `\n`
    if before == ":" and _RESOURCE.search(text, 0, begin) is not None:
        name = ""
    return (name if strength(name) else ""), before


def _of_name(data: bytes, place: tuple[int, int], name: str, *, quoted: bool) -> Iterator[Span]:
    start, end = place
    value = data[start:end]
    if not quoted:
        value = value.rstrip(b".,;:!?)]}")
        quoted = name.isupper() and data[end : end + 1] in {b"", b"\n", b"\r"}  # a shell's setting
    if is_value(name, value, quoted=quoted):
        yield Span(start, start + len(value), value_of(name), value)


@lru_cache(4096)
def strength(name: str) -> int:
    """Return how much a name says that its value is a secret: 0 nothing, 1 it may be, 2 it is."""
    plain = _letters(name)
    if plain.endswith(_INNOCENT) or _COUNTS.match(name):
        return 0
    if plain.endswith(_STRONG):
        return 2
    compound = plain.endswith(("token", "secret", "apikey")) and plain not in _WEAK
    return 1 if compound or _LAST_WORD.search(name) or plain in {*_WEAK, _SIGNED} else 0


def value_of(name: str) -> str:
    """Return what the value of a name is called. A name may hold a token too: that is left out."""
    data = name.encode(errors="surrogatepass")
    if len(data) >= _SHORTEST:
        for span in reversed(spans(data)):
            data = data[: span.start] + "…".encode() + data[span.end :]
    return f"the value of `{data.decode(errors='replace')}`"


def is_value(name: str, value: bytes, *, quoted: bool) -> bool:
    """Could a value be the secret that its name announces? In running text, unless it is
    ``quoted``, a word without a digit is none.
    """
    if not 6 <= len(value) <= _LONGEST or b" " in value or b"\n" in value:
        return False
    if _BEYOND_LATIN.search(value) is not None or _is_placeholder(value):
        return False
    says = strength(name)
    if says == 0:
        return False
    if says == 1 and name.lower().endswith(_SHORT_PASSWORDS) and _is_mixed(value):
        return True
    if says == 1:
        return len(value) >= _SHORTEST and _is_random(value) and not _is_digest(name, value)
    if len(value) < 8 and not _is_password(name):
        return False
    if value.isdigit():
        return quoted
    if _is_scrambled(value) or (_is_password(name) and _is_mixed(value)):
        return True
    if value.isalpha() and value.decode().lower().endswith(_letters(name)):
        return False  # `PASSWORD: "newPassword"` is a name for a name
    if _WORD_LIKE.fullmatch(value) is None:
        return _has_digit(value) or quoted
    return quoted and value.isalpha() and len(value) >= 10 and value.lower() not in _WORDS


def _is_password(name: str) -> bool:
    return "pass" in name.lower() or _letters(name).endswith((*_PASSWORDS, *_SHORT_PASSWORDS))


def is_reference(value: bytes) -> bool:
    """Does a value say where a secret is kept, and nothing of the secret?"""
    return _REFERENCE.fullmatch(value) is not None


def _is_placeholder(value: bytes) -> bool:
    """Does it stand for a value that is somewhere else, or for none?"""
    return value.lower() in _WORDS or _stands_for(value)


def _stands_for(value: bytes) -> bool:
    if value[:1] in b"<{[$%*" or (len(set(value)) <= 2 and value[:1] in b"xX.*-_0#"):
        return True
    if b"${" in value or b"{{" in value or is_reference(value):
        return True
    return _PLACEHOLDER.search(value) is not None


def _is_scrambled(value: bytes) -> bool:
    """Tell random letters from words, which are written together as `camelCase` or `HTTPServer`."""
    capitals = _CAPITALS.findall(value)
    return (
        len(value) >= _SHORTEST
        and value.isalpha()
        and len(capitals) >= 4
        and (sum(len(run) > 1 for run in capitals) >= 2)
    )


_CAPITALS: Final = re.compile(rb"[A-Z]+")


def _is_random(value: bytes) -> bool:
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
# Words that make a `key` one of a service or of a cipher, even where its value is a digest's hex.
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


def _has_digit(value: bytes) -> bool:
    return any(48 <= byte <= 57 for byte in value)


_BY_SHAPE: Final = frozenset(
    {
        *_KINDS,
        "an Azure secret",
        "a password",
        IN_URL,
        BEARER,
        BASIC,
        AUTHORIZATION,
        PRIVATE_KEY,
        "a token in a URL",
    }
)
