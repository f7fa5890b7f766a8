"""Trees with secrets planted in them, every one different with every seed, and look-alikes that are none.

In a template `@{FORM:KIND}` stands for a new secret: FORM names how it is written there, KIND how it is
made (see `_MAKERS`). A line that begins with `~` is a look-alike; `#{KIND}` in it is random text that is
no secret (digests, identifiers). Both marks are taken out. Everything is made by hand, nothing is copied.
"""

from __future__ import annotations

import base64
import json
import random
import re
import string
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from look_alikes import LOOK_ALIKES


class Secret(NamedTuple):
    """A planted secret: its text, how and in what kind of place it is written, and where (line from 1)."""

    text: str
    form: str
    place: str
    path: str
    line: int
    shown_as: tuple[str, ...] = ()


class Tree(NamedTuple):
    """What was written: secrets, the lines of look-alikes by path, and the files that do not parse."""

    secrets: tuple[Secret, ...]
    look_alikes: dict[str, tuple[int, ...]]
    broken: frozenset[str]


def plant(folder: Path, seed: int) -> Tree:
    """Write the tree of a seed below a folder."""
    chance = random.Random(seed)
    secrets: list[Secret] = []
    look_alikes: dict[str, tuple[int, ...]] = {}
    harmless_files = {path: ("look-alike", template) for path, template in LOOK_ALIKES.items()}
    for path, (place, template) in sorted({**TEMPLATES, **harmless_files}.items()):
        lines, harmless = [], []
        for number, line in enumerate(template.lstrip("\n").split("\n"), 1):
            if line.startswith("~"):
                line = line[1:]
                harmless.append(number)
            made, found = _filled(line, chance, place, path, number)
            secrets += found
            lines.append(made)
        if harmless:
            look_alikes[path] = tuple(harmless)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(lines), encoding="utf-8")
    broken = frozenset(path for path in TEMPLATES if path.startswith("broken/"))
    return Tree(tuple(secrets), look_alikes, broken)


_MARK = re.compile(r"([@#])\{([\w.-]+)(?::([\w.-]+))?\}")


def _filled(line: str, chance: random.Random, place: str, path: str, number: int) -> tuple[str, list[Secret]]:
    found: list[Secret] = []

    def fill(mark: re.Match[str]) -> str:
        sign, form, kind = mark.groups()
        if sign == "#":
            return _NOISE[form](chance)
        maker = _MAKERS[kind or "pw"]
        written, secret = maker(chance)
        found.append(Secret(secret, form, place, path, number, (written,) if written != secret else ()))
        return written

    return _MARK.sub(fill, line), found


_LETTERS = string.ascii_letters + string.digits


def _drawn(chance: random.Random, length: int, signs: str = _LETTERS) -> str:
    while True:
        text = "".join(chance.choice(signs) for _ in range(length))
        if (
            len(set(text)) > min(8, length // 2)
            and any(map(str.isdigit, text))
            and any(map(str.isalpha, text))
        ):
            return text


def _same(make: Callable[[random.Random], str]) -> Callable[[random.Random], tuple[str, str]]:
    def both(chance: random.Random) -> tuple[str, str]:
        text = make(chance)
        return text, text

    return both


def _password(chance: random.Random) -> str:
    first, second = _drawn(chance, 6), _drawn(chance, 6)
    return f"{first}{chance.choice('-_.')}{second}{chance.choice('!+')}{chance.randint(10, 99)}"


def _plain(chance: random.Random) -> str:
    return chance.choice(string.ascii_uppercase) + _drawn(chance, chance.randint(12, 18))


def _packed(chance: random.Random) -> tuple[str, str]:
    secret = _plain(chance)
    return base64.b64encode(secret.encode()).decode(), secret


def _basic(chance: random.Random) -> tuple[str, str]:
    secret = _plain(chance)
    return base64.b64encode(f"user:{secret}".encode()).decode(), secret


def _web_token(chance: random.Random) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": _drawn(chance, 12), "iat": 1790000000})
    packed = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*packed, _drawn(chance, 43)))


_MAKERS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "pw": _same(_plain),
    "hard": _same(_password),
    "hex": _same(lambda chance: _drawn(chance, 40, "0123456789abcdef")),
    "packed": _packed,
    "basic": _basic,
    "aws": _same(lambda chance: _drawn(chance, 40, _LETTERS + "/+")),
    "akia": _same(lambda chance: "AKIA" + _drawn(chance, 16, string.ascii_uppercase + "234567")),
    "github": _same(lambda chance: "ghp_" + _drawn(chance, 36)),
    "gitlab": _same(lambda chance: "glpat-" + _drawn(chance, 20)),
    "slack": _same(lambda chance: f"xoxb-{chance.randint(10**11, 10**12)}-{_drawn(chance, 24)}"),
    "hook": _same(lambda chance: f"T{_drawn(chance, 9)}/B{_drawn(chance, 9)}/{_drawn(chance, 24)}"),
    "discord": _same(lambda chance: f"{chance.randint(10**17, 10**18)}/{_drawn(chance, 68)}"),
    "npm": _same(lambda chance: "npm_" + _drawn(chance, 36)),
    "stripe": _same(lambda chance: "sk_live_" + _drawn(chance, 24)),
    "jwt": _same(_web_token),
    "key": _same(lambda chance: "MIIE" + _drawn(chance, 56)),
    "pypi": _same(lambda chance: "pypi-AgEI" + _drawn(chance, 60)),
}
_NOISE: dict[str, Callable[[random.Random], str]] = {
    "uuid": lambda chance: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    "sha256": lambda chance: f"{chance.getrandbits(256):064x}",
    "sha1": lambda chance: f"{chance.getrandbits(160):040x}",
    "short": lambda chance: f"{chance.getrandbits(28):07x}",
    "b64": lambda chance: base64.b64encode(chance.randbytes(36)).decode(),
    "public": lambda chance: "AAAAC3NzaC1lZDI1NTE5AAAAI" + _drawn(chance, 43),
    "bcrypt": lambda chance: "$2y$10$" + _drawn(chance, 53),
    "id": lambda chance: str(chance.randint(10**11, 10**12)),
}


def forms(secrets: tuple[Secret, ...]) -> Iterator[str]:
    """The forms in which secrets are written, each once."""
    yield from dict.fromkeys(secret.form for secret in secrets)


TEMPLATES: dict[str, tuple[str, str]] = {
    "compose/compose.yaml": (
        "compose",
        """
name: shop
services:
  db:
    image: registry.example.com/mysql:9.1.0
    environment:
      MYSQL_ROOT_PASSWORD: @{variable:hard}
      APP_OPTS: -Xmx1g -Dspring.datasource.password=@{java-option}
      API_CONFIG: '{"db": {"password": "@{json-in-variable}"}}'
      DATABASE_URL: postgres://${DB_USER}:@{url-variable-user}@db/app
    command: ["mysqld", "--init-password", "@{listed-option}"]
    healthcheck:
      test: ["CMD-SHELL", "mysqladmin ping -h localhost -uroot -p@{mysql-p}"]
    labels:
      com.example.updater.token: @{label:github}
      com.example.dsn: amqp://app:@{url}@queue/v
    logging:
      driver: splunk
      options:
        splunk-token: @{logging-option}
        splunk-url: https://logs.example.com
  cache:
    image: registry.example.com/redis:7.4
    command: redis-server --requirepass @{requirepass} --appendonly yes
    healthcheck:
      test: [CMD, redis-cli, -a, @{redis-cli-a}, ping]
  mongo:
    image: registry.example.com/mongo:8
    healthcheck:
      test: mongosh -u root -p @{mongosh-p} --eval "db.runCommand('ping')"
    post_start:
      - command: ["curl", "-u", "admin:@{curl-u}", "http://localhost/init"]
  job:
    image: registry.example.com/job:1.0
    entrypoint: ["sh", "-c", "PGPASSWORD=@{PGPASSWORD} pg_dump app"]
    deploy:
      labels:
        - "example.password=@{label-list}"
    build:
      context: .
      args:
        NPM_TOKEN: @{build-arg:npm}
      labels:
        com.example.api-key: @{build-label}
    annotations:
      com.example.secret-key: @{annotation:hex}
volumes:
  files:
    driver_opts:
      type: cifs
      o: "username=bot,password=@{mount-option}"
      device: "//files.example.com/share"
networks:
  front:
    driver_opts:
      encryption.secret: @{network-option}
secrets:
  db:
    environment: DB_PASSWORD
configs:
  app:
    content: |
      [db]
      password = @{compose-config}
""",
    ),
    "compose/compose.prod.yaml": (
        "compose override",
        """
services:
  db:
    environment:
      - MYSQL_PASSWORD=@{variable-list:hard}
      - SENTRY_DSN=https://app:@{url}@sentry.example.com/1
  worker:
    image: registry.example.com/worker:1.0
    environment:
      STRIPE_KEY: @{token:stripe}
      SLACK_URL: https://hooks.slack.com/services/@{slack-webhook:hook}
      DISCORD_URL: https://discord.com/api/webhooks/@{discord-webhook:discord}
      SECRET_KEY_BASE: @{variable:hex}
      BASIC_AUTH: admin:@{user-and-password}
    command: 'curl -H "Authorization: Bearer @{curl-header}" https://api.example.com'
""",
    ),
    "compose/.env": (
        "env file",
        """
DB_PASSWORD=@{env-file:hard}
export API_TOKEN=@{env-file-export}
AWS_SECRET_ACCESS_KEY=@{aws-secret:aws}
AWS_ACCESS_KEY_ID=@{aws-id:akia}
REDIS_URL=redis://:@{url}@cache:6379/0
JWT="@{jwt:jwt}"
MINIO_ROOT_PASSWORD='@{env-file-quoted}'
""",
    ),
    "compose/settings.env": (
        "env file",
        """
SMTP_PASSWORD=@{env-file}
RESTIC_PASSWORD=@{env-file}
BORG_PASSPHRASE=@{env-file:hard}
""",
    ),
    "compose/compose.override.yaml": (
        "compose override",
        """
services:
  job:
    env_file: [settings.env]
    labels:
      - traefik.http.middlewares.auth.password=@{label-list}
""",
    ),
    "images/Dockerfile": (
        "dockerfile",
        """
FROM debian:13.1
ARG BUILD_TOKEN=@{arg}
ENV DB_PASSWORD=@{env:hard} \\
    CACHE_URL=redis://x:@{url}@cache/0
LABEL com.example.registry-password="@{label}" \\
      com.example.token="@{label:github}"
RUN mysql -h db -uroot -p@{mysql-p} -e "select 1"
RUN mysqladmin -u root -p@{mysqladmin-p} ping
RUN mysqldump --password=@{mysql-password} shop > /a.sql
RUN PGPASSWORD=@{PGPASSWORD} psql -h db -c "select 1"
RUN mongo -u root -p @{mongo-p} --eval "1"
RUN redis-cli -h cache -a @{redis-cli-a} ping
RUN redis-cli --pass @{redis-cli-pass} ping
RUN curl -fsS -u admin:@{curl-u} https://example.com/a -o /a
RUN curl -H "Authorization: Bearer @{curl-header}" https://example.com/b -o /b
RUN curl --proxy-user bob:@{curl-proxy-user} https://example.com/c -o /c
RUN wget --user=a --password=@{wget-password} https://example.com/d
RUN wget --http-password @{wget-http-password} https://example.com/e
RUN sshpass -p @{sshpass} scp build@host.example.com:/a /a
RUN echo "root:@{chpasswd}" | chpasswd
RUN echo @{passwd-stdin} | passwd --stdin root
RUN usermod -p @{usermod-p} app
RUN useradd -m -p @{useradd-p} other
RUN htpasswd -bc /etc/nginx/htpasswd admin @{htpasswd-b}
RUN az login --service-principal -u app -p @{az-login} --tenant t
RUN aws configure set aws_secret_access_key @{aws-configure:aws}
RUN docker login -u ci -p @{docker-login} registry.example.com
RUN echo "@{docker-login-stdin:hard}" | docker login --username ci --password-stdin registry.example.com
RUN podman login -u ci -p @{podman-login} registry.example.com
RUN skopeo copy --src-creds ci:@{skopeo-creds} docker://a docker://b
RUN crane auth login -u ci -p @{crane-login} registry.example.com
RUN helm registry login -u ci -p @{helm-login} registry.example.com
RUN npm config set //registry.npmjs.org/:_authToken=@{npm-config:npm}
RUN npm config set //npm.example.com/:_authToken @{npm-config-two}
RUN yarn config set npmAuthToken @{yarn-config}
RUN composer config http-basic.repo.example.com bot @{composer}
RUN poetry config http-basic.private bot @{poetry-basic}
RUN poetry config pypi-token.pypi @{poetry-token:pypi}
RUN pip install --index-url https://bot:@{pip-index}@pypi.example.com/simple requests==2.32.3
RUN twine upload -u bot -p @{twine} dist/*
RUN cargo login @{cargo-login}
RUN echo @{gh-login:github} | gh auth login --with-token
RUN git clone https://bot:@{git-url}@git.example.com/a.git /src
RUN gpg --batch --passphrase @{gpg} --decrypt /a.gpg
RUN openssl enc -d -aes-256-cbc -in /a -out /b -pass pass:@{openssl-pass}
RUN openssl rsa -in /k -passin pass:@{openssl-passin} -out /o
RUN openssl enc -aes-256-cbc -k @{openssl-k} -in /a -out /b
RUN keytool -import -storepass @{keytool} -noprompt -file /c.pem
RUN vault login @{vault-login:hard}
RUN vault write secret/app password=@{vault-write}
RUN kubectl create secret generic db --from-literal=password=@{kubectl}
RUN ldapsearch -D cn=admin -w @{ldapsearch} -b dc=example
RUN smbclient //files/share -U bob%@{smbclient} -c ls
RUN rabbitmqctl add_user app @{rabbitmqctl}
RUN sqlcmd -S db -U sa -P @{sqlcmd} -Q "select 1"
RUN cqlsh -u app -p @{cqlsh} db
RUN influx -username a -password @{influx} -execute x
RUN mc alias set store https://s3.example.com AKEXAMPLE @{mc-alias}
RUN s3cmd --secret_key=@{s3cmd:aws} ls
RUN RESTIC_PASSWORD=@{restic} restic backup /data
RUN java -Djavax.net.ssl.keyStorePassword=@{java-option} -jar /app.jar
RUN printf "machine git.example.com login bot password @{netrc}\\n" > /root/.netrc
RUN echo "//registry.npmjs.org/:_authToken=@{npmrc-echo:npm}" > /root/.npmrc
ADD https://bot:@{add-url}@files.example.com/a.tgz /a.tgz
COPY <<EOF /app/.env
DB_PASSWORD=@{copy-heredoc:hard}
API_KEY=@{copy-heredoc}
EOF
RUN cat <<EOF > /etc/app.ini
[db]
password = @{run-heredoc}
EOF
HEALTHCHECK CMD curl -u probe:@{healthcheck-curl} http://localhost/health
ENTRYPOINT ["redis-server", "--requirepass", "@{entrypoint}"]
CMD ["mysql", "-uroot", "-p@{cmd-mysql}"]
""",
    ),
    "images/Dockerfile.worker": (
        "dockerfile",
        """
FROM python:3.14-slim
RUN --mount=type=secret,id=pw pip download x==1
ENV SLACK_TOKEN=@{env:slack}
RUN set -eux; \\
    export NPM_TOKEN=@{export:npm}; \\
    npm ci
RUN chpasswd <<EOF
root:@{chpasswd-heredoc}
EOF
RUN gcloud auth print --token=@{token-option}
CMD ["celery", "--broker", "amqp://app:@{url}@queue//"]
""",
    ),
    "k8s/web.yaml": (
        "manifest",
        """
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels:
    app: web
  annotations:
    example.com/webhook: https://hooks.slack.com/services/@{slack-webhook:hook}
    example.com/api-token: @{annotation}
    example.com/config: '{"user": "a", "password": "@{json-annotation}"}'
spec:
  containers:
    - name: web
      image: registry.example.com/web:1.4
      env:
        - name: DB_PASSWORD
          value: @{variable:hard}
        - name: JAVA_TOOL_OPTIONS
          value: -Xmx1g -Dapp.db.password=@{java-option}
        - name: BROKER
          value: amqp://app:@{url}@queue:5672/v
      command: [sh, -c, 'mysql -h db -uroot -p@{mysql-p} -e "select 1"']
      args: ["--api-key=@{option}"]
      livenessProbe:
        httpGet:
          path: /health?token=@{probe-path}
          port: 8080
          httpHeaders:
            - name: Authorization
              value: Bearer @{probe-header}
            - name: X-Api-Key
              value: @{probe-header:hex}
      readinessProbe:
        exec:
          command: ["mysqladmin", "ping", "-p@{exec-probe-mysql}"]
      startupProbe:
        exec:
          command:
            - redis-cli
            - -a
            - @{exec-probe-redis}
            - ping
      lifecycle:
        postStart:
          exec:
            command: ["sh", "-c", "curl -u admin:@{hook-curl} http://localhost/init"]
    - name: tool
      image: registry.example.com/tool:1.4
      command:
        - mongosh
        - -u
        - root
        - -p
        - @{mongosh-p}
    - name: script
      image: registry.example.com/script:1.0
      command: ["/bin/sh", "-c"]
      args:
        - |
          set -e
          echo "admin:@{chpasswd}" | chpasswd
          curl -H "X-Api-Key: @{curl-header}" https://api.example.com
          az login -p @{az-login} -u app
          aws configure set aws_secret_access_key @{aws-configure:aws}
""",
    ),
    "k8s/config.yaml": (
        "configmap file",
        """
apiVersion: v1
kind: ConfigMap
metadata:
  name: files
  namespace: shop
data:
  DB_PASSWORD: @{entry:hard}
  DATABASE_URL: postgres://app:@{url}@db/app
  app.ini: |
    [db]
    user = app
    password = @{ini:hard}
    ; token of the old server
    [auth]
    api_key: @{ini-colon}
  application.properties: |
    spring.datasource.username=app
    spring.datasource.password=@{properties}
    jwt.secret=@{properties:hex}
  one.properties: |
    db.password=@{properties-one-line}
  one.json: '{"db": {"user": "shop", "password": "@{json-one-line:hard}"}}'
  npmrc: |
    registry=https://npm.example.com/
    //npm.example.com/:_authToken=@{npmrc}
    _auth=@{npmrc-auth:packed}
  kubeconfig: |
    apiVersion: v1
    kind: Config
    users:
      - name: ci
        user:
          token: @{kubeconfig-token}
      - name: admin
        user:
          username: admin
          password: @{kubeconfig-password}
  settings.json: |
    {
      "database": {"host": "db", "password": "@{json:hard}"},
      "apiKey": "@{json:hex}",
      "headers": [{"name": "Authorization", "value": "Bearer @{json-header}"}]
    }
  values.yaml: |
    smtp:
      user: app
      password: "@{yaml:hard}"
    clientSecret: @{yaml}
    privateNote: none
  server.xml: |
    <config>
      <user>shop</user>
      <password>@{xml-element}</password>
      <property name="connection.password">@{xml-property}</property>
      <property name="api.token" value="@{xml-value}"/>
      <datasource username="app" password="@{xml-attribute}"/>
    </config>
  .netrc: |
    machine git.example.com login bot password @{netrc}
  redis.conf: |
    maxmemory 100mb
    requirepass @{redis-requirepass}
    masterauth @{redis-masterauth}
    user app on >@{redis-acl} ~* +@all
  nginx.conf: |
    location / {
      proxy_set_header Authorization "Bearer @{nginx-bearer}";
      proxy_set_header X-Basic "Basic @{nginx-basic:basic}";
    }
  init.sql: |
    CREATE USER app IDENTIFIED BY '@{sql}';
    ALTER ROLE app PASSWORD '@{sql:hard}';
  run.sh: |
    #!/bin/sh
    export DB_PASSWORD=@{shell}
    mysql -u root -p@{mysql-p} shop
    curl -u admin:@{curl-u} https://api.example.com
  wp-config.php: |
    define('DB_PASSWORD', '@{php}');
    $apiKey = "@{source}";
  settings.py: |
    SECRET_KEY = "@{source:hex}"
    DATABASES = {"default": {"USER": "app", "PASSWORD": "@{source}"}}
  app.toml: |
    [database]
    password = "@{toml:hard}"
    dsn = "postgres://app:@{url}@db/app"
  key.pem: |
    -----BEGIN RSA PRIVATE KEY-----
    @{private-key:key}
    -----END RSA PRIVATE KEY-----
  web.config: |
    <configuration><connectionStrings>
      <add name="db" connectionString="Server=db;User Id=sa;Password=@{connection-string};" />
    </connectionStrings></configuration>
  my.cnf: |
    [client]
    user=root
    password=@{cnf}
""",
    ),
    "k8s/secrets.yaml": (
        "secret manifest",
        """
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
type: Opaque
stringData:
  password: @{string-data:hard}
  token: @{string-data:github}
  app.env: |
    DB_PASSWORD=@{file-in-secret}
data:
  api-key: @{data:packed}
  other-password: @{data:packed}
""",
    ),
    "k8s/storage.yaml": (
        "object field",
        """
apiVersion: v1
kind: PersistentVolume
metadata:
  name: share
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteMany]
  mountOptions:
    - username=bot,password=@{mount-option}
  csi:
    driver: smb.csi.k8s.io
    volumeHandle: share
    volumeAttributes:
      source: //bot:@{share-url}@files.example.com/share
      password: @{volume-attribute:hard}
---
apiVersion: v1
kind: PersistentVolume
metadata:
  name: flex
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteMany]
  flexVolume:
    driver: example.com/cifs
    options:
      username: bot
      password: @{flex-option}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: gluster
provisioner: kubernetes.io/glusterfs
parameters:
  resturl: http://heketi.example.com:8080
  restuser: admin
  restuserpassword: @{class-parameter}
""",
    ),
    "k8s/delivery.yaml": (
        "object field",
        """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  namespace: argocd
spec:
  project: shop
  destination: {server: https://kubernetes.default.svc, namespace: shop}
  source:
    repoURL: https://bot:@{repo-url}@git.example.com/shop.git
    path: chart
    targetRevision: v1.2.3
    helm:
      parameters:
        - name: auth.password
          value: @{argo-parameter:hard}
        - name: apiToken
          value: @{argo-parameter}
      values: |
        smtp:
          password: @{argo-values}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: cache
  namespace: shop
spec:
  interval: 5m
  chart: {spec: {chart: redis, version: 1.2.3, sourceRef: {kind: HelmRepository, name: shop}}}
  values:
    auth:
      enabled: true
      password: @{flux-values:hard}
    metrics:
      basicAuth:
        token: @{flux-values:jwt}
---
apiVersion: apps.example.com/v1
kind: Database
metadata:
  name: main
  namespace: shop
spec:
  adminUser: admin
  adminPassword: @{custom-field}
  dsn: mysql://root:@{url}@db/app
  init:
    command: ["mysql", "-uroot", "-p@{custom-command}"]
""",
    ),
    "kustomize/kustomization.yaml": (
        "kustomization",
        """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
resources: [pod.yaml]
secretGenerator:
  - name: db
    literals:
      - password=@{generator-literal:hard}
      - token=@{generator-literal}
configMapGenerator:
  - name: app
    literals:
      - API_TOKEN=@{config-literal}
      - DATABASE_URL=postgres://app:@{url}@db/app
  - name: files
    files: [app.properties]
commonAnnotations:
  example.com/deploy-token: @{annotation:gitlab}
""",
    ),
    "kustomize/pod.yaml": (
        "kustomization",
        """
apiVersion: v1
kind: Pod
metadata: {name: tool}
spec:
  containers:
    - name: tool
      image: registry.example.com/tool:1.4
      env:
        - {name: FTP_PASSWORD, value: @{variable}}
""",
    ),
    "kustomize/app.properties": (
        "kustomization",
        """
mail.password=@{generator-file}
""",
    ),
    "chart/Chart.yaml": (
        "chart",
        """
apiVersion: v2
name: shop
version: 1.0.0
""",
    ),
    "chart/values.yaml": (
        "chart values",
        """
auth:
  password: @{value-in-secret:hard}
apiToken: @{value-in-variable}
unused:
  nested:
    password: @{value-unused:hard}
    licenseKey: @{value-unused}
smtp:
  url: smtp://app:@{value-unused-url}@mail.example.com
notify:
  slack: https://hooks.slack.com/services/@{slack-webhook:hook}
""",
    ),
    "chart/values-prod.yaml": (
        "chart values",
        """
backup:
  s3:
    secretKey: @{value-unused:aws}
    password: @{value-unused}
""",
    ),
    "chart/templates/all.yaml": (
        "chart template",
        """
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData:
  password: {{ .Values.auth.password | quote }}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    example.com/deploy-token: @{template-annotation}
spec:
  containers:
    - name: web
      image: nginx:1.27
      args: ["--admin-password=@{template-argument}"]
      env:
        - {name: API_TOKEN, value: {{ .Values.apiToken | quote }}}
        - {name: MAIL_PASSWORD, value: @{template-variable}}
""",
    ),
    "bake/docker-bake.hcl": (
        "bake",
        """
variable "DB_PASSWORD" {
  default = "@{bake-variable:hard}"
}
variable "REGISTRY_URL" {
  default = "https://bot:@{url}@registry.example.com"
}
target "app" {
  context = "."
  args = {
    NPM_TOKEN = "@{bake-arg:npm}"
    ADMIN_PASSWORD = "@{bake-arg}"
  }
  labels = {
    "com.example.api-key" = "@{bake-label}"
  }
  secret = ["type=env,id=x,token=@{bake-secret}"]
  cache-to = ["type=s3,bucket=b,secret_access_key=@{bake-cache:aws}"]
}
""",
    ),
    "bake/other.docker-bake.json": (
        "bake",
        """
{"target": {"web": {"args": {"API_TOKEN": "@{bake-json}"}, "labels": {"password": "@{bake-json:hard}"}}}}
""",
    ),
    "skaffold/skaffold.yaml": (
        "skaffold",
        """
apiVersion: skaffold/v4beta11
kind: Config
metadata: {name: shop}
build:
  artifacts:
    - image: registry.example.com/app
      docker:
        buildArgs:
          NPM_TOKEN: @{skaffold-arg:npm}
deploy:
  helm:
    releases:
      - name: shop
        chartPath: chart
        setValues:
          auth.password: @{skaffold-value}
""",
    ),
    "broken/docker-bake.hcl": (
        "broken",
        """
variable "DB_PASSWORD" {
  default = "@{broken-bake}"
DB_PASSWORD = "@{broken-bake:hard}"
target "app" {
""",
    ),
    "broken/compose.yaml": (
        "broken",
        """
services:
  db:
    image: mysql:9
    environment:
      MYSQL_PASSWORD: @{broken-yaml:hard}
     API_TOKEN: @{broken-yaml}
""",
    ),
    "broken/pod.yaml": (
        "broken",
        """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: [nginx
      command: ["mysql", "-p@{broken-command}"]
      env: [{name: DB_PASSWORD, value: @{broken-variable}}]
""",
    ),
    "broken/Dockerfile": (
        "broken",
        """
FROM debian:13
RUNN mysql -p@{broken-instruction} -uroot
COPY --from
ENV DB_PASSWORD @{broken-env}
RUN "unclosed mysql -p@{broken-run}
""",
    ),
    "broken/.env": (
        "broken",
        """
DB_PASSWORD="@{broken-env-file}
""",
    ),
    "broken/chart/Chart.yaml": (
        "broken",
        """
apiVersion: v2
name: broken
version: 1.0.0
""",
    ),
    "broken/chart/values.yaml": (
        "broken",
        """
password: "@{broken-values}
""",
    ),
    "broken/chart/templates/pod.yaml": (
        "broken",
        """
apiVersion: v1
kind: Secret
metadata: {name: x}
stringData: {password: "@{broken-template}" {{ end }}
""",
    ),
    "notes/k8s.yaml": (
        "comment",
        """
apiVersion: v1
kind: Pod
metadata:
  name: note
spec:
  # password @{comment}
  containers:
    - name: note   # DB_PASSWORD=@{comment-behind}
      image: nginx
""",
    ),
}
