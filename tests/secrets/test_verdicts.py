"""What counts as a secret: tables of names and values with their verdicts and near-misses.

Tokens are put together from halves, so that no scanner takes this file for a leak.
"""

from __future__ import annotations

import base64

import pytest

from scanner.secrets import verdicts as secrets
from scanner.secrets.verdicts import LiteralKind, Noun, Verdict


def _names(text: str) -> list[str]:
    return text.split()


SECRET_NAMES = _names("""
PASSWORD password Passwd DB_PASSWORD DB_PASSWD DB_PASS dbPassword DBPassword db-password db.password
MYSQL_ROOT_PASSWORD PGPASSWORD REDISPASSWORD WEBPASSWORD SMTP_PASS smtppass MYSQL_PWD DB_PWD POSTGRES_PW
LDAP_BINDPW SSH_PASSPHRASE PASSPHRASE RABBITMQ_DEFAULT_PASS PASSWORD_GRAFANA PASSWORD1 DB_PASSWORD_PROD
spring.datasource.password javax.net.ssl.keyStorePassword GF_SECURITY_ADMIN_PASSWORD SA_PASSWORD
SECRET secret APP_SECRET CLIENT_SECRET clientSecret JWT_SECRET SECRET_KEY SECRET_KEY_BASE DJANGO_SECRET_KEY
secretkey COOKIE_SECRET SESSION_SECRET NEXTAUTH_SECRET WEBHOOK_SECRET SECRET_DJANGO VAULT_SECRET_ID
TOKEN GITHUB_TOKEN GH_TOKEN authToken AUTH_TOKEN ACCESS_TOKEN accessToken BEARER_TOKEN SLACK_BOT_TOKEN
NPM_TOKEN token API_TOKEN REFRESH_TOKEN AUTHTOKEN VAULT_DEV_ROOT_TOKEN_ID JUPYTER_TOKEN TOKEN_GITHUB
API_KEY APIKEY apiKey api-key X-API-Key OPENAI_API_KEY k8svaultapikey ACCESS_KEY AWS_SECRET_ACCESS_KEY
AWS_ACCESS_KEY_ID VITE_AWS_ACCESS_KEY_ID AccessKeyId PRIVATE_KEY privateKey SSH_PRIVATE_KEY ENCRYPTION_KEY DB_ENC_KEY
SIGNING_KEY MASTER_KEY APP_KEY FERNET_KEY AIRFLOW__CORE__FERNET_KEY ACCOUNT_KEY AZURE_STORAGE_KEY
azurestorageaccountkey AZURE_OPENAI_KEY STRIPE_KEY NEW_RELIC_LICENSE_KEY DD_APP_KEY HMAC_KEY SESSION_KEY
WORDPRESS_AUTH_KEY WORDPRESS_LOGGED_IN_KEY WORDPRESS_NONCE_SALT Ocp-Apim-Subscription-Key API_KEYS
CREDENTIAL CREDENTIALS GOOGLE_APPLICATION_CREDENTIALS AWS_CREDENTIALS DB_CREDS BASIC_AUTH HTTP_AUTH NEO4J_AUTH
DOCKER_AUTH_CONFIG .dockerconfigjson GITHUB_PAT AZURE_DEVOPS_PAT RABBITMQ_ERLANG_COOKIE JWT ADMIN_JWT
AUTHORIZATION CONNECTION_STRING ConnectionStrings__Default DB_CONN_STR MNEMONIC HASHIDS_SALT password.txt
discovery.sendtargets.auth.password OCI_CLI_KEY_CONTENT_SECRET ssh-privatekey ENCRYPTION_KEY_OLD
""")

OTHER_NAMES = _names("""
PATH HOME PORT LOG_LEVEL DATABASE_URL REDIS_HOST NODE_ENV DEBUG USER USERNAME PWD OLDPWD pwd INIT_CWD
PASSWORD_FILE MYSQL_ROOT_PASSWORD_FILE POSTGRES_PASSWORD_FILE SECRET_FILE TOKEN_PATH HF_TOKEN_PATH
CREDENTIALS_DIR SECRET_NAME secretName existingSecret CLIENT_SECRET_NAME ACCESS_TOKEN_URL TOKEN_URL TOKEN_URI
TOKEN_ENDPOINT PASSWORD_RESET_URL API_KEY_HEADER TOKEN_HEADER TOKEN_PREFIX TOKEN_TTL TOKEN_EXPIRY
ACCESS_TOKEN_EXPIRES_IN JWT_EXPIRATION SECRET_ROTATION_DAYS PASSWORD_ROTATION_ENABLED PASSWORD_MIN_LENGTH
PASSWORD_MAX_AGE PASSWORD_LENGTH PASSWORD_POLICY PASSWORD_REQUIRED PASSWORD_HASH PASSWORD_HASHING_ROUNDS
PASSWORD_ENABLED JWT_ALGORITHM JWT_SECRET_TYPE TOKEN_TYPE AUTH_METHOD AUTH_TYPE TOKEN_TIMEOUT TOKEN_ISSUER
TOKEN_AUDIENCE JWT_ISSUER JWT_AUDIENCE JWT_LEEWAY KEY_ID SSH_KEY_ID KMS_KEY_ID CLIENT_ID AZURE_CLIENT_ID
TENANT_ID TOKEN_ID PASSWORD_ID PUBLIC_KEY SSH_PUBLIC_KEY STRIPE_PUBLISHABLE_KEY NEXT_PUBLIC_API_KEY
SUPABASE_ANON_KEY TOKENIZER TOKENIZERS_PARALLELISM SECRETARY PASSENGER PASSENGER_APP_ENV KEYBOARD
XKBKEYBOARD MONKEY TURKEY AUTHOR AUTHORS AUTHORITY OAUTH_AUTHORITY PASSTHROUGH COMPASS BYPASS_CACHE BYPASS
KEYCLOAK_URL KEYSPACE KEY CACHE_KEY PRIMARY_KEY SORT_KEY ROUTING_KEY GPG_KEY PARTITION_KEY KEY_PREFIX
SECRETS_MANAGER SECRET_MANAGER_PROJECT SECRET_STORE SECRET_BACKEND SECRETS_PATH IMAGE_PULL_SECRET
imagePullSecrets TLS_SECRET MAX_TOKENS NUM_TOKENS MIN_TOKENS EOS_TOKEN PAD_TOKEN TOKEN_LIMIT TOKEN_COUNT
TOKEN_BUCKET_SIZE CSRF_TOKEN_HEADER ALLOW_EMPTY_PASSWORD MYSQL_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD
ENABLE_TOKEN_AUTH USE_API_KEY HAS_PASSWORD DISABLE_PASSWORD CORS_ALLOW_CREDENTIALS automountServiceAccountToken
PASSWORD_AUTHENTICATION AUTH AUTH_ENABLED REGISTRY_AUTH AUTHENTICATION AUTHORIZATION_MODE authorizer
rbac.authorization.k8s.io/aggregate-to-view configFromSecret passwordSecretKeyRef passwordKey SALT SALT_MASTER
COOKIE SESSION_COOKIE PASSWORD_USER TOKEN_SCOPE SENTRY_DSN DSN SLACK_WEBHOOK_URL PATTERN PATCH_VERSION
COMPOSE_PATH_SEPARATOR ETCD_CERT TLS_CERT CERTIFICATE token.yaml PASSWORDLESS secretless
""")


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_name_says_credential(name: str) -> None:
    assert secrets.is_secret_name(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_name_says_something_else(name: str) -> None:
    assert not secrets.is_secret_name(name)


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("DB_PASS", Noun.PASSWORD), ("JWT_SECRET", Noun.SECRET), ("GITHUB_TOKEN", Noun.TOKEN), ("API_KEY", Noun.KEY),
        ("AWS_CREDENTIALS", Noun.CREDENTIALS), ("CONNECTION_STRING", Noun.CONNECTION), ("HOME", None),
    ],
)  # fmt: skip
def test_noun_of_a_name(name: str, noun: Noun | None) -> None:
    assert secrets.credential_noun(name) is noun


KINDS: dict[LiteralKind, list[str]] = {
    LiteralKind.LITERAL: [
        "hunter2", "s3cr3t!", "correct horse battery staple", "example_123", "Tr0ub4dor&3", "pa$$word", "pa$word", "!Passw0rd",
        "c-krit", "password", "changeme", "8312341g-5678-abcd-4a2b2c", "k8s-goat-cf658c56a501385205cc6d2dafee8fc1",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz", "/3Jd9fKq0zXw82LmNcQvTr5Yb==", "hunter#two", "x" + "9f" * 20,
        "p@ssw0rd", "${PW:-hunter2}", "${PW-hunter2}", "'quoted'", "dev-secret-42", "0x1f", "12ab", "1.2.3",
        "mysecretpassword", "user:secret", "testing123", "Trustno1", "-----BEGIN", "a b", "é",
    ],
    LiteralKind.EMPTY: ["", " ", '""', "''", "{}", "[]", "~", "|", ">-"],
    LiteralKind.REFERENCE: [
        "${DB_PASSWORD}", "$DB_PASSWORD", "$$DB_PASSWORD", "$(DB_PASSWORD)", "${PW:?must be set}", "${PW:-}",
        "${PW:+set}", "${PW:-${OTHER}}", "prefix-${PW}", "$USER:$PASS", "$slack-token", "{{ .Values.password }}",
        "{{password}}", "<%= ENV['PW'] %>", "#{PW}", "`cat /run/secrets/pw`", "$(cat /run/secrets/pw)", "%PASSWORD%",
        "!Ref DbPassword", "!vault |", "vault:secret/data/db#password", "secret/data/db#password", "ref+vault://x/y",
        "secretsmanager:db", "ssm:/prod/db", "op://vault/item/password", "sm://proj/x", "env:DB_PASSWORD",
        "arn:aws:secretsmanager:eu-west-1:1:secret:x", "projects/x/secrets/y/versions/1", "ENC[AES256_GCM,data:x]",
        "ENC(abc)", "{cipher}abc", "var.db_password", "secrets.DB_PASSWORD", "process.env.PW", "os.environ['PW']",
        "@Microsoft.KeyVault(SecretUri=https://x)", '{"Ref": "Password"}', "${{ secrets.PW }}", "__DB_PASSWORD__",
        '"${DB_PASSWORD}"', "file:///run/secrets/x", "keyring:db", "@DB_PASSWORD@",
    ],
    LiteralKind.PLACEHOLDER: [
        "<your-password>", "<password>", "[password]", "{password}", "xxx", "xxxxxxxx", "***", "****", "...", "---",
        "REPLACE_ME", "replace-me", "REPLACE_WITH_YOUR_OWN", "TODO", "todo: set", "FIXME", "your_token_here",
        "your-api-key", "YOUR_API_KEY", "yourpassword", "insert-token-here", "INSERT_ETCD_DISCOVERY_TOKEN",
        "put-your-key-here", "placeholder", "my-placeholder-token", "dummy", "dummy-key", "fake_token", "example",
        "example-password", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "test", "redacted",
        "not-set", "notused", "sk-xxxxxxxx", "hf_xxx", "ghp_xxxxxxxxxxxxxxxx", "GOOGLE_API_KEY_VAL", "MY_SECRET", "aaaa",
        "<redacted>", "set-me", "fill-in", "add your key", "token-goes-here", "key <id>", "abc...", "api_key_example",
    ],
    LiteralKind.PATH: [
        "/run/secrets/db-password", "./tls.pem", "../certs/key.pem", "~/.ssh/id_rsa", "C:\\keys\\id.pem", "/etc/x",
        "certs/server.key", "token.txt", "my/secret/file/path", "credentials.json", "/var/run/secrets/x/token",
        "\\\\share\\x", "D:/keys/x",
    ],
    LiteralKind.SETTING: ["true", "False", "yes", "NO", "on", "off", "enabled", "none", "null", "required", "auto",
                          "bearer", "Basic", "HS256", "undefined"],
    LiteralKind.NUMBER: ["0", "1", "4096", "3600", "30s", "15m", "24h", "1.5", "-1", "100%", "10MB", "123456"],
    LiteralKind.ADDRESS: [
        "https://vault.example.com", "http://localhost:8080/x", "jdbc:postgresql://db/app", "vault.example.com:8200",
        "Server=db;Database=app;Trusted_Connection=True;", "localhost:6379", "redis://cache:6379/0",
    ],
    LiteralKind.HASH: [
        "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "$6$rounds=5000$salt$hash", "$apr1$x$y",
        "$$2y$$05$$abc", "admin:$apr1$abc$def", "$argon2id$v=19$m=65536", "{SSHA}abc", "pbkdf2_sha256$26000$x$y",
        "md5" + "0" * 32, "sha256:" + "ab" * 32, "SCRAM-SHA-256$4096:x",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, values in KINDS.items() for value in values]
)
def test_kind_of_a_value(kind: LiteralKind, value: str) -> None:
    assert secrets.literal_kind(value) is kind


LITERALS = [
    ("DB_PASSWORD", "hunter2"), ("API_TOKEN", "a8f5f167f44f4964e6c998dee827110c"), ("SA_PASSWORD", "example_123"),
    ("MYSQL_ROOT_PASSWORD", "whalehello"), ("API_KEY", '"k8s-goat-cf658c56a501385205cc6d2dafee8fc1"'),
    ("ACCESS_KEY", "SOME VALUE"), ("DB_PASSWORD", "${DB_PASSWORD:-hunter2}"), ("PASSWORD", "482913"),
    ("AWS_ACCESS_KEY_ID", "AKIAQ3EGTQWERTYUIOPA"), ("db.password", "c-krit"), ("JWT_SECRET", "f83kfnv93kd"),
    ("WSREP_SST_PASSWORD", "sst"), ("NEO4J_AUTH", "neo4j/G7fk2lapq"), ("CLIENT_SECRET", "k2.Dk_2mf9"),
    ("AUTHORIZATION", "Bearer 92jd92kd01kd92jf"), ("PGPASSWORD", "tobeornottobe"), ("VAULT_TOKEN", "s.9fj3kf9"),
]  # fmt: skip
NOT_LITERALS = [
    ("DB_PASSWORD", "${DB_PASSWORD}"), ("DB_PASSWORD", ""), ("DB_PASSWORD", "/run/secrets/db"), ("DB_PASSWORD", "true"),
    ("DB_PASSWORD_FILE", "hunter2"), ("DB_PASSWORD", "<password>"), ("API_TOKEN", "your_token_here"),
    ("API_TOKEN", "dummy"), ("TOKEN", "3600"), ("MAX_TOKENS", "4096"), ("PASSWORD", "12"), ("DB_PASSWORD", "postgres"),
    ("DB_PASSWORD", "changeme"), ("POSTGRES_HOST_AUTH_METHOD", "trust"), ("DB_PASSWORD", "postgres://u:p9x@h/db"),
    ("CONNECTION_STRING", "redis-cart:6379"), ("CONNECTION_STRING", "Server=x;Database=y;"), ("LOG_LEVEL", "hunter2"),
    ("PASSWORD_HASH", "$2y$10$abc"), ("ADMIN_PASSWORD", "$2y$10$abc"), ("GITHUB_TOKEN", "GITHUB_TOKEN"),
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("GOOGLE_APPLICATION_CREDENTIALS", "/creds/key.json"),
    ("KEY", "0D96DF4D4110E5C43FBFB17F2D347EA6AA65421D"), ("PASSWORD", "https://vault/x"), ("TOKENIZER", "cl100k"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), LITERALS)
def test_literal_credential(name: str, value: str) -> None:
    assert secrets.is_literal_credential(name, value)
    assert secrets.mask_spans(name, value)


@pytest.mark.parametrize(("name", "value"), NOT_LITERALS)
def test_no_literal_credential(name: str, value: str) -> None:
    assert not secrets.is_literal_credential(name, value)


@pytest.mark.parametrize(
    "name", [name for name in SECRET_NAMES if secrets.credential_noun(name) is not Noun.CONNECTION]
)
def test_real_literal_under_every_secret_name(name: str) -> None:
    assert secrets.is_literal_credential(name, "k9!fQ2-zR7")
    assert secrets.masked(name, "k9!fQ2-zR7") == "***"


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_no_literal_under_any_other_name(name: str) -> None:
    assert not secrets.is_literal_credential(name, "k9!fQ2-zR7")
    assert secrets.masked(name, "k9!fQ2-zR7") == "k9!fQ2-zR7"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (kind, value)
        for kind, values in KINDS.items()
        for value in values
        if kind not in (LiteralKind.LITERAL, LiteralKind.NUMBER)
    ],
)
def test_no_literal_of_any_other_kind(kind: LiteralKind, value: str) -> None:
    assert not secrets.is_literal_credential("API_TOKEN", value)
    assert (
        kind in (LiteralKind.HASH, LiteralKind.ADDRESS)
        or secrets.redact(f"API_TOKEN={value}") == f"API_TOKEN={value}"
    )


PASSWORDS_IN_ADDRESSES = [
    ("postgres://app:hunter2@db:5432/app", "hunter2"), ("redis://:s3cret9@cache:6379", "s3cret9"),
    ("mysql://root:whalehello@db:3306/mysql", "whalehello"), ("amqp://guest:guest@mq:5672/%2f", "guest"),
    ("https://user:Tr0ub@example.com/path", "Tr0ub"), ("mongodb+srv://u:p%40ss@c1.mongodb.net/x?a=b", "p%40ss"),
    ("mongodb://u:pw1@h1:27017,h2:27017/db", "pw1"), ("postgresql+asyncpg://postgres:postgres@db/x", "postgres"),
    ("https://x-access-token:9fk3kf0d@github.com/a/b", "9fk3kf0d"), ("root:hunter2@tcp(db:3306)/app", "hunter2"),
    ("user:pa:ss@unix(/tmp/my.sock)/db", "pa:ss"), ("postgres://u:pa/ss@host/db", "pa/ss"),
    ("jdbc:mysql://db/app?user=a&password=hunter2", "hunter2"), ("jdbc:oracle:thin:scott/tiger9@db:1521", "tiger9"),
    ("jdbc:sqlserver://db;user=sa;password=Str0ng!;x=y", "Str0ng!"), ("http://test:test@proxy:3128", "test"),
    ("Server=db;Database=a;User Id=sa;Password=Str0ng!Pw;", "Str0ng!Pw"), ("host=db user=a password=hunter2", "hunter2"),
    ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc123def==;E=c", "abc123def=="),
    ("Endpoint=sb://x.windows.net/;SharedAccessKeyName=r;SharedAccessKey=k9f2=", "k9f2="),
    ("https://x.blob.core.windows.net/c?sv=2020&sig=a%2Fb9f", "a%2Fb9f"), ("https://a/b?access_token=9fk39fk", "9fk39fk"),
    ("postgres://user:password@localhost/db", "password"), ("see postgres://a:b9k@h and more", "b9k"),
    ("Host=db;Username=u;Password=hunter2;Database=d", "hunter2"), ("ftp://bob:pw22@files", "pw22"),
    ("postgres://${DB_USER}:hunter2@db/x", "hunter2"), ('x.PlainLoginModule required username="a" password="b9k";', "b9k"),
]  # fmt: skip
ADDRESSES_WITHOUT = [
    "http://user@host", "https://host:8080/path", "postgres://db:5432/app", "postgres://u:${PW}@db/app", "",
    "postgres://u:$PW@db", "postgres://u:$(PW)@db", "postgres://u:{{ .pw }}@db", "postgres://u:<password>@db/x",
    "postgres://u:***@db", "postgres://USER:PASSWORD@HOST/db", "git@github.com:a/b.git", "ssh://git@github.com:22/x",
    "nginx:1.27@sha256:abc", "docker-pullable://img:tag@sha256:0123", "https://abc123@o1.ingest.sentry.io/1",
    "user@example.com", "mailto:a@b", "redis://:@cache", "http://proxy.local:8080@x", "Server=db;Password=${PW};X=y",
    "Host=db;Username=u;Password=;Database=d", "https://a/b?token=${T}", "jdbc:postgresql://db/app?ssl=true",
    "a=b", "password=hunter2", "user:pass", "postgres://user:password@host:5432/db", "http://[::1]:8080/x",
    "https://host/path@2x.png", "https://host:8080/@scope/pkg", "@tcp(db)", "jdbc:oracle:thin:@db:1521", "a@b:c@d",
    "key=value;other=thing", "scheme://", "://:@", "host:1@tcp", "postgres://u:your-password@db",
    "http[s]://[username:passwd@]host[:port]", "postgresql://login:password@hostname:port/db",
]  # fmt: skip


@pytest.mark.parametrize(("value", "password"), PASSWORDS_IN_ADDRESSES)
def test_password_in_an_address_is_found_where_it_stands(value: str, password: str) -> None:
    assert secrets.credential_in_url(value)
    assert [value[begin:end] for begin, end in secrets.password_spans(value)] == [password]
    assert password not in secrets.masked("ANY", value).replace("postgres://", "").replace(
        "postgresql", ""
    ) or (password in ("guest", "postgres", "test") and "***" in secrets.masked("ANY", value))


@pytest.mark.parametrize("value", ADDRESSES_WITHOUT)
def test_address_without_a_written_password(value: str) -> None:
    assert not secrets.credential_in_url(value)


WEAK = [
    ("POSTGRES_PASSWORD", "postgres"), ("MYSQL_ROOT_PASSWORD", "root"), ("DB_PASSWORD", "password"),
    ("ADMIN_PASSWORD", "admin"), ("PASSWORD", "changeme"), ("PASSWORD", "ChangeMe!"), ("PASSWORD", "change-me"),
    ("SECRET_KEY", "change_this_in_production"), ("JWT_SECRET", "secret"), ("JWT_SECRET", "supersecret"),
    ("MINIO_ROOT_PASSWORD", "minioadmin"), ("MINIO_ACCESS_KEY", "minioadmin"), ("RABBITMQ_DEFAULT_PASS", "guest"),
    ("GF_SECURITY_ADMIN_PASSWORD", "grafana"), ("POSTGRES_PASSWORD", "mysecretpassword"), ("PGADMIN_PW", "changeit"),
    ("DB_PASSWORD", "test"), ("DB_PASSWORD", "example"), ("DB_PASSWORD", "testpassword"), ("DB_PASSWORD", "P@ssw0rd"),
    ("DB_PASSWORD", "rootpass123"), ("DB_PASSWORD", "123456"), ("NEO4J_AUTH", "neo4j/password"),
    ("BASIC_AUTH", "admin:admin"), ("VAULT_DEV_ROOT_TOKEN_ID", "root"), ("DB_PASSWORD", "${DB_PASSWORD:-postgres}"),
    ("MSSQL_SA_PASSWORD", "yourStrong(!)Password"), ("MYSQL_ROOT_PASSWORD", "yourpassword"), ("PASSWORD", "'admin'"),
    ("JWT_SECRET", "test"), ("POSTGRES_HOST_AUTH_METHOD", "trust"), ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
    ("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "1"), ("ALLOW_EMPTY_PASSWORD", "yes"), ("ALLOW_ANONYMOUS_LOGIN", "yes"),
    ("xpack.security.enabled", "false"), ("DISABLE_SECURITY_PLUGIN", "true"), ("GF_AUTH_ANONYMOUS_ENABLED", "true"),
    ("ME_CONFIG_BASICAUTH", "false"), ("NEO4J_AUTH", "none"), ("plugins.security.disabled", "true"),
    ("ALLOW_NONE_AUTHENTICATION", "yes"), ("INFLUXDB_HTTP_AUTH_ENABLED", "false"), ("AUTH_ENABLED", "false"),
    ("INFLUXDB_INIT_ADMIN_TOKEN", "my-super-secret-auth-token"), ("SECRET_KEY", "not-a-secret"),
    ("CASSANDRA_AUTHENTICATOR", "AllowAllAuthenticator"), ("DJANGO_SECRET_KEY", "insecure"),
]  # fmt: skip
NOT_WEAK = [
    ("DB_PASSWORD", "hunter2"), ("DB_PASSWORD", "${PW}"), ("DB_PASSWORD", ""), ("API_KEY", "test"), ("TOKEN", "dummy"),
    ("AWS_ACCESS_KEY_ID", "test"), ("LOG_LEVEL", "admin"), ("USERNAME", "admin"), ("POSTGRES_USER", "postgres"),
    ("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256"), ("MYSQL_ALLOW_EMPTY_PASSWORD", "no"), ("MYSQL_ALLOW_EMPTY_PASSWORD", ""),
    ("xpack.security.enabled", "true"), ("DISABLE_SECURITY_PLUGIN", "false"), ("GOOGLE_AUTH_ENABLED", "false"),
    ("DB_PASSWORD", "<password>"), ("DB_PASSWORD", "your-password"), ("DB_PASSWORD", "postgres-9f2k"), ("DEBUG", "true"),
    ("PASSWORD_FILE", "admin"), ("CLIENT_SECRET", "test"), ("DB_PASSWORD", "adminstrator-x7"), ("API_KEY", "postgres"),
    ("CONNECTION_STRING", "admin"), ("DB_PASSWORD", "passwordless-9"), ("TOKEN", "123456"), ("PASSWORD", "true"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WEAK)
def test_weak_default_and_nothing_else(name: str, value: str) -> None:
    reason = secrets.weak_default(name, value)
    assert reason
    assert not secrets.is_literal_credential(name, value)
    assert secrets.judge(name, value) is Verdict.WEAK_DEFAULT


@pytest.mark.parametrize(("name", "value"), NOT_WEAK)
def test_no_weak_default(name: str, value: str) -> None:
    assert secrets.weak_default(name, value) is None


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, v in WEAK if secrets.is_secret_name(n)])
def test_reason_never_names_the_value_of_a_secret(name: str, value: str) -> None:
    reason = secrets.weak_default(name, value) or ""
    assert "=" not in reason or value == "none"


def _jwt(header: str, claims: str) -> str:
    parts = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in (header, claims)]
    return ".".join([*parts, "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJVadQssw5c"])


BODY = "R7kQ2mZx9LpVt4WcYb8NsHd3GfJa6Ue5KoTiAqPy0XvMrCwBnElDhSgZuFj1O"
HEX = "3f9a1c7be2d8054619ac7fe0b2d35c8841e6a7093bd5fc2e1a48907d6b3cf5e2"
TOKENS = [
    "AKIA" + "Q3EGTRWXYZ2345AB", "ASIA" + "Q3EGTRWXYZ2345AB", "AIza" + BODY[:35], "ghp_" + BODY[:36], "gho_" + BODY[:36],
    "ghs_" + BODY[:36], "github_pat_" + BODY + BODY[:21], "glpat-" + BODY[:20], "xoxb-" + "238475629182-9283746502-" + BODY[:24],
    "https://hooks.slack.com/services/" + "T7K2M9Q4B/B8N3P6R1C/" + BODY[:24], "sk_live_" + BODY[:24], "rk_live_" + BODY[:24],
    "npm_" + BODY[:36], "pypi-Ag" + "EIcHlwaS5vcmc" + BODY, "SG." + BODY[:22] + "." + BODY[:43], "SK" + HEX[:32], "key-" + HEX[:32],
    HEX[:32] + "-us12", "dop_v1_" + HEX, "AccountKey=" + BODY + BODY[:25] + "==", "7392847561:AA" + BODY[:33],
    "shpat_" + HEX[:32], "sq0atp-" + BODY[:22], "dapi" + HEX[:32], "hvs." + BODY[:30], "dp.pt." + BODY[:43], "lin_api_" + BODY[:40],
    "sk-" + BODY[:20] + "T3Blbk" + "FJ" + BODY[20:40], "sk-ant-" + "api03-" + BODY + BODY[:32] + "AA", "hf_" + BODY[:34],
    "dckr_pat_" + BODY[:27], "NRAK-" + "7HKQ2MZX9LPVT4WCYB8NSHD3GFJ", "glsa_" + BODY[:32] + "_" + HEX[:8], "sbp_" + HEX[:40],
    "Basic " + base64.b64encode(b"robot:hunter2").decode(), "pul-" + HEX[:40], "tskey-auth-" + BODY[:12] + "-" + BODY[:20],
    "https://discord.com/api/webhooks/" + "928374650192837465/" + BODY + "a", "GOCSPX-" + BODY[:28], "LTAI" + BODY[:20],
    _jwt('{"alg":"RS256","typ":"JWT"}', '{"sub":"system:serviceaccount:default:x","exp":1999999999}'),
    "aws_secret_access_key = " + BODY[:40],
]  # fmt: skip
NOT_TOKENS = [
    "", "hunter2", "AKIAIOSFODNN7EXAMPLE", "AKIA", "AKIA" + "lowercaseletters", "ghp_" + "x" * 36, "ghp_short",
    "ghp_" + "1234567890abcdefghijklmnopqrstuvwxyz", "AIza" + "short", "xoxb-your-token-here-please-now", "SK" + "Z" * 32,
    "https://hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "sk_test_" + BODY[:24],
    "key-value-store-with-a-long-name-here", "registry.k8s.io/pause@sha256:" + HEX, HEX, "sha256:" + HEX, BODY,
    _jwt('{"alg":"HS256"}', '{"sub":"1234567890","name":"John Doe"}'), _jwt('{"alg":"HS256"}', '{"role":"anon"}'),
    _jwt('{"typ":"x"}', '{"a":1}'), "eyJhbGciOi.eyJ", "Basic realm=users-of-the-registry", "hf_transfer_is_enabled_here",
    "Basic understanding of containers", "prefix" + "AKIA" + "Q3EGTRWXYZ2345AB", "https://discord.com/api/webhooks/",
    "disk-space-of-the-node-is-low-now", "npm_config_registry=https://registry.npmjs.org/", "dapi-server.default.svc:8080",
    "task-ant-build-something-quite-long-here", "AccountKey=${KEY};EndpointSuffix=core.windows.net", "org.springframework.boot",
    "0123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "2020-01-01T00:00:00.000000Z", "-----BEGIN CERTIFICATE-----",
]  # fmt: skip


@pytest.mark.parametrize("value", TOKENS)
def test_token_of_a_provider(value: str) -> None:
    assert secrets.known_token(value)
    assert secrets.known_token(f"export X='{value}' # comment")
    assert value not in secrets.redact(f"somewhere {value} in a line")
    assert value not in secrets.masked("LOG_LEVEL", value)


@pytest.mark.parametrize("value", NOT_TOKENS)
def test_no_token_of_a_provider(value: str) -> None:
    assert secrets.known_token(value) is None


MATERIAL = "MIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9Oi"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{MATERIAL}\n{MATERIAL}\n-----END RSA PRIVATE KEY-----\n"
KEYS = [
    PEM, PEM.replace("\n", "\\n"), PEM.replace("RSA ", ""), PEM.replace("RSA", "EC"), PEM.replace("RSA", "OPENSSH"),
    PEM.replace("RSA", "ENCRYPTED"), PEM.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"), PEM.replace("\n", " "),
    base64.b64encode(PEM.encode()).decode(), base64.encodebytes(PEM.encode()).decode(), f"key: |\n  {PEM}",
    '{"type": "service_account", "private_key": "' + PEM.replace("\n", "\\n") + '"}', PEM[:90],
    "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 8\nAAAA", "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2,
]  # fmt: skip
KEYS[-1] = KEYS[-1][: len("AGE-SECRET-KEY-1") + 58]
NOT_KEYS = [
    "", "private key", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIDXTCCAkWgAwIBAgIJAJC1HiIAZAiI\n-----END CERTIFICATE-----", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQ",
    "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n${KEY}\n-----END PRIVATE KEY-----", "-----BEGIN PGP PUBLIC KEY BLOCK-----\nmQINBFit2ioBEADhWpZ8\n",
    base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIDXTCCAkWgAwIBAgIJAJC1HiIAZAiI\n").decode(), "/etc/ssl/private.key",
]  # fmt: skip


@pytest.mark.parametrize("value", KEYS)
def test_private_key_material(value: str) -> None:
    assert secrets.private_key(value)
    assert MATERIAL not in secrets.masked("ANY", value)
    assert secrets.mask_spans("ANY", value)


@pytest.mark.parametrize("value", NOT_KEYS)
def test_no_private_key(value: str) -> None:
    assert not secrets.private_key(value)


@pytest.mark.parametrize(
    ("name", "value", "random"),
    [
        ("key", "AQAMgXhVwBCeDhAA9nlPaFyfUSatGD4drFWDvQ==", True), ("SALT", HEX, True), ("AUTH", BODY, True),
        ("COOKIE", HEX[:40], True), ("GPG_KEY", "0D96DF4D4110E5C43FBFB17F2D347EA6AA65421D", False), ("IMAGE", HEX, False),
        ("CACHE_KEY", HEX, False), ("key", "app", False), ("API_KEY", BODY, False), ("key", "${KEY}", False),
        ("key", "/etc/ssl/private/server.key", False), ("SSH_PUBLIC_KEY", BODY, False), ("DIGEST", "sha256:" + HEX, False),
        ("KEY", "this-is-a-readable-sentence-here", False), ("key", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1", False),
    ],
)  # fmt: skip
def test_random_text_counts_only_under_a_name_that_hints(name: str, value: str, random: bool) -> None:
    assert secrets.is_high_entropy(name, value) is random
    assert secrets.is_high_entropy("LOG_LEVEL", value) is False


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("DB_PASSWORD", "hunter2", "***"), ("DB_PASSWORD", '"hunter2"', '"***"'), ("DB_PASSWORD", "${PW:-hunter2}", "${PW:-***}"),
        ("DB_PASSWORD", "${PW}", "${PW}"), ("URL", "postgres://a:hunter2@db", "postgres://a:***@db"), ("PASSWORD", "true", "true"),
        ("ARGS", "--password=hunter2 --port=80", "--password=*** --port=80"), ("ADMIN_PASSWORD", "$2y$10$abc", "***"),
        ("config.yaml", "a: b\npassword: hunter2\nc: d", "a: b\npassword: ***\nc: d"), ("PORT", "8080", "8080"),
        ("DB_PASSWORD", "postgres", "***"), ("PASSWORD", "1234", "***"), ("DB_PASS", "123", "***"), ("TOKEN", "dummy", "dummy"),
        ("JAVA_OPTS", "-Xmx1g -Dspring.datasource.password=hunter2", "-Xmx1g -Dspring.datasource.password=***"),
    ],
)  # fmt: skip
def test_masked_value(name: str, value: str, shown: str) -> None:
    assert secrets.masked(name, value) == shown


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("--password=hunter2", True), ("--password hunter2", True), ("--db-password='hunter2'", True), ("--password=$PW", False),
        ("PGPASSWORD=hunter2 psql", True), ("--password-file=/run/x", False), ("--token-ttl=30", False), ("--port 80", False),
        ("auth:\n  password: firstpass\n", True), ('{"password": "hunter2"}', True), ("mysqladmin --password=\"$(cat /x)\"", False),
        ("echo hello", False), ("image: my-secret:latest", False), ("", False), ("-Dpassword=hunter2", True),
    ],
)  # fmt: skip
def test_credential_in_text(value: str, found: bool) -> None:
    assert secrets.credential_in_text(value) is found


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("DB_PASSWORD=hunter2", "DB_PASSWORD=***"), ("  - DB_PASSWORD=hunter2", "  - DB_PASSWORD=***"),
        ("  DB_PASSWORD: hunter2", "  DB_PASSWORD: ***"), ('  DB_PASSWORD: "hunter2"  # x', '  DB_PASSWORD: "***"  # x'),
        ("DB_PASSWORD: ${PW}", "DB_PASSWORD: ${PW}"), ("DB_PASSWORD: two words", "DB_PASSWORD: ***"),
        ("ENV DB_PASSWORD=hunter2", "ENV DB_PASSWORD=***"), ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD ***"),
        ("12 | ENV A=b DB_PASSWORD=hunter2 C=d", "12 | ENV A=b DB_PASSWORD=*** C=d"), ("PORT=8080", "PORT=8080"),
        ("- name: DB_PASSWORD\n  value: hunter2\n", "- name: DB_PASSWORD\n  value: ***\n"),
        ("- {name: DB_PASSWORD, value: hunter2}", "- {name: DB_PASSWORD, value: ***}"), ("value: hunter2", "value: hunter2"),
        ("- name: PORT\n  value: hunter2\n", "- name: PORT\n  value: hunter2\n"), ('{"token": "abc9", "a": 1}', '{"token": "***", "a": 1}'),
        ("curl -u bob:hunter2 https://x", "curl -u bob:*** https://x"), ("url: amqp://a:b9k@mq", "url: amqp://a:***@mq"),
        ('["--password", "hunter2"]', '["--password", "***"]'), ("psql --password hunter2 db", "psql --password *** db"),
        ("image: my-secret:latest", "image: my-secret:latest"), ("/etc/passwd:/etc/passwd:ro", "/etc/passwd:/etc/passwd:ro"),
        ("automountServiceAccountToken: false", "automountServiceAccountToken: false"), ("password: |", "password: |"),
        ("secretName: my-secret", "secretName: my-secret"), ("PASSWORD_FILE=/run/x", "PASSWORD_FILE=/run/x"), ("", ""),
        ("git@github.com:a/b", "git@github.com:a/b"), ("MYSQL_ALLOW_EMPTY_PASSWORD=yes", "MYSQL_ALLOW_EMPTY_PASSWORD=yes"),
        ("\tPASSWORD=a b c\r\nX=1", "\tPASSWORD=***\r\nX=1"), ("export API_KEY='9fk29fk'", "export API_KEY='***'"),
        (PEM, "-----BEGIN RSA PRIVATE KEY-----\n***\n***\n-----END RSA PRIVATE KEY-----\n"),
        ("X=" + TOKENS[0], "X=***"), ("JAVA_OPTS=-Ddb.password=hunter2 -Xmx1g", "JAVA_OPTS=-Ddb.password=*** -Xmx1g"),
        ('run -u "${USERS:-10}" -r 1', 'run -u "${USERS:-10}" -r 1'), ("API_KEY=<replace with a key>", "API_KEY=<replace with a key>"),
        ("{{- $password := index .Values.users $user }}", "{{- $password := index .Values.users $user }}"),
        ("  key: AQAMgXhVwBCeDhAA9nlPaFyfUSatGD4drFWDvQ==", "  key: ***"), ("  key: app.kubernetes.io/name", "  key: app.kubernetes.io/name"),
        ("tls.key: " + base64.b64encode(PEM.encode()).decode(), "tls.key: ***"), ("DB_PASSWORD=;//a9k", "DB_PASSWORD=***"),
        ("x: {a: 1, secret: {name: db, token: k9f2}}", "x: {a: 1, secret: {name: db, token: ***}}"),
        ("+password: hunter2", "+password: ***"), ("DB_PASSWORD=postgres", "DB_PASSWORD=***"),
        ("secretKeyRef: {name: db, key: password}", "secretKeyRef: {name: db, key: password}"),
    ],
)  # fmt: skip
def test_redacted_text(text: str, shown: str) -> None:
    assert secrets.redact(text) == shown
    assert secrets.redact(shown) == shown


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("X", PEM, Verdict.PRIVATE_KEY), ("GITHUB_TOKEN", TOKENS[3], Verdict.KNOWN_TOKEN), ("X", TOKENS[3], Verdict.KNOWN_TOKEN),
        ("DATABASE_URL", "postgres://a:b9k@h/x", Verdict.ADDRESS), ("DB_PASSWORD", "postgres", Verdict.WEAK_DEFAULT),
        ("DB_PASSWORD", "hunter2", Verdict.LITERAL), ("key", "AQAMgXhVwBCeDhAA9nlPaFyfUSatGD4drFWDvQ==", Verdict.RANDOM),
        ("PORT", "8080", None), ("DB_PASSWORD", "${PW}", None), ("CONNECTION_STRING", "Server=a;Password=k9!;", Verdict.ADDRESS),
    ],
)  # fmt: skip
def test_one_verdict_for_one_variable(name: str, value: str, verdict: Verdict | None) -> None:
    assert secrets.judge(name, value) is verdict


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("aHVudGVyMg==", "hunter2"),
        ("aHVu\ndGVyMg==\n", "hunter2"),
        ("hunter2", None),
        ("", None),
        ("/wD/", None),
        ("abc=", None),
    ],
)
def test_base64_of_text(value: str, text: str | None) -> None:
    assert secrets.decoded_base64(value) == text


HOSTILE = {
    "one letter": "a" * 1_000_000, "assignments": "token=" * 160_000, "quotes": 'password="' * 100_000,
    "addresses": "x://a:b/" * 125_000, "sources": "a:b@tcp(" * 125_000, "keys": "-----BEGIN PRIVATE KEY-----" * 37_000,
    "packed keys": "LS0tLS1CRUdJTi" * 70_000, "web tokens": "eyJaaaaaaaaaaaa." * 60_000, "at signs": "@(" * 500_000,
    "escapes": 'password="\\"' * 80_000, "flags": "--password " * 90_000, "blanks": " " * 1_000_000, "blank forms": "token=<a" * 125_000,
    "lines": "password: hunter2\n" * 50_000, "semicolons": "a=b;" * 250_000,
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_of_a_megabyte_takes_linear_time(case: str) -> None:
    text = HOSTILE[case]
    secrets.redact(text)
    secrets.mask_spans("DB_PASSWORD", text)
    secrets.judge("VALUE", text)
