"""Tokens of well-known forms, assembled here so that no file of the repository contains one.

Each kind is a format: `A` and a number stand for so many letters and digits, `a` for lower case
and digits, `U` for upper case and digits, `d` for digits, `h` for hexadecimal digits, `b` for the
letters of base64url, `u` for a UUID. Beginnings are written in two halves.
"""

from __future__ import annotations

import base64
import string
import uuid
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from random import Random

_LETTERS: Final = {
    "A": string.ascii_letters + string.digits,
    "a": string.ascii_lowercase + string.digits,
    "U": string.ascii_uppercase + string.digits,
    "d": string.digits,
    "h": "0123456789abcdef",
    "b": string.ascii_letters + string.digits + "_-",
}

# name: pieces. A tuple of a letter and a number is random, a text is literal.
SHAPED: Final[dict[str, tuple[object, ...]]] = {
    "AWS access key": ("AK", "IA", ("U", 16)),
    "AWS temporary key": ("AS", "IA", ("U", 16)),
    "AWS bedrock key": ("bedrock-", "api-key-", ("A", 60)),
    "AWS AppSync key": ("da", "2-", ("a", 26)),
    "AWS MWS key": ("amzn", ".mws.", "u"),
    "Google API key": ("AI", "za", ("b", 35)),
    "Google OAuth access token": ("ya", "29.", ("b", 80)),
    "Google OAuth secret": ("GOC", "SPX-", ("b", 28)),
    "Google refresh token": ("1/", "/0", ("b", 60)),
    "Azure client secret": ("aB3", "8Q~", ("b", 33)),
    "Azure OpenAI key": (("A", 52), "JQQ", "J99", ("A", 26)),
    "Azure DevOps token": (("A", 76), "AZ", "DO", ("A", 4)),
    "GitHub classic token": ("gh", "p_", ("A", 36)),
    "GitHub OAuth token": ("gh", "o_", ("A", 36)),
    "GitHub app user token": ("gh", "u_", ("A", 36)),
    "GitHub app server token": ("gh", "s_", ("A", 36)),
    "GitHub refresh token": ("gh", "r_", ("A", 76)),
    "GitHub fine-grained token": ("github", "_pat_", ("A", 22), "_", ("A", 59)),
    "GitLab token": ("gl", "pat-", ("b", 20)),
    "GitLab runner token": ("gl", "rt-", ("b", 20)),
    "GitLab trigger token": ("gl", "ptt-", ("h", 40)),
    "GitLab deploy token": ("gl", "dt-", ("b", 20)),
    "OpenAI key": ("s", "k-", ("A", 48)),
    "OpenAI project key": ("s", "k-proj-", ("b", 120)),
    "OpenAI service key": ("s", "k-svcacct-", ("b", 100)),
    "OpenAI admin key": ("s", "k-admin-", ("b", 100)),
    "Anthropic key": ("s", "k-ant-api03-", ("b", 93), "AA"),
    "Anthropic admin key": ("s", "k-ant-admin01-", ("b", 93), "AA"),
    "OpenRouter key": ("s", "k-or-v1-", ("h", 64)),
    "DeepSeek key": ("s", "k-", ("h", 32)),
    "Langfuse secret key": ("s", "k-lf-", "u"),
    "LangSmith key": ("ls", "v2_pt_", ("h", 32), "_", ("h", 10)),
    "LangSmith service key": ("ls", "v2_sk_", ("h", 32), "_", ("h", 10)),
    "Hugging Face token": ("h", "f_", ("A", 34)),
    "Groq key": ("gs", "k_", ("A", 52)),
    "Replicate token": ("r", "8_", ("A", 37)),
    "Pinecone key": ("pc", "sk_", ("A", 6), "_", ("A", 60)),
    "Perplexity key": ("pp", "lx-", ("A", 48)),
    "xAI key": ("x", "ai-", ("A", 80)),
    "NVIDIA key": ("nv", "api-", ("b", 64)),
    "Fireworks key": ("f", "w_", ("A", 24)),
    "Cerebras key": ("cs", "k-", ("a", 48)),
    "Together key": ("tg", "p_v1_", ("b", 43)),
    "Voyage key": ("p", "a-", ("b", 43)),
    "Tavily key": ("tv", "ly-dev-", ("A", 32)),
    "Jina key": ("ji", "na_", ("A", 60)),
    "Firecrawl key": ("f", "c-", ("h", 32)),
    "E2B key": ("e", "2b_", ("h", 40)),
    "LlamaCloud key": ("ll", "x-", ("A", 48)),
    "Anyscale key": ("ese", "cret_", ("A", 26)),
    "W&B key": ("wan", "db_v1_", ("b", 77)),
    "ElevenLabs key": ("s", "k_", ("h", 48)),
    "Slack bot token": ("xo", "xb-", ("d", 12), "-", ("d", 12), "-", ("A", 24)),
    "Slack user token": ("xo", "xp-", ("d", 12), "-", ("d", 12), "-", ("h", 32)),
    "Slack app token": ("xa", "pp-1-", ("U", 11), "-", ("d", 13), "-", ("h", 64)),
    "Slack webhook": (
        "https://hooks.sl",
        "ack.com/services/T",
        ("U", 8),
        "/B",
        ("U", 8),
        "/",
        ("A", 24),
    ),
    "Discord webhook": ("https://discord.c", "om/api/webhooks/", ("d", 18), "/", ("b", 68)),
    "Discord bot token": ("M", ("A", 23), ".", ("A", 6), ".", ("A", 38)),
    "Telegram bot token": (("d", 9), ":", "AA", ("b", 33)),
    "Stripe secret key": ("s", "k_live_", ("A", 24)),
    "Stripe test key": ("s", "k_test_", ("A", 99)),
    "Stripe restricted key": ("r", "k_live_", ("A", 24)),
    "Stripe webhook secret": ("wh", "sec_", ("A", 32)),
    "Square token": ("sq", "0atp-", ("b", 22)),
    "Square secret": ("sq", "0csp-", ("b", 43)),
    "Razorpay key": ("rz", "p_live_", ("A", 14)),
    "Plaid token": ("access-", "production-", "u"),
    "Braintree token": ("access_", "token$production$", ("a", 16), "$", ("h", 32)),
    "Flutterwave key": ("FLW", "SECK_TEST-", ("h", 32), "-X"),
    "Twilio key": ("S", "K", ("h", 32)),
    "Twilio account": ("A", "C", ("h", 32)),
    "SendGrid key": ("S", "G.", ("b", 22), ".", ("b", 43)),
    "Mailgun key": ("ke", "y-", ("h", 32)),
    "Mailchimp key": (("h", 32), "-u", "s12"),
    "Brevo key": ("xkey", "sib-", ("h", 64), "-", ("A", 16)),
    "Resend key": ("r", "e_", ("A", 8), "_", ("A", 24)),
    "npm token": ("np", "m_", ("A", 36)),
    "PyPI token": ("py", "pi-AgEIcHlwaS5vcmc", ("b", 80)),
    "RubyGems token": ("ruby", "gems_", ("h", 48)),
    "crates.io token": ("ci", "o", ("A", 32)),
    "Docker token": ("dckr", "_pat_", ("b", 27)),
    "Artifactory key": ("AK", "Cp", ("A", 69)),
    "NuGet key": ("oy", "2", ("a", 43)),
    "DigitalOcean token": ("do", "p_v1_", ("h", 64)),
    "Doppler token": ("dp", ".pt.", ("A", 43)),
    "Vault token": ("hv", "s.", ("b", 90)),
    "Terraform token": (("A", 14), ".atl", "asv1.", ("b", 67)),
    "Databricks token": ("da", "pi", ("h", 32)),
    "Alibaba key": ("LT", "AI", ("A", 20)),
    "Tencent key": ("AK", "ID", ("A", 32)),
    "Supabase token": ("sb", "p_", ("h", 40)),
    "Supabase secret": ("sb_", "secret_", ("b", 31)),
    "PlanetScale token": ("psc", "ale_tkn_", ("b", 43)),
    "Neon key": ("na", "pi_", ("a", 64)),
    "Netlify token": ("nf", "p_", ("A", 36)),
    "Heroku key": ("HR", "KU-", "u"),
    "Pulumi token": ("pu", "l-", ("h", 40)),
    "Tailscale key": ("ts", "key-auth-", ("A", 17), "-", ("A", 32)),
    "1Password token": ("op", "s_eyJ", ("A", 250)),
    "OpenShift token": ("sha", "256~", ("b", 43)),
    "Atlassian token": ("ATA", "TT3", ("b", 180)),
    "Bitbucket password": ("AT", "BB", ("A", 32)),
    "Postman key": ("PM", "AK-", ("h", 24), "-", ("h", 34)),
    "Linear key": ("li", "n_api_", ("A", 40)),
    "Notion token": ("nt", "n_", ("A", 46)),
    "Figma token": ("fi", "gd_", ("b", 40)),
    "Airtable token": ("pa", "t", ("A", 14), ".", ("h", 64)),
    "Shopify token": ("shp", "at_", ("h", 32)),
    "Sentry token": ("snt", "ryu_", ("h", 64)),
    "Grafana token": ("gl", "sa_", ("A", 32), "_", ("h", 8)),
    "New Relic key": ("NR", "AK-", ("U", 27)),
    "Dynatrace token": ("dt", "0c01.", ("U", 24), ".", ("U", 64)),
    "PostHog key": ("ph", "x_", ("A", 43)),
    "Sonar token": ("sq", "u_", ("h", 40)),
    "Prefect key": ("pn", "u_", ("A", 36)),
    "Typeform token": ("tf", "p_", ("b", 59)),
    "Duffel token": ("duf", "fel_live_", ("b", 43)),
    "EasyPost key": ("EZ", "AK", ("A", 54)),
    "MaxMind key": (("A", 6), "_", ("A", 29), "_m", "mk"),
    "age key": ("AGE-", "SECRET-KEY-1", ("U", 58)),
    "JSON web token": ("ey", "J", ("A", 33), ".ey", "J", ("A", 60), ".", ("b", 43)),
    "bearer header": ("Authorization: Bea", "rer ", ("A", 40)),
    "database URL": ("postgres", "ql://app:", ("A", 16), "@db.internal:5432/app"),
    "Buildkite token": ("bk", "ua_", ("a", 40)),
    "Harness token": ("pa", "t.", ("b", 22), ".", ("h", 24), ".", ("A", 20)),
    "Apify token": ("apify", "_api_", ("A", 36)),
    "Logfire token": ("pylf", "_v1_us_", ("A", 44)),
    "LiteLLM key": ("s", "k-k7B_", ("b", 18)),
    "MySQL command": ("mysql -u root -", "p7B", ("A", 12), " -h db prod"),
    "sshpass command": ("sshpass ", "-p 7B", ("A", 12), " ssh root@host"),
    "Redis command": ("redis-cli -h cache ", "-a 7B", ("A", 20), " ping"),
    "docker login": ("docker login -u ada ", "-p 7B", ("A", 20), " ghcr.io"),
    "LDAP command": ("ldapsearch -D cn=admin ", "-w 7B", ("A", 12), " -b dc=x"),
    "SQL Server command": ("sqlcmd -S host -U sa ", "-P 7B", ("A", 12), " -Q x"),
    "OpenSSL command": ("openssl enc -aes256 -pass pa", "ss:7B", ("A", 12), " -in a"),
    "Oracle command": ("sqlplus scott", "/7B", ("A", 10), "@orcl"),
    "Oracle JDBC": ("jdbc:oracle:thin:scott", "/7B", ("A", 10), "@//db:1521/orcl"),
    "MySQL JDBC": ("jdbc:mysql://db/x?user=root&pass", "word=7B", ("A", 12)),
    "SQL": ("CREATE USER ada IDENTI", "FIED BY '7B", ("A", 12), "'"),
    "redis URL": ("redi", "s://:", ("A", 20), "@cache.internal:6379/0"),
    "git URL": ("htt", "ps://", ("A", 40), "@git.internal/team/repo.git"),
    "query parameter": ("https://llm.internal/v1?api", "_key=", ("A", 32), "&n=1"),
    "Azure storage": ("AccountName=x;Account", "Key=", ("A", 86), "==;EndpointSuffix=core"),
}

# Names that mark a random value as a secret.
NAMED: Final = (
    *("OPENAI_API_KEY", "api_key", "api-key", "apiKey", "x-api-key", "accessToken", "access_token"),
    *(
        "AWS_SECRET_ACCESS_KEY",
        "aws_secret_access_key",
        "client_secret",
        "clientSecret",
        "password",
    ),
    *("DB_PASSWORD", "passwd", "COHERE_API_KEY", "MISTRAL_API_KEY", "TOGETHER_API_KEY"),
    *("WANDB_API_KEY", "DD_API_KEY", "CLOUDFLARE_API_TOKEN", "auth_token", "refreshToken"),
    *("HF_TOKEN", "secret_key", "SECRET_KEY", "private_key", "signing-key", "passphrase"),
)


class Planted(NamedTuple):
    """A secret: its kind, and the text that holds it."""

    kind: str
    text: str


def tokens(random: Random) -> list[Planted]:
    """Return one token of each form, and private keys."""
    found = [Planted(kind, made(random, pieces)) for kind, pieces in SHAPED.items()]
    for kind in ("RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""):
        first, last = (f"-----{word} {kind}PRIVATE " + "KEY-----" for word in ("BEGIN", "END"))
        body = "\n".join(_random(random, "A", 64) for _ in range(6))
        found.append(Planted(f"{kind}private key", f"{first}\n{body}\n{last}"))
    user = base64.b64encode(f"app:{_random(random, 'A', 12)}".encode()).decode()
    return [*found, Planted("basic header", "Authorization: Ba" + f"sic {user}")]


def made(random: Random, pieces: tuple[object, ...]) -> str:
    """Return a text assembled from pieces."""
    return "".join(_piece(random, piece) for piece in pieces)


def value(random: Random, size: int = 32) -> str:
    """Return a random value with both letters and digits."""
    return _random(random, "A", size - 2) + "k7"


def _piece(random: Random, piece: object) -> str:
    if piece == "u":
        return str(uuid.UUID(int=random.getrandbits(128), version=4))
    if isinstance(piece, tuple):
        return _random(random, *piece)
    return str(piece)


def _random(random: Random, letters: str, size: int) -> str:
    return "".join(random.choice(_LETTERS[letters]) for _ in range(size))
