"""Credentials that everybody knows, and settings that switch authentication off.

The split with the rule of literal credentials: a value in the lists here is a weak default
and nothing else, so that one variable never gets both findings. Stand-ins such as `test`
or `example` open something only where the setting *sets* the credential (a password, a
signing secret); for an API key given out by somebody else they are placeholders.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from scanner.secrets.names import Noun, credential_noun, is_issued
from scanner.secrets.values import STAND_INS, LiteralKind, is_blank_to_fill, literal_kind, unquoted


def weak_default(name: str, value: str) -> str | None:
    """Why the setting is as good as no authentication, without the value of a secret;
    None when it is not, or when that cannot be told."""
    switched = _switched_off(name, value)
    if switched is not None:
        return switched
    noun = credential_noun(name)
    if noun is None or noun is Noun.CONNECTION:
        return None
    text = _effective(value, noun)
    if text is None:
        return None
    if noun is Noun.CREDENTIALS:
        text = re.split(r"[:/]", text, maxsplit=1)[-1]
    if _is_known_to_all(name, noun, text):
        return f"a well-known default {noun.value}"
    return None


def _effective(value: str, noun: Noun) -> str | None:
    """The text that the value sets, when it is one; `yourpassword` sets a password, while
    `your-password` shows where to write one."""
    text = unquoted(value)
    found = _fallback().fullmatch(text)
    if found is not None:
        text = unquoted(found[1])
    if not 0 < len(text) <= 64:
        return None
    if is_blank_to_fill(text) and not (noun is Noun.PASSWORD and _yours().fullmatch(text.lower())):
        return None
    return text


@cache
def _yours() -> re.Pattern[str]:
    return re.compile(r"your[a-z0-9]*(?:password|passw[o0]rd|secret)[0-9]{0,4}")


@cache
def _fallback() -> re.Pattern[str]:
    return re.compile(r"\$\{[A-Za-z_]\w*:?-([^${}]*)\}")


def _is_known_to_all(name: str, noun: Noun, text: str) -> bool:
    lowered = text.lower()
    plain = re.sub(r"[^a-z0-9@$]", "", lowered)
    if literal_kind(text) is LiteralKind.NUMBER:
        return noun is Noun.PASSWORD and plain in _DIGITS
    if plain in _KNOWN or _change_me().match(plain) or _yours().fullmatch(plain):
        return True
    if lowered in STAND_INS:
        return not is_issued(name) and noun is not Noun.CREDENTIALS
    if is_issued(name):
        return False
    return plain in _PRODUCTS or _plainly_a_password().fullmatch(plain) is not None


@cache
def _change_me() -> re.Pattern[str]:
    return re.compile(
        r"(?:please)?change(?:me|it|this|that|now|before|in(?:prod|env)|your|password|secret|default|asap|the)"
        r"|.*changeme|(?:must|should|to)(?:be)?changed?"
    )


@cache
def _plainly_a_password() -> re.Pattern[str]:
    return re.compile(
        r"(?:(?:my|the|our|some|very|super|top|not|in|un|in)?(?:secure|secret|strong|safe|default|initial)?)?"
        r"(?:my|db|root|admin|user|test|dev|local|demo|mysql|postgres|pg|mongo|mongodb|redis|rabbitmq|jwt|app"
        r"|example|sample|temp|dummy|fake|guest|super|database|mariadb|elastic|kafka|minio|secret|session)?"
        r"(?:passw[o0]rd|p[a@][s$]{2}w[o0]rd|pass|passwd|pwd|pw|secret|secretkey|secretpassword|secretpw)"
        r"(?:[0-9]{0,4}|[0-9]{0,4}[@$]?)"
    )


# Passwords that the first guess of any attacker holds, in letters and digits alone.
_KNOWN = frozenset((
    "admin", "administrator", "root", "toor", "rootroot", "adminadmin", "admin1", "admin123", "admin1234",
    "admin12345", "root123", "root1234", "password", "passw0rd", "p@ssw0rd", "p@ssword", "p@$$w0rd",
    "password1", "password12", "password123", "password1234", "pass", "pass123", "pass1234", "passwd",
    "pwd", "secret", "secret123", "supersecret", "topsecret", "mysecret", "mysecretpassword",
    "mysecretpw", "mysupersecretauthtoken", "letmein", "welcome", "welcome1", "welcome123", "qwerty",
    "qwerty123", "abc123", "iloveyou", "trustno1", "dragon", "guest", "default", "minioadmin", "minio123",
    "minio", "miniominio", "changeit", "vagrant", "tiger", "manager", "s3cret", "s3cr3t", "secr3t",
    "promoperator", "calvin", "raspberry", "nopassword", "nopass", "yourstrongpassword", "yourstrongpassw0rd",
    "yourstrong@passw0rd", "yourstrong@password", "insecure", "unsafe", "notsecure", "notsosecret",
    "notasecret", "verysecret", "user", "username", "rootpassword", "adminpassword", "myroot", "sa",
    "pa55word", "pa55w0rd", "zabbix", "superuser", "supersecretpassword", "keyboardcat", "devsecret",
    "thisisnotasecret", "insecuredevkey", "yoursecretkey", "secretkey", "shhhh", "shhh",
))  # fmt: skip
_DIGITS = frozenset((
    "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "0000", "1111",
    "00000000", "000000", "111111", "11111111", "123123", "654321", "666666", "888888", "4321", "121212",
    "112233", "987654321", "87654321",
))  # fmt: skip
# A product's own name, the default password of its image or of its tutorial.
_PRODUCTS = frozenset((
    "postgres", "postgresql", "mysql", "mariadb", "mongo", "mongodb", "redis", "rabbitmq", "rabbit", "kafka",
    "elastic", "elasticsearch", "opensearch", "kibana", "grafana", "prometheus", "influxdb", "neo4j",
    "cassandra", "couchdb", "clickhouse", "oracle", "mssql", "gitea", "gitlab", "jenkins", "sonar",
    "sonarqube", "nexus", "keycloak", "wordpress", "drupal", "joomla", "ghost", "nextcloud", "owncloud",
    "odoo", "moodle", "airflow", "superset", "metabase", "redmine", "mattermost", "kong", "hasura",
    "strapi", "directus", "n8n", "django", "flask", "laravel", "symfony", "spring", "rails", "app", "bitnami",
    "docker", "kubernetes", "kube", "ubuntu", "debian", "pgadmin", "phpmyadmin", "portainer", "traefik",
    "nginx", "activemq", "artemis", "openldap", "ldap", "vault", "consul", "minio", "temporal", "hive",
    "hadoop", "spark", "trino", "presto", "dbuser", "database", "db", "system", "operator", "service",
    "api", "backend", "web", "server", "client", "master", "replica", "repl", "replication", "monitor",
    "public", "private", "staging", "prod", "production",
))  # fmt: skip


def _switched_off(name: str, value: str) -> str | None:
    """Judges settings that need no secret: the name is known, and so is the value."""
    bad = _values_that_switch_off(name) if len(name) <= 64 else None
    if bad is None or unquoted(value).lower() not in bad:
        return None
    return f"{name}={unquoted(value)} switches authentication off"


@lru_cache(maxsize=4096)
def _values_that_switch_off(name: str) -> frozenset[str] | None:
    return _SWITCHES.get(name.upper().replace(".", "_").replace("-", "_"))


_ON = frozenset(("true", "yes", "1", "on", "y", "t", "enabled"))
_OFF = frozenset(("false", "no", "0", "off", "n", "f", "disabled"))
_SWITCHES = {
    "POSTGRES_HOST_AUTH_METHOD": frozenset(("trust",)),
    "POSTGRESQL_HOST_AUTH_METHOD": frozenset(("trust",)),
    "MYSQL_ALLOW_EMPTY_PASSWORD": _ON, "MARIADB_ALLOW_EMPTY_PASSWORD": _ON,
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": _ON, "ALLOW_EMPTY_PASSWORD": _ON, "ALLOW_ANONYMOUS_LOGIN": _ON,
    "ALLOW_NONE_AUTHENTICATION": _ON, "LDAP_ALLOW_ANON_BINDING": _ON, "ANONYMOUS_LOGIN": _ON,
    "XPACK_SECURITY_ENABLED": _OFF, "ES_SETTING_XPACK_SECURITY_ENABLED": _OFF,
    "ELASTICSEARCH_ENABLE_SECURITY": _OFF, "OPENSEARCH_ENABLE_SECURITY": _OFF,
    "DISABLE_SECURITY_PLUGIN": _ON, "PLUGINS_SECURITY_DISABLED": _ON,
    "DISABLE_SECURITY_DASHBOARDS_PLUGIN": _ON,
    "OPENSEARCH_DISABLE_SECURITY_PLUGIN": _ON, "OPENSEARCH_SECURITY_DISABLED": _ON,
    "GF_AUTH_ANONYMOUS_ENABLED": _ON, "ME_CONFIG_BASICAUTH": _OFF, "ME_CONFIG_BASICAUTH_ENABLED": _OFF,
    "NEO4J_AUTH": frozenset(("none",)), "NEO4J_DBMS_SECURITY_AUTH__ENABLED": _OFF,
    "NEO4J_DBMS_SECURITY_AUTH_ENABLED": _OFF, "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": _ON,
    "INFLUXDB_HTTP_AUTH_ENABLED": _OFF, "CASSANDRA_AUTHENTICATOR": frozenset(("allowallauthenticator",)),
    "REDIS_PROTECTED_MODE": _OFF, "PGADMIN_CONFIG_SERVER_MODE": _OFF, "ARGOCD_SERVER_DISABLE_AUTH": _ON,
    "AIRFLOW__WEBSERVER__AUTHENTICATE": _OFF, "FLOWER_UNAUTHENTICATED_API": _ON, "TRAEFIK_API_INSECURE": _ON,
    "CLICKHOUSE_SKIP_USER_SETUP": _ON, "SURREAL_UNAUTHENTICATED": _ON, "SURREAL_AUTH": _OFF,
    "ARANGO_NO_AUTH": _ON, "SONAR_FORCEAUTHENTICATION": _OFF, "N8N_BASIC_AUTH_ACTIVE": _OFF,
    "N8N_USER_MANAGEMENT_DISABLED": _ON, "DISABLE_AUTH": _ON, "DISABLE_AUTHENTICATION": _ON, "NO_AUTH": _ON,
    "AUTH_DISABLED": _ON, "AUTH_ENABLED": _OFF, "ENABLE_AUTH": _OFF, "AUTHENTICATION_ENABLED": _OFF,
    "COUCHDB_REQUIRE_VALID_USER": _OFF, "DGRAPH_ALPHA_SECURITY_WHITELIST": frozenset(("0.0.0.0/0",)),
    "DOCKER_INFLUXDB_INIT_AUTH_DISABLED": _ON, "RABBITMQ_LOOPBACK_USERS": frozenset(("none",)),
    "KC_HTTP_AUTH_DISABLED": _ON, "CODE_SERVER_AUTH": frozenset(("none",)), "ELASTIC_SECURITY_ENABLED": _OFF,
    "DSS_AUTH_ENABLED": _OFF, "MONGO_EXPRESS_BASICAUTH": _OFF, "ETCD_ALLOW_NONE_AUTHENTICATION": _ON,
}  # fmt: skip
