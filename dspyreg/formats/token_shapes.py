"""The table of token shapes that issuers publish."""

from __future__ import annotations

import re
from typing import Final

# A token begins at its first letter and contains, from there or soon after, a run of at least 16
# letters, digits and `_.-`.
_HEX: Final = "[0-9a-f]"
UUID: Final = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
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
        r"(?:amzn\.mws\." + UUID + rf"|ABSK[A-Za-z0-9+/]{{109,269}}|bedrock-api-key-{_W}{{20,600}}"
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
        rf"|access-(?:production|sandbox|development)-{UUID}|FLWSECK(?:_TEST)?-{_W}{{12,60}}"
        rf"|AQE[a-z]{_W}{{10}}[A-Za-z0-9.+/]{{60,400}}|(?:live|test)_{_HEX}{{35}}|sk_{UUID})"
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
        rf"|sl\.u\.{_WD}{{60,1200}}|pat-[a-z]{{2}}[0-9]-{UUID}|(?:sdk|api)-{UUID}|CFPAT-{_WD}{{43}}|sgp_(?:{_HEX}{{16}}_)?{_HEX}{{40}}"
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
# A token begins at a word boundary. In encoded JSON it may directly follow an escape, `\n` or
# `\u003d`; in bytes other than text, it may follow any byte.
BOUNDARY: Final = (
    rb"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbf])|(?<=\\u[0-9a-fA-F]{4})|(?<=%[0-9a-fA-F]{2}))"
)
# Shapes recognized by a literal in their middle. Each begins with a literal or at a word boundary,
# so the time of a search is linear in the number of bytes.
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
BY_MIDDLE: Final = tuple(
    (what, middle, re.compile((b"" if shape.startswith(_LITERAL) else BOUNDARY) + shape))
    for what, middle, shape in _MIDDLES
)
