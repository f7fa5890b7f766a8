"""Lines that look as if they held a secret and hold none, as templates of `planted`.

Each line that begins with `~` is one: placeholders, references, hashes, digests, sources, translations,
public keys, identifiers, base64 of nothing secret, examples.
"""

from __future__ import annotations

LOOK_ALIKES: dict[str, str] = {
    "harmless/compose/compose.yaml": """
services:
  web:
    image: registry.example.com/web:1.4@sha256:#{sha256}
    environment:
~      DB_PASSWORD: ${DB_PASSWORD}
~      API_TOKEN: ${API_TOKEN:?set it}
~      DB_PASSWORD_FILE: /run/secrets/db
~      TOKEN_TTL: "3600"
~      PASSWORD_MIN_LENGTH: "12"
~      SECRET_NAME: web-credentials
~      AUTH_TOKEN_URL: https://login.example.com/token
~      JWT_ALGORITHM: RS256
~      CACHE_KEY: #{sha1}
~      RELEASE_ID: #{uuid}
~      GIT_COMMIT: #{sha1}
~      PUBLIC_KEY: ssh-ed25519 #{public}
~      ADMIN_PASSWORD_HASH: $$2y$$10$$abcdefghijklmnopqrstuv
~      DATABASE_URL: postgres://app:${DB_PASSWORD}@db/app
~      REDIS_URL: redis://cache:6379/0
~      OAUTH_TOKEN_ENDPOINT: https://login.example.com/oauth/token
~      ACCESS_TOKEN_LIFETIME: 15m
~      PASSWORD_RESET_URL: https://example.com/reset
~      VAULT_ADDR: http://vault:8200
~      ETCD_AUTH_TOKEN: jwt,priv-key=/certs/a.pem,sign-method=RS256
~      STRIPE_PUBLISHABLE_KEY: pk_live_abcdefgh12345678
~      PASSWORD_PROMPT_STRING: "Password: "
~      API_KEY_HELP_TEXT: see the docs
~      TOKENIZER: wordpiece-base-v2
~      COMPASS: north
~    command: ["serve", "--token-file", "/run/secrets/token", "--password-file=/run/secrets/db"]
    healthcheck:
~      test: ["CMD-SHELL", "mysqladmin ping -h localhost -u root -p$$MYSQL_ROOT_PASSWORD"]
    labels:
~      org.opencontainers.image.revision: #{sha1}
~      com.example.secret-name: web-credentials
~      com.example.checksum/secret: #{sha256}
~      traefik.http.middlewares.auth.basicauth.users: "admin:$$2y$$10$$abcdefghijklmnopqrstuv"
~      com.example.password-policy: strict
~      com.example.token-ttl: 24h
    logging:
      driver: splunk
      options:
~        splunk-token: ${SPLUNK_TOKEN}
~        splunk-tokenpath: /etc/token
    build:
      context: .
      args:
~        NPM_TOKEN_FILE: /run/secrets/npm
~        COMMIT: #{sha1}
  cache:
    image: registry.example.com/cache:1.0
~    command: sh -c "redis-server --requirepass $$REDIS_PASSWORD"
  tool:
    image: registry.example.com/tool:1.0
~    command: mysql -u root -p app
~    entrypoint: ["curl", "-u", "$USER:$PASSWORD", "https://example.com"]
volumes:
  files:
    driver_opts:
~      o: "username=bot,password=${SHARE_PASSWORD}"
""",
    "harmless/images/Dockerfile": """
FROM debian:13.1@sha256:#{sha256}
~ENV TOKEN_TTL=3600 PASSWORD_FILE=/run/secrets/db
~ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D
~ENV PYTHON_SHA256=#{sha256}
~ENV PASSWORD_PROMPT_STRING="Password: "
~LABEL org.opencontainers.image.revision="#{sha1}"
~LABEL com.example.token-url="https://login.example.com/token"
~LABEL com.example.maintainer="ops@example.com"
~RUN --mount=type=secret,id=pw,env=PW mysql -u root -p"$PW" -e "select 1"
~RUN --mount=type=secret,id=pw docker login --username ci --password-stdin r.example.com < /run/secrets/pw
~RUN curl -u "$USER:$PASSWORD" https://example.com/a
~RUN curl -H "Authorization: Bearer $TOKEN" https://example.com/b
~RUN curl -fsSL https://example.com/c -o /c && echo "#{sha256}  /c" | sha256sum -c -
~RUN openssl enc -d -pass file:/run/secrets/k -in /a -out /b
~RUN openssl rsa -passin env:KEYPASS -in /k -out /o
~RUN gpg --batch --keyserver keys.example.com --recv-keys A035C8C19219BA821ECEA86B64E628F8D684696D
~RUN useradd -m app && usermod -p '!' app
~RUN git clone https://git.example.com/a.git && cd a && git checkout #{sha1}
~RUN mkdir -p /app/data && cp -p /a /app/a
~RUN docker run -p 8080:80 nginx
~RUN npm config set //registry.npmjs.org/:_authToken=\\${NPM_TOKEN}
~RUN aws configure set region eu-central-1
~RUN aws configure set aws_secret_access_key "$AWS_SECRET"
~RUN kubectl create secret generic db --from-file=password=/run/secrets/db
~RUN pip install --index-url https://pypi.example.com/simple --hash=sha256:#{sha256} requests==2.32.3
~RUN ssh -p 2222 build@host.example.com true
~RUN echo "ssh-ed25519 #{public} build@host" > /root/.ssh/authorized_keys
~RUN printf 'password: see the vault\\n' > /etc/motd
~RUN az login --identity
~RUN vault write secret/app ttl=1h policies=web
~RUN psql -p 5432 -U app -c "select 1"
~RUN test "$(cat /run/secrets/token)" != ""
~RUN sshpass -f /run/secrets/pw ssh host.example.com true
~RUN redis-cli -a "$REDIS_PASSWORD" ping
~RUN htpasswd -n admin
~RUN keytool -import -storepass:env STOREPASS -noprompt -file /c.pem
~RUN unzip -P "$ZIP_PASSWORD" /a.zip
~RUN tar -xpf /a.tar && install -p /a /b
~RUN sed -i "s/PASSWORD/$PASSWORD/" /etc/app.ini
COPY <<EOF /app/app.ini
~password = ${DB_PASSWORD}
~token_file = /run/secrets/token
~commit = #{sha1}
EOF
~CMD ["serve", "--password-file", "/run/secrets/db"]
""",
    "harmless/k8s/pod.yaml": """
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  annotations:
~    checksum/secret: #{sha256}
~    checksum/config: #{sha256}
~    nginx.ingress.kubernetes.io/auth-secret: basic-auth
~    vault.hashicorp.com/agent-inject-secret-db: secret/data/web
~    example.com/password-rotated: "2026-03-01T10:00:00Z"
~    example.com/token-audience: https://login.example.com
~    example.com/token: <token>
~    example.com/api-key: your-api-key-here
~    example.com/revision: #{sha1}
spec:
  imagePullSecrets:
~    - name: registry-credentials
  containers:
    - name: web
      image: registry.example.com/web@sha256:#{sha256}
      env:
~        - {name: TOKEN_TTL, value: "3600"}
~        - {name: SECRET_NAME, value: web-credentials}
~        - {name: ETCD_AUTH_TOKEN, value: simple}
~        - {name: TRACE_ID, value: #{uuid}}
~        - {name: DATABASE_URL, value: "postgres://app:$(DB_PASSWORD)@db/app"}
~        - {name: KEYCLOAK_CLIENT_SECRET_REF, value: keycloak-client}
~        - {name: PASSWORD_HASH, value: "#{bcrypt}"}
        - name: DB_PASSWORD
~          valueFrom: {secretKeyRef: {name: db, key: password}}
~      command: [sh, -c, 'mysql -h db -uroot -p"$MYSQL_PASSWORD" -e "select 1"']
~      args: ["--token-file=/run/secrets/token", "--secret-name=web-tls", "--password=$(DB_PASSWORD)"]
      livenessProbe:
        httpGet:
~          path: /health?token_ttl=5
          port: 8080
          httpHeaders:
~            - {name: X-Token-Type, value: bearer}
~            - {name: Authorization, value: "Bearer $(TOKEN)"}
      readinessProbe:
        exec:
~          command: ["sh", "-c", "redis-cli -a \\"$REDIS_PASSWORD\\" ping"]
  volumes:
    - name: token
      projected:
        sources:
~          - serviceAccountToken: {path: token, audience: vault, expirationSeconds: 3600}
    - name: share
      csi:
        driver: smb.csi.k8s.io
        volumeAttributes: {source: //files.example.com/share}
~        nodePublishSecretRef: {name: smb-credentials}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
~    nginx.ingress.kubernetes.io/auth-secret: web/basic-auth-users
~    nginx.ingress.kubernetes.io/auth-url: https://login.example.com/auth
spec:
  tls:
~    - {hosts: [web.example.com], secretName: web-tls-2026}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: acme}
spec:
  acme:
    server: https://acme.example.com/directory
~    privateKeySecretRef: {name: acme-account-key}
    solvers:
~      - dns01: {cloudflare: {apiTokenSecretRef: {name: cloudflare-api-token, key: api-token}}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db}
spec:
  secretStoreRef: {name: vault, kind: ClusterSecretStore}
  target: {name: db}
  data:
~    - secretKey: DB-Password1
~      remoteRef: {key: shop/db, property: password}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db}
spec:
  encryptedData:
~    password: AgB#{b64}#{b64}#{b64}
---
apiVersion: v1
kind: Secret
metadata: {name: empty}
stringData:
~  password: ""
~  token: ${TOKEN}
~  admin.passwordMtime: "2026-03-01T10:00:00Z"
~  other: <fill-in>
---
apiVersion: apps.example.com/v1
kind: Database
metadata: {name: main}
spec:
~  adminPasswordSecret: main-admin-x7f9q
~  credentials: main-credentials
~  tokenSecret: {name: main-token}
~  passwordPolicy: strict
~  secretKey: password
~  apiKey: api-key
~  id: #{uuid}
~  description: "password: the one of the administrator, token: see the manual"
""",
    "harmless/k8s/config.yaml": """
apiVersion: v1
kind: ConfigMap
metadata: {name: files, namespace: shop}
data:
~  TOKEN_TTL: "3600"
~  PASSWORD_FILE: /run/secrets/db
~  SECRET_NAME: web-tls
~  COMMIT: #{sha1}
  grafana.ini: |
    [database]
~    password = $__env{DB_PASSWORD}
    [auth.generic_oauth]
~    client_secret = $__file{/etc/secrets/oauth}
~    token_url = https://login.example.com/token
  oidc.config: |
    issuer: https://login.example.org
~    clientSecret: $oidc.login.clientSecret
  login.js: |
~    const { apiKey = config.get("apiKey") } = options;
    export async function login(req, res) {
~      const password = req.body.password;
~      const token = await getToken(req.user);
~      const schema = { password: Yup.string().min(8), apiKey: options.apiKey || "" };
~      if (password !== confirm) { return fail("password: they differ"); }
~      const header = `Bearer ${token}`;
~      return res.json({ token: token, user: req.user });
    }
  auth.lua: |
~    local token = ngx.var.cookie_token
~    if not token then ngx.exit(401) end
~    local secret = os.getenv("SECRET")
  check.sh: |
    #!/bin/sh
~    password=$1
~    TOKEN=$(cat /run/secrets/token)
~    [ -n "$password" ] || echo "password: missing" >&2
~    read -r -p "Password: " password
~    curl -H "Authorization: Bearer ${TOKEN}" https://example.com
~    mysql -uroot -p"${MYSQL_ROOT_PASSWORD}" -e 'select 1'
~    export PGPASSWORD="$(cat /run/secrets/db)"
~    test "$SECRET" = "" && echo "secret=unset"
  validators.py: |
    import getpass
~    def validate(self, password, user=None):
~        if not re.match("^[a-z]+$", password):
~            raise ValueError("Password must be lower case")
~    token = issue_token(user)
~    secret_key = settings.SECRET_KEY
~    password = getpass.getpass("Password: ")
~    client.open(user, password=password, token=token)
~    header = sign(token=f"Bearer {token}", key=secret_key)
~    API_KEY = os.environ["API_KEY"]
~    PASSWORD_FIELD = "password"
  main.go: |
~    password := os.Getenv("DB_PASSWORD")
~    token := claims.Token
~    secret, err := client.Secrets(ns).Get(ctx, name)
~    const tokenHeader = "X-Auth-Token"
  App.java: |
~    private String password;
~    String token = request.getHeader("Authorization");
~    this.secret = secret;
  de.json: |
    {
~      "username": "Benutzername",
~      "password": "Passwort",
~      "forgot_password": "Passwort vergessen?"
    }
  messages.properties: |
~    error.password=Password must have at least 8 characters
~    label.token=Token
~    label.secret=Geheimnis
  index.html: |
~    <input type="password" name="password" placeholder="Password">
~    <label for="token">Token:</label>
~    <p>password: ask your administrator</p>
  README.md: |
~    Set `password: hunter2` in the file to log in.
~    curl -u admin:password https://example.com
  app.properties: |
~    spring.datasource.password=${DB_PASSWORD}
~    spring.datasource.password.file=/run/secrets/db
~    security.token.expiration=3600
~    jwt.algorithm=HS256
~    app.password.encoder=bcrypt
~    keystore.password.alias=web
~    # db.password=changeme
~    oauth.token-uri=https://login.example.com/token
  dex.yaml: |
    staticPasswords:
~      - email: admin@example.com
~        hash: "#{bcrypt}"
~        userID: #{uuid}
~    password: "#{bcrypt}"
~    tokenKey: session
    oauth2:
~      responseTypes: [code, token, id_token]
~      passwordConnector: local
  prometheus.yaml: |
    scrape_configs:
      - job_name: web
~        bearer_token_file: /var/run/secrets/token
        basic_auth:
          username: prom
~          password_file: /etc/prometheus/password
~        authorization: {type: Bearer, credentials_file: /etc/token}
  nginx.conf: |
~    ssl_certificate_key /etc/tls/tls.key;
~    auth_basic_user_file /etc/nginx/htpasswd;
~    proxy_set_header Authorization $http_authorization;
~    proxy_set_header X-Token "";
~    if ($arg_token = "") { return 403; }
  redis.conf: |
~    # requirepass foobared
~    auth-timeout 300
~    tls-key-file /tls/redis.key
  sshd_config: |
~    PasswordAuthentication no
~    PermitEmptyPasswords no
~    HostKey /etc/ssh/ssh_host_ed25519_key
  key.pub: |
~    ssh-ed25519 #{public} ops@example.com
  ca.crt: |
    -----BEGIN CERTIFICATE-----
~    #{b64}
    -----END CERTIFICATE-----
  dashboard.json: |
    {
~      "uid": "#{short}", "title": "Tokens", "type": "secret",
~      "targets": [{"expr": "sum(rate(token_requests_total[5m]))", "legendFormat": "{{token}}"}]
    }
  server.xml: |
    <config>
~      <password>${env.DB_PASSWORD}</password>
~      <property name="password.policy">strict</property>
~      <property name="token.lifetime" value="3600"/>
    </config>
  rules.rego: |
~    deny[msg] { input.password == "" }
~    token := input.token
""",
    "harmless/bake/docker-bake.hcl": """
variable "NPM_TOKEN" {
~  default = ""
}
variable "COMMIT" {
~  default = "#{sha1}"
}
target "app" {
  context = "."
  args = {
~    TOKEN_TTL = "3600"
~    COMMIT = "#{sha1}"
  }
~  secret = ["type=env,id=npm,env=NPM_TOKEN", "type=file,id=pw,src=/run/secrets/pw"]
  labels = {
~    "org.opencontainers.image.revision" = "${COMMIT}"
  }
}
""",
    "harmless/chart/Chart.yaml": """
apiVersion: v2
name: web
version: 1.0.0
""",
    "harmless/chart/values.yaml": """
~existingSecret: web-credentials
~passwordKey: admin-password
~passwordMinLength: 12
auth:
~  password: ""
~  token: null
~  secretName: web-tls
~  tokenTtl: 3600
~  image: registry.example.com/web@sha256:#{sha256}
~  publicKey: ssh-ed25519 #{public}
~  issuer: https://login.example.com
~  algorithm: RS256
~  apiKeySecret: web-api-key
~  password2: "{{ .Values.global.password }}"
~  license: Apache-2.0
""",
    "harmless/chart/templates/pod.yaml": """
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
~    checksum/secret: {{ .Values | toJson | sha256sum }}
spec:
  containers:
    - name: web
      image: {{ .Values.auth.image }}
      env:
~        - {name: SECRET_NAME, value: {{ .Values.auth.secretName }}}
~        - {name: PASSWORD_MIN_LENGTH, value: "{{ .Values.passwordMinLength }}"}
""",
    "harmless/kustomize/kustomization.yaml": """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
configMapGenerator:
  - name: app
    literals:
~      - TOKEN_TTL=3600
~      - PASSWORD_FILE=/run/secrets/db
~      - COMMIT=#{sha1}
~      - AUTH_SECRET_NAME=web-auth
""",
}
