"""The secret detectors: what they find and what they leave alone."""

from __future__ import annotations

import base64
import io
import json
import zipfile

import pytest

from dspyreg.formats import detectors, secrets, streams

TOKEN = "gh" + "p_" + "a1B2" * 9


def test_a_secret_in_an_archive_is_located_by_its_member_and_line():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config/.env", f"A=1\nTOKEN={TOKEN}\n" + "B=2\n" * 50)
    [secret] = streams.Search().through([file.getvalue()])
    assert secret.location == "config/.env: line 2"


def test_a_private_key_is_redacted_up_to_its_last_line():
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
def test_placeholders_are_not_secrets(text: str):
    assert secrets.find_in_lines(text) == []


@pytest.mark.parametrize(
    "text",
    [f"MINIO_ROOT_PASSWORD={'a1B2' * 4}", f"https://h.example/?next=%3Ft%3D{TOKEN}"],
)
def test_text_before_a_secret_does_not_hide_it(text: str):
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
        'api_key="""{}"""',
        "os.getenv('COHERE_API_KEY', default='{}')",
        'let api_key: &str = "{}";',
        'let apiKey: String = "{}"',
        "AuthApiKey('{}')",
        "COHERE_API_KEY ?= {}",
        "psk='{}'",
        "the staging pw is {}",
        "Ihr Passwort ist {}",
        "votre mot de passe est {}",
        "requests.get(url, auth=('ada', '{}'))",
        "http -a ada:{} https://h.example",
        "smbclient //h/s -U ada%{}",
        "ConvertTo-SecureString '{}' -AsPlainText",
    ],
)
def test_a_random_value_after_a_secret_name_is_found(text: str):
    assert values(text.format(RANDOM)) == [RANDOM.encode()]


PASSWORD = "aB3dE" + "5gH7j"


@pytest.mark.parametrize(
    "text",
    [
        *("Passwort: {}", "Das Passwort lautet: {}", "Kennwort={}", "Mot de passe : {}"),
        *("Contraseña: {}", "contrasena: {}", "mot_de_passe = '{}'", "senha: {}", "hasło: {}"),
        *("wachtwoord: {}", "lösenord: {}", "adgangskode: {}", "passord: {}", "salasana: {}"),
        *("heslo: {}", "Пароль: {}", "пароль — {}", "κωδικός πρόσβασης: {}", "Şifre: {}"),
        *("parolă: {}", "jelszó: {}", "密码：{}", "您的密码是{}", "密碼: {}", "パスワード：{}"),
        *("パスワードは{}", "비밀번호: {}", "비밀번호는 {}", "كلمة المرور: {}", "סיסמה: {}"),
        *("पासवर्ड: {}", "mật khẩu: {}", "kata sandi: {}", "รหัสผ่าน: {}"),
        *(
            '{{"contrase\\u00f1a": "{}"}}',
            "user ada, password {}",
            "the password is {}",
            "pass: {}",
        ),
    ],
)
def test_a_password_is_found_after_its_word_in_many_languages(text: str):
    assert values(text.format(PASSWORD)) == [PASSWORD.encode()]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Passwort: mindestens 12 Zeichen",
            "Das Passwort lautet anders",
            "Mot de passe : oublié ?",
        ),
        *("Contraseña: incorrecta", '{"senha": "obrigatória"}', "Пароль — обязателен, 8 знаков"),
        *(
            "密码：至少8个字符",
            '{"密码": "必填"}',
            "パスワードは8文字以上です",
            "비밀번호는 8자 이상",
        ),
        *(
            "the password is Base64Encoded",
            "Numero ordine: AB12cd34",
            'CHALLENGE_PASSWORD: "challengePassword"',
            "auth=('username', 'password')",
            "the password is required",
            "password hashing with SHA256",
        ),
    ],
)
def test_a_word_for_password_in_prose_is_not_a_secret(text: str):
    assert values(text) == []


@pytest.mark.parametrize(
    "text",
    [
        *("mysql -u root -p prod", "mysql -u root -p$PASS", "sshpass -p ${PASS} ssh host"),
        *("docker run -p 127.0.0.1:5432:5432 postgres", "mkdir -p build/output2", "ssh -p 22222 h"),
        *(
            "redis-cli -a $REDIS_PASSWORD ping",
            "sqlplus user/password@orcl",
            "uses: owner/repo@v10",
        ),
        *(
            "object key: images/0b8f2a3c-1111-4222-8333-944455556666.png",
            "pk_" + "live_" + "a1B2" * 6,
        ),
        *("password = user.profile.password_hash_v2", "jdbc:oracle:thin:@//db:1521/orcl"),
    ],
)
def test_a_command_or_identifier_without_a_password_is_not_a_secret(text: str):
    assert values(text) == []


REFERENCES = (
    *("os.environ/OPENAI_API_KEY", "${OPENAI_API_KEY}", "$OPENAI_API_KEY", "{{ openai_api_key }}"),
    *("${{ secrets.OPENAI_API_KEY }}", "env:OPENAI_API_KEY", "env://OPENAI_API_KEY_2", "%API_KEY%"),
    *("secret://prod/openai-2024", "vault:secret/data/openai2#key", "op://Private/OpenAI-2/key"),
    *("arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/openai-AbC1", "ssm:/prod/key-2"),
    *("projects/123456/secrets/openai-key/versions/3", "process.env.OPENAI_API_KEY", "$(pass ai2)"),
    *("https://kv9.vault.azure.net/secrets/openai/0a1b2c", "/run/secrets/openai_key_2", "$env:KEY"),
    *("ref+vault://secret/openai2#/key", "${oc.env:OPENAI_API_KEY}", "${OPENAI_API_KEY:?missing}"),
    *("Bearer ${TOKEN}", 'os.getenv("OPENAI_API_KEY")', "oidc/google/https://x1.run.app"),
)


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_to_a_secret_is_not_a_secret(reference: str):
    lm = {"predict": {"lm": {"model": "m", "api_key": reference, "headers": {"X": reference}}}}
    assert secrets.find(lm) == []
    assert secrets.redacted(lm) == lm
    assert list(streams.find([json.dumps(lm).encode()])) == []
    for name in ("api_key", "DB_PASSWORD", "token"):
        assert secrets.find({name: reference}) == []
        for text in (f"{name}: {reference}", f"{name}='{reference}'", f"{name}={reference}"):
            assert secrets.find_in_lines(text) == []


@pytest.mark.parametrize(
    "text",
    [
        *(f"${{OPENAI_API_KEY:-{RANDOM}}}", f"vault://me:{RANDOM}@h.example/key"),
        *(f"env:{TOKEN}", f"op://{TOKEN}/key", f"secret {RANDOM}", f"$ecret{RANDOM}"),
    ],
)
def test_a_secret_inside_a_reference_is_found(text: str):
    assert secrets.find({"predict": {"lm": {"api_key": text}}})


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
def test_a_word_or_digest_after_a_harmless_name_is_not_a_secret(text: str):
    assert values(text.format(HEX)) == []


@pytest.mark.parametrize("name", ["DD_APP_KEY", "ALGOLIA_ADMIN_KEY", "azure_openai_key"])
def test_a_hexadecimal_service_key_is_found(name: str):
    assert values(f"{name}={HEX}") == [HEX.encode()]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\n    ", "\\n"])
def test_a_secret_in_base64_over_several_lines_is_found(newline: str):
    encoded = base64.encodebytes(f"{'so many words ' * 4}{TOKEN} and more".encode()).decode()
    text = encoded.strip().replace("\n", newline)
    assert values(text) == [text.encode()]


def test_a_secret_in_a_percent_encoded_address_is_found():
    text = f"https://h.example/?next=https%3A%2F%2Fi.example%2F%3Fpassword%3D{RANDOM}%26a%3D1"
    assert secrets.without(text) == text.replace(RANDOM, "REDACTED")


def test_random_letters_are_not_taken_for_words():
    letters = "sQjNlRDqJarhZM" + "keiRNjSlyaiaEhxgZx"
    assert values(f"X-Api-Key: {letters}") == [letters.encode()]


@pytest.mark.parametrize("name", [f" {TOKEN} api_key", f"{TOKEN}.password", f"{TOKEN}-token"])
def test_a_secret_in_a_name_is_not_shown(name: str):
    for state in ({name: f"{RANDOM}é"}, {"lm": {name: RANDOM}}, [f"{name}={RANDOM}"]):
        assert TOKEN not in str(secrets.find(state))
