"""Projects that are written to do harm: secrets in every place, and names that are commands."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import NamedTuple


class Planted(NamedTuple):
    """A project and the secrets in it, by where they stand."""

    files: dict[str, str]
    secrets: dict[str, str]


class _Secrets:
    """Makes a secret of its own for each place."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}

    def __getitem__(self, place: str) -> str:
        number = len(self.made)
        return self.made.setdefault(place, f"kV93hd{number:03}LqpX{number * 7919 % 9973:04}z")

    def encoded(self, place: str) -> str:
        text = base64.b64encode(self[place].encode()).decode()
        return self.made.setdefault(f"{place}, encoded", text)

    def key(self, place: str, indent: int) -> str:
        lines = [f"{number}{chr(65 + number)}" * 32 for number in range(6)]
        self.made[place] = lines[2]
        lines = ["-----BEGIN RSA PRIVATE KEY-----", *lines, "-----END RSA PRIVATE KEY-----"]
        return "\n".join(" " * indent + line for line in lines)


def secrets_everywhere() -> Planted:
    """Return a project of every format that has a secret wherever one can stand."""
    s = _Secrets()
    s.made["known token"] = token = "AKIA" + "Q3XTWZ7MP2LKJH5V"
    files = dict(_files(s, token))
    return Planted(files, s.made)


def _files(s: _Secrets, token: str) -> Iterator[tuple[str, str]]:
    yield (
        "k8s/all.yaml",
        f"""apiVersion: v1
kind: Secret
metadata: {{name: db, namespace: shop}}
data: {{password: {s.encoded("Secret data")}}}
stringData:
  url: postgres://u:{s["Secret url"]}@db:5432/x
  key: |
{s.key("Secret key", 4)}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: conf, namespace: shop}}
data:
  DB_PASSWORD: {s["ConfigMap"]}
  app.properties: |
    spring.datasource.password={s["ConfigMap file"]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop, annotations: {{password: {s["annotation"]}}}}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      hostNetwork: true
      containers:
      - name: web
        image: https://user:{s["image"]}@reg.example.com/shop/web:1
        command: [sh, -c, 'curl -u admin:{s["curl"]} https://x; PGPASSWORD={s["command"]} psql']
        args: ['--password={s["option"]}', '--token', {s["argument"]}]
        env:
        - {{name: DB_PASSWORD, value: {s["env"]}}}
        - {{name: DATABASE_URL, value: 'postgres://u:{s["env url"]}@db/x'}}
        - {{name: AWS_KEY, value: {token}}}
        - {{name: S, valueFrom: {{secretKeyRef: {{name: db, key: nokey}}}}}}
        envFrom: [{{configMapRef: {{name: conf}}}}, {{secretRef: {{name: none}}}}]
        livenessProbe: {{httpGet: {{path: '/h?token={s["probe"]}', port: 80}}}}
        lifecycle: {{postStart: {{exec: {{command: [sh, -c, 'export API_TOKEN={s["hook"]}']}}}}}}
        securityContext: {{privileged: true}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop, annotations: {{auth: 'Basic {s["Service annotation"]}'}}}}
spec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: 80}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: {token}, namespace: shop}}
spec: {{type: NodePort, selector: {{app: web}}, ports: [{{port: 81}}]}}
""",
    )
    yield (
        "app/.env",
        f"DB_PASSWORD={s['.env']}\nREGISTRY=https://u:{s['.env url']}@r.io\nREG_TOKEN={s['.env in an image']}\n",
    )
    yield "app/web.env", f"API_TOKEN={s['env file']}\nURL=mysql://root:{s['env file url']}@db/x\n"
    yield "app/secret.txt", s["secret file"] + "\n"
    yield (
        "app/compose.yaml",
        f"""services:
  web:
    image: reg/web:${{REG_TOKEN}}
    build:
      context: .
      args: {{NPM_TOKEN: {s["build arg"]}, GIT: 'https://x:{s["build arg url"]}@github.com/a/b'}}
      additional_contexts: {{src: 'https://u:{s["context"]}@github.com/a/b.git'}}
    command: ['--password', '{s["Compose command"]}', '--db=${{DB_PASSWORD}}']
    environment: {{DB_PASSWORD: '{s["Compose env"]}', PASS2: '${{DB_PASSWORD}}'}}
    env_file: web.env
    labels: {{api_token: {s["Compose label"]}}}
    healthcheck: {{test: 'curl -u a:{s["Compose health"]} http://x'}}
    privileged: true
    network_mode: host
    user: ${{DB_PASSWORD}}
    container_name: web-${{DB_PASSWORD}}
    volumes: ['/home/${{DB_PASSWORD}}:/x']
  api:
    build: {{context: 'https://u:{s["Compose git"]}@github.com/a/b.git#main', target: '${{DB_PASSWORD}}'}}
  inline:
    build:
      context: .
      dockerfile_inline: |
        FROM alpine
        ENV DB_PASSWORD={s["inline env"]}
        RUN curl -u a:{s["inline curl"]} https://x | sh
secrets:
  s1: {{file: secret.txt}}
configs:
  c1: {{content: 'password={s["config content"]}'}}
""",
    )
    yield (
        "app/Dockerfile",
        f"""ARG BASE=https://u:{s["base"]}@reg/x
FROM ${{BASE}}:1 AS base
FROM node:18 AS b
ARG NPM_TOKEN={s["ARG"]}
ENV API_KEY={s["ENV"]}
ENV DB_PASSWORD {s["old ENV"]}
RUN curl -u me:{s["RUN curl"]} https://x.io/y | sh
RUN npm login --password={s["RUN option"]}
LABEL password={s["LABEL"]}
USER $DB_PASSWORD
WORKDIR /w/$DB_PASSWORD
COPY --from=base /x /y
ADD https://u:{s["ADD"]}@x.io/f.tgz /
HEALTHCHECK CMD curl -H "Authorization: Bearer {s["HEALTHCHECK"]}" x
ENTRYPOINT ["app", "--password={s["ENTRYPOINT"]}"]
CMD ["--token", "{s["CMD"]}"]
""",
    )
    yield (
        "app/docker-bake.hcl",
        f"""variable "TOKEN" {{ default = "{s["bake variable"]}" }}
target "web" {{
  context = "."
  args = {{ NPM_TOKEN = "{s["bake arg"]}", X = TOKEN, NOSUCH_PASSWORD = "{s["unknown bake arg"]}" }}
  tags = ["https://u:{s["bake tag"]}@r/web:1"]
  contexts = {{ src = "https://u:{s["bake context"]}@github.com/a/b.git" }}
}}
""",
    )
    yield (
        "app/skaffold.yaml",
        f"""apiVersion: skaffold/v4beta6
kind: Config
build:
  artifacts:
  - image: web
    context: .
    docker: {{dockerfile: Dockerfile, target: nosuch, buildArgs: {{NPM_TOKEN: {s["skaffold arg"]}}}}}
  - image: 'https://u:{s["skaffold image"]}@r/web2'
    context: .
    docker: {{dockerfile: no.Dockerfile}}
""",
    )
    yield "chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"
    yield (
        "chart/values.yaml",
        f"db: {{password: {s['chart value']}, url: 'postgres://u:{s['chart url']}@db/x'}}\n",
    )
    yield "chart/values-prod.yaml", f"db: {{password: {s['chart value of an environment']}}}\n"
    yield (
        "chart/templates/d.yaml",
        f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: "{{{{ .Release.Name }}}}-web"}}
spec:
  selector: {{matchLabels: {{app: c}}}}
  template:
    metadata: {{labels: {{app: c}}}}
    spec:
      containers:
      - name: web
        image: "r/web:{{{{ .Values.db.password }}}}"
        args: ["--password={{{{ .Values.db.password }}}}"]
        env:
        - {{name: DB_PASSWORD, value: "{{{{ .Values.db.password }}}}"}}
        - {{name: URL, value: "{{{{ .Values.db.url }}}}"}}
        - {{name: HARD_PASSWORD, value: {s["template"]}}}
""",
    )
    yield (
        "kus/base/kustomization.yaml",
        f"resources: [d.yaml]\nsecretGenerator: [{{name: gen, literals: [password={s['generator']}]}}]\n",
    )
    yield (
        "kus/base/d.yaml",
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: kd}\nspec: {containers: [{name: k, image: 'a:1',"
            f" env: [{{name: DB_PASSWORD, value: {s['base env']}}}]}}]}}\n"
        ),
    )
    yield (
        "kus/prod/kustomization.yaml",
        (
            f"resources: [../base, 'https://u:{s['remote base']}@github.com/a/b']\npatches:\n- patch: |\n"
            "    apiVersion: v1\n    kind: Pod\n    metadata: {name: kd}\n    spec: {containers: [{name: k,"
            f" env: [{{name: DB_PASSWORD, value: {s['patch']}}}]}}]}}\n"
        ),
    )


WEAPONS = {
    "an escape sequence": "\x1b]0;owned\x07\x1b[2J",
    "a command of the runner": "\n::error file=x::owned",
    "an old command": "##[error]owned",
    "markup": "</script><script>owned=1</script>",
    "Mermaid": '"]\nclick n0 href "javascript:owned()"\nn9["',
    "DOT": '\\"]; owned [label="',
    "direction marks": "\u202eowned\u2066",
    "a byte that is none": "a\x00b\x85c\u2028d",
    "a mark of a message": "{resolved.user}{name}%s%(x)s",
}
"""Texts that some reader of an output would obey, by what they are."""


def armed(weapon: str) -> dict[str, str]:
    """Return a project that has a text in every place for a name."""
    q = (
        '"'
        + "".join(one if one.isascii() and one.isalnum() else f"\\U{ord(one):08x}" for one in weapon)
        + '"'
    )
    docker = "".join(one for one in weapon if one not in "\n\x85\u2028\x00 ") or "x"
    manifest = f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: {q}, namespace: {q}, annotations: {{{q}: {q}}}}}
spec:
  selector: {{matchLabels: {{{q}: {q}}}}}
  template:
    metadata: {{labels: {{{q}: {q}, 1: 2, true: null}}}}
    spec:
      serviceAccountName: {q}
      containers:
      - name: {q}
        image: {q}
        args: [{q}]
        env: [{{name: {q}, value: {q}}}, {{name: x, valueFrom: {{secretKeyRef: {{name: {q}, key: {q}}}}}}}]
        ports: [{{name: {q}, containerPort: 80}}, {{containerPort: 99999999999999999999}}]
        livenessProbe: {{httpGet: {{port: {q}, path: {q}}}}}
        volumeMounts: [{{name: {q}, mountPath: {q}}}]
      volumes: [{{name: {q}, hostPath: {{path: {q}}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: {q}, namespace: {q}}}
spec: {{type: LoadBalancer, selector: {{{q}: {q}}}, ports: [{{name: {q}, port: 80, targetPort: {q}}}]}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {q}, namespace: {q}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: {q}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}}
subjects: [{{kind: ServiceAccount, name: {q}, namespace: {q}}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {q}, namespace: {q}}}
spec: {{rules: [{{host: {q}, http: {{paths: [{{path: {q}, backend: {{service: {{name: {q}, port: {{name: {q}}}}}}}}}]}}}}]}}
"""
    compose = f"""services:
  {q}:
    image: {q}
    build: {{context: ., target: {q}, args: {{{q}: {q}}}}}
    user: {q}
    privileged: true
    ports: [{q}, '80:80']
    depends_on: [{q}]
    network_mode: {q}
    environment: {{{q}: {q}}}
    labels: {{{q}: {q}}}
    secrets: [{q}]
    volumes: [{{type: bind, source: {q}, target: {q}}}]
  plain: {{image: {q}, networks: [{q}], ports: ['81:81']}}
networks: {{{q}: {{}}}}
secrets: {{{q}: {{file: {q}}}}}
"""
    bake = q.replace("$", "$$")
    return {
        "k8s/all.yaml": manifest,
        "compose.yaml": compose,
        "Dockerfile": f"ARG {docker}={docker}\nFROM {docker} AS {docker}\nUSER {docker}\nEXPOSE {docker}\nRUN {docker}\n",
        "bake/docker-bake.hcl": f"target {bake} {{ tags = [{bake}] target = {bake} args = {{ {bake} = {bake} }} }}\n",
        "bake/Dockerfile": "FROM scratch\n",
        "sk/skaffold.yaml": "apiVersion: skaffold/v4beta6\nkind: Config\nbuild: {artifacts: [{image: "
        f"{q}, context: ., docker: {{dockerfile: {q}, target: {q}}}}}]}}\nprofiles: [{{name: {q}}}]\n",
    }
