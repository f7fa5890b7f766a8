"""Small projects that use as many fields of each format as can be: what mutators begin with."""

from __future__ import annotations

MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}, annotations: {hullcheck.dev/ignore.x: why, helm.sh/hook: test}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: In, values: [web]}]}
  template:
    metadata:
      labels: {app: web}
      annotations: {container.apparmor.security.beta.kubernetes.io/web: unconfined}
    spec:
      serviceAccountName: web
      automountServiceAccountToken: true
      hostNetwork: true
      hostPID: false
      hostIPC: false
      hostUsers: true
      shareProcessNamespace: true
      restartPolicy: Always
      os: {name: linux}
      priorityClassName: high
      nodeSelector: {a: b}
      tolerations: [{key: a, operator: Exists}]
      affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: web}}, topologyKey: host}]}}
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, labelSelector: {matchLabels: {app: web}}}]
      hostAliases: [{ip: 1.2.3.4, hostnames: [a]}]
      securityContext:
        runAsUser: 1000
        runAsGroup: 1000
        runAsNonRoot: true
        fsGroup: 1000
        supplementalGroups: [1, 2]
        seccompProfile: {type: RuntimeDefault}
        appArmorProfile: {type: Unconfined}
        seLinuxOptions: {type: spc_t, user: u, role: r}
        windowsOptions: {hostProcess: false}
        sysctls: [{name: kernel.x, value: "1"}]
      imagePullSecrets: [{name: pull}]
      initContainers:
      - {name: init, image: "busybox:1.36", restartPolicy: Always, command: [sh, -c, "echo x"]}
      ephemeralContainers:
      - {name: debug, image: busybox, targetContainerName: web}
      containers:
      - name: web
        image: ghcr.io/shop/web:1.2@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        imagePullPolicy: Always
        command: [web]
        args: [--password, hunter2, --port=80]
        workingDir: /srv
        stdin: true
        tty: false
        ports: [{name: http, containerPort: 80, hostPort: 8080, hostIP: 0.0.0.0, protocol: TCP}]
        env:
        - {name: A, value: b}
        - {name: P, valueFrom: {secretKeyRef: {name: db, key: password, optional: true}}}
        - {name: F, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        - {name: C, valueFrom: {configMapKeyRef: {name: conf, key: a}}}
        envFrom: [{secretRef: {name: db}, prefix: X}, {configMapRef: {name: conf}}]
        resources: {limits: {cpu: 1, memory: 1Gi, ephemeral-storage: 1Gi}, requests: {cpu: 100m, memory: 64Mi}}
        securityContext:
          privileged: true
          allowPrivilegeEscalation: true
          readOnlyRootFilesystem: false
          runAsUser: 0
          procMount: Default
          capabilities: {add: [NET_ADMIN, CAP_SYS_ADMIN], drop: [ALL]}
        volumeMounts:
        - {name: host, mountPath: /host, readOnly: true, mountPropagation: Bidirectional, subPath: x}
        - {name: sock, mountPath: /var/run/docker.sock}
        livenessProbe: {httpGet: {host: 1.2.3.4, port: http, path: /}}
        readinessProbe: {tcpSocket: {port: 80}}
        startupProbe: {exec: {command: [a]}}
        lifecycle: {preStop: {httpGet: {port: 80}}, postStart: {exec: {command: [b]}}}
      volumes:
      - {name: host, hostPath: {path: /, type: Directory}}
      - {name: sock, hostPath: {path: /var/run/docker.sock}}
      - {name: s, secret: {secretName: db, defaultMode: 0644, optional: true, items: [{key: password, path: p}]}}
      - {name: c, configMap: {name: conf, items: [{key: a, path: a}]}}
      - {name: e, emptyDir: {sizeLimit: 1Gi, medium: Memory}}
      - {name: p, projected: {sources: [{serviceAccountToken: {audience: kubernetes, path: t}}, {secret: {name: db}}, {configMap: {name: conf}}]}}
      - {name: v, csi: {driver: d, nodePublishSecretRef: {name: db}}}
      - {name: f, azureFile: {secretName: db, shareName: s}}
      - {name: k, persistentVolumeClaim: {claimName: data}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, annotations: {a: b}}
spec:
  type: LoadBalancer
  clusterIP: None
  externalName: x.example.com
  externalIPs: [1.2.3.4]
  loadBalancerSourceRanges: [0.0.0.0/0]
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http, nodePort: 30080, protocol: TCP}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {kubernetes.io/ingress.class: nginx}}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}
  tls: [{hosts: [shop.example.com], secretName: tls}]
  rules:
  - host: shop.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {a: b}}, namespaceSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{protocol: TCP, port: 80, endPort: 90}]
  egress: [{to: [{namespaceSelector: {matchLabels: {a: b}}}]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: admin, labels: {agg: "true"}}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {agg: "true"}}]}
rules:
- {apiGroups: ["*"], resources: ["*"], verbs: ["*"], resourceNames: [a]}
- {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admin}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}, {kind: Group, name: "system:authenticated"}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
automountServiceAccountToken: true
secrets: [{name: db}]
imagePullSecrets: [{name: pull}]
---
apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
type: Opaque
data: {password: aHVudGVyMg==}
stringData: {url: "postgres://u:p@db/x"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: shop}
data: {a: b, app.properties: "password=hunter2"}
binaryData: {b: aGk=}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 50%, maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {minReplicas: 1, maxReplicas: 3, scaleTargetRef: {kind: Deployment, name: web}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web2, namespace: shop}
spec: {minReplicaCount: 1, maxReplicaCount: 3, scaleTargetRef: {kind: Deployment, name: web}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: l, namespace: shop}
spec: {limits: [{type: Container, default: {cpu: 1, memory: 1Gi}, defaultRequest: {cpu: 1}}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: q, namespace: shop}
spec: {hard: {pods: 3}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: shop}
spec: {gatewayClassName: c, listeners: [{name: https, hostname: a.b, port: 443, protocol: HTTPS, tls: {mode: Terminate}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {hostnames: [a.b], parentRefs: [{name: gw, sectionName: https, kind: Gateway}], rules: [{backendRefs: [{name: web, port: 80, kind: Service}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: v, namespace: shop}
spec: {hosts: [a], gateways: [gw, mesh], http: [{route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]}]}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: o, namespace: shop}
spec: {host: a.b, to: {kind: Service, name: web}, alternateBackends: [{name: web}], tls: {termination: edge}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: cron, namespace: shop}
spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {containers: [{name: c, image: a}]}}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: sts, namespace: shop}
spec: {serviceName: web, selector: {matchLabels: {app: sts}}, template: {metadata: {labels: {app: sts}}, spec: {containers: [{name: c, image: a}]}}}
---
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: {name: wf}
spec: {templates: [{name: t, metadata: {labels: {a: b}}, container: {image: a, securityContext: {privileged: true}}}, {script: {image: b, source: x}}]}
---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec: {steps: [{name: s, image: a}], sidecars: [{name: d, image: b}]}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: listed}, spec: {containers: [{name: c, image: a}]}}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db2, namespace: shop}
spec: {target: {name: db2}, data: [{secretKey: a, remoteRef: {key: b}}]}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: chart, namespace: argocd}
spec:
  source: {repoURL: "https://x/y", targetRevision: HEAD, path: chart, helm: {valueFiles: [values.yaml], values: "a: b", valuesObject: {a: b}, parameters: [{name: a, value: b}], releaseName: r}}
  destination: {namespace: shop}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: set, namespace: argocd}
spec:
  generators: [{list: {elements: [{env: prod}]}}, {git: {files: [{path: "env/*.yaml"}], directories: [{path: "x/*"}]}}]
  template: {metadata: {name: "{{env}}"}, spec: {source: {path: chart, helm: {valueFiles: ["values-{{env}}.yaml"]}}}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: rel, namespace: shop}
spec: {chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: x}, valuesFiles: [values.yaml]}}, values: {a: b}, valuesFrom: [{kind: ConfigMap, name: c}], targetNamespace: t}
"""

COMPOSE = """\
name: shop
include: [{path: other.yaml, env_file: web.env, project_directory: .}]
x-common: &common
  restart: always
  logging: {driver: json-file, options: {max-size: 10m}}
services:
  web:
    <<: *common
    image: shop/web:${TAG:-1}
    build:
      context: web
      dockerfile: Dockerfile
      target: prod
      args: {NPM_TOKEN: abc, X: null}
      additional_contexts: {src: ./src}
      secrets: [s1]
      ssh: [default]
      entitlements: [security.insecure]
      network: host
      privileged: true
      cache_from: [a]
      labels: {a: b}
      ulimits: {nofile: 1}
    command: [--password, hunter2]
    entrypoint: /bin/x
    user: "0:0"
    privileged: true
    cap_add: [SYS_ADMIN]
    cap_drop: [ALL]
    security_opt: ["seccomp:unconfined", no-new-privileges:true, "label:type:t"]
    read_only: false
    tmpfs: [/tmp]
    network_mode: host
    pid: host
    ipc: host
    uts: host
    userns_mode: host
    cgroup: host
    cgroup_parent: /x
    ports: ["80:80", "127.0.0.1:8080-8081:80-81/udp", {target: 443, published: "443", host_ip: 0.0.0.0, protocol: tcp, mode: host, name: n}, 81]
    expose: [80]
    volumes: ["/:/host:ro", "data:/data", {type: bind, source: /var/run/docker.sock, target: /var/run/docker.sock, read_only: true, bind: {propagation: shared}}, {type: tmpfs, target: /t}]
    devices: ["/dev/kmsg:/dev/kmsg:rwm", {source: /dev/mem, target: /dev/mem, permissions: r}]
    device_cgroup_rules: ["c 1:3 mr"]
    environment: {DB_PASSWORD: "${DB_PASSWORD}", A: null}
    env_file: [web.env, {path: raw.env, format: raw, required: false}]
    secrets: [s1, {source: s2, target: t, uid: "0", mode: 0444}]
    configs: [c1, {source: c1, target: /c}]
    networks: {front: {aliases: [w], ipv4_address: 1.2.3.4}, back: null}
    depends_on: {db: {condition: service_healthy, required: false}}
    links: [db:d]
    extends: {service: base}
    healthcheck: {test: [CMD, curl, x], interval: 10s, disable: false, retries: 3}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64M, pids: 100}, reservations: {memory: 1M}}, restart_policy: {condition: any, max_attempts: 3}}
    mem_limit: 64m
    cpus: 0.5
    pids_limit: 100
    ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
    sysctls: {net.core.x: 1}
    group_add: [docker]
    labels: {hullcheck.dev/ignore.x: why, traefik.enable: "true"}
    annotations: [a=b]
    container_name: web
    hostname: web
    domainname: d
    extra_hosts: ["h:1.2.3.4"]
    dns: [1.1.1.1]
    profiles: [debug]
    post_start: [{command: x, user: root, privileged: true}]
    develop: {watch: [{path: ., action: sync, target: /x}]}
    credential_spec: {file: x}
    gpus: all
    runtime: runc
    oom_kill_disable: true
    stdin_open: true
    tty: true
    pull_policy: always
    platform: linux/amd64
    scale: 2
    stop_signal: SIGKILL
    storage_opt: {size: 1G}
    blkio_config: {weight: 1}
    restart: on-failure:3
  base: {image: "base", environment: [A=b, C], command: "a b"}
  db: {image: "postgres:16", environment: [POSTGRES_PASSWORD=x], volumes: [data:/var/lib], networks: [back]}
  inline:
    build:
      context: .
      dockerfile_inline: |
        FROM alpine
        RUN apk add curl
networks:
  front: {driver: bridge, external: false, internal: true, ipam: {config: [{subnet: 10.0.0.0/8}]}}
  back: {external: true, name: b}
volumes:
  data: {driver: local, driver_opts: {type: none, o: bind, device: /srv}, external: false}
secrets:
  s1: {file: secret.txt}
  s2: {environment: S2}
configs:
  c1: {content: "password=x"}
  c2: {external: true}
"""

DOCKERFILE = """\
# syntax=docker/dockerfile:1
# escape=\\
ARG BASE=alpine:3.22
FROM --platform=$BUILDPLATFORM ${BASE} AS build
ARG NPM_TOKEN
ENV A=b C="d e" F=${A:-x}
ENV OLD value
LABEL a=b "c"=d
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /src
COPY --from=build --chown=1:1 --chmod=0777 a b /x/
ADD --checksum=sha256:aa https://x.example.com/f.tgz /
RUN --mount=type=cache,target=/c --mount=type=secret,id=s --network=host apt-get update && apt-get install -y curl=7.* && rm -rf /var/lib/apt/lists/*
RUN <<EOF
set -e
curl -u u:p https://x.example.com | sh
EOF
COPY <<F /etc/x
password=hunter2
F
RUN ["sh", "-c", "echo $A | chpasswd"]
ONBUILD RUN echo x
FROM scratch AS prod
COPY --from=0 /x /x
USER 0
EXPOSE 80 443/udp $PORT
VOLUME ["/data"]
HEALTHCHECK --interval=1s CMD curl -f http://x || exit 1
STOPSIGNAL 9
ENTRYPOINT ["/x"]
CMD exec /x --password hunter2
"""

BAKE_HCL = """\
variable "TAG" { default = "1" }
variable "LIST" { default = ["a", "b"] }
function "tag" { params = [name] variadic_params = rest result = ["shop/${name}:${TAG}"] }
group "default" { targets = ["web", "api"] }
target "base" { context = "." args = { A = "b", NPM_TOKEN = "x" } }
target "web" {
  inherits = ["base"]
  context = "web"
  dockerfile = "Dockerfile"
  target = "prod"
  tags = tag("web")
  contexts = { src = "target:base" }
  secret = ["type=env,id=x"]
  dockerfile-inline = <<EOF
FROM alpine
EOF
  matrix = { v = [1, 2], w = [for x in LIST : upper(x) if x != "a"] }
  name = "web-${v}"
}
target "api" { tags = ["api:${TAG == "1" ? "x" : "y"}"] platforms = [] output = [] }
"""

BAKE_JSON = """\
{"variable": {"TAG": {"default": "1"}},
 "group": {"default": {"targets": ["web"]}},
 "target": {"web": {"inherits": ["base"], "context": "web", "dockerfile": "Dockerfile", "tags": ["shop/web:${TAG}"],
   "args": {"A": "b"}, "contexts": {"src": "target:base"}, "target": "prod", "matrix": {"v": [1, 2]}, "name": "web-${v}"},
   "base": [{"context": "."}]}}
"""

SKAFFOLD = """\
apiVersion: skaffold/v4beta6
kind: Config
metadata: {name: shop}
build:
  tagPolicy: {sha256: {}}
  artifacts:
  - image: shop/web
    context: web
    docker: {dockerfile: Dockerfile, target: prod, buildArgs: {A: b}, secrets: [{id: x}]}
  - {image: shop/ko, ko: {main: .}}
  - {image: shop/jib, jib: {project: x}}
  - {image: shop/kaniko, kaniko: {dockerfile: Dockerfile, buildArgs: {A: b}, target: t}}
profiles: [{name: prod, build: {artifacts: [{image: x}]}, patches: [{op: replace, path: /build/artifacts/0/image, value: y}]}]
manifests: {rawYaml: [k8s/*.yaml]}
"""

KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: prod
namePrefix: p-
nameSuffix: -s
commonLabels: {team: shop}
commonAnnotations: {a: b}
labels: [{pairs: {x: y}, includeSelectors: true, includeTemplates: true, fields: [{path: a/b, kind: X, create: true}]}]
resources: [web.yaml, "https://github.com/a/b?ref=main"]
bases: [../base]
components: [comp]
configurations: [conf.yaml]
crds: [crd.json]
openapi: {path: api.json}
images: [{name: shop/web, newName: x/web, newTag: "2", digest: ""}]
replicas: [{name: web, count: 3}]
configMapGenerator: [{name: gen, literals: [a=b], files: [f.txt, k=f.txt], envs: [e.env], behavior: create, options: {labels: {a: b}, disableNameSuffixHash: true}}]
secretGenerator: [{name: sec, literals: [password=x], type: Opaque, namespace: n}]
generatorOptions: {labels: {a: b}, annotations: {a: b}, immutable: true, disableNameSuffixHash: true}
generators: [gen.yaml]
transformers: [tra.yaml]
validators: [val.yaml]
helmCharts: [{name: c, repo: "https://x", version: "1", valuesFile: v.yaml, valuesInline: {a: b}, releaseName: r, namespace: n}]
helmGlobals: {chartHome: charts}
vars: [{name: V, objref: {kind: Deployment, name: web, apiVersion: apps/v1}, fieldref: {fieldpath: metadata.name}}]
patchesStrategicMerge: [patch.yaml]
patchesJson6902: [{target: {kind: Deployment, name: web, group: apps, version: v1}, path: json.yaml}]
patches:
- path: patch.yaml
- target: {kind: Deployment, name: "w.*", labelSelector: "app=web,x notin (a,b)", annotationSelector: "!a"}
  options: {allowNameChange: true, allowKindChange: true}
  patch: |
    - {op: replace, path: /spec/replicas, value: 3}
    - {op: add, path: /metadata/labels/x~1y, value: z}
    - {op: remove, path: /spec/template/spec/containers/0/args}
    - {op: test, path: /kind, value: Deployment}
    - {op: copy, from: /metadata/name, path: /metadata/labels/n}
    - {op: move, from: /metadata/labels/n, path: /metadata/labels/m}
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {template: {spec: {containers: [{name: web, securityContext: {privileged: false}, env: [{name: A, $patch: delete}]}, {$patch: replace}]}}}
replacements:
- source: {kind: Deployment, name: web, fieldPath: metadata.name, options: {delimiter: "-", index: 0}}
  targets: [{select: {kind: Service}, reject: [{name: x}], fieldPaths: [spec.selector.app, "spec.ports.[name=http].port", "spec.ports.*.name"], options: {create: true, delimiter: "-", index: 1}}]
sortOptions: {order: legacy, legacySortOptions: {orderFirst: [Namespace]}}
buildMetadata: [originAnnotations]
"""

KUSTOMIZED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers:
      - {name: web, image: "shop/web:1", args: ["$(V)", --x], env: [{name: A, value: b}, {name: P, valueFrom: {secretKeyRef: {name: sec, key: password}}}], envFrom: [{configMapRef: {name: gen}}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b}
roleRef: {kind: Role, name: r, apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: default, namespace: x}]
"""

PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: null
  template: {spec: {containers: [{name: web, image: x, ports: [{containerPort: 80, protocol: TCP}]}], volumes: [{name: v, $patch: delete}], $patch: merge}}
"""

PLUGINS = """\
apiVersion: builtin
kind: PatchTransformer
metadata: {name: x}
target: {kind: Deployment}
patch: "[{op: add, path: /metadata/labels/q, value: w}]"
---
apiVersion: builtin
kind: LabelTransformer
metadata: {name: l}
labels: {a: b}
fieldSpecs: [{path: metadata/labels, create: true, kind: Deployment}]
---
apiVersion: builtin
kind: PrefixTransformer
metadata: {name: p}
prefix: q-
fieldSpecs: [{path: metadata/name}]
---
apiVersion: builtin
kind: NamespaceTransformer
metadata: {name: n, namespace: zzz}
unsetOnly: true
setRoleBindingSubjects: allServiceAccounts
---
apiVersion: builtin
kind: ImageTagTransformer
metadata: {name: i}
imageTag: {name: shop/web, newTag: "3"}
---
apiVersion: builtin
kind: ReplicaCountTransformer
metadata: {name: r}
replica: {name: web, count: 3}
---
apiVersion: builtin
kind: ReplacementTransformer
metadata: {name: r2}
replacements: [{source: {kind: Service}, targets: [{select: {kind: Deployment}}]}]
"""

GENERATOR = """\
apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: g, namespace: n}
literals: [a=b]
---
apiVersion: builtin
kind: SecretGenerator
metadata: {name: h}
files: [f.txt]
"""

CONFIGURATION = """\
namePrefix: [{path: metadata/name}]
namespace: [{path: metadata/namespace, create: true}]
commonLabels: [{path: metadata/labels, create: true, kind: Deployment}]
commonAnnotations: [{path: metadata/annotations, create: true}]
nameReference: [{kind: ConfigMap, version: v1, fieldSpecs: [{path: spec/x, kind: Y}]}]
varReference: [{path: spec/template/spec/containers/args, kind: Deployment}]
images: [{path: spec/image, kind: X}]
replicas: [{path: spec/replicas, kind: Deployment}]
"""

CHART = """\
apiVersion: v2
name: shop
version: 1.2.3
appVersion: "1"
kubeVersion: ">=1.25"
type: application
deprecated: false
description: d
dependencies:
- {name: db, version: ^1, repository: "https://x.example.com", alias: d, condition: db.enabled, tags: [a], import-values: [x]}
- {name: sub, version: 1.0.0, repository: "file://charts/sub"}
maintainers: [{name: a}]
annotations: {a: b}
"""

VALUES = """\
image: {registry: ghcr.io, repository: shop/web, tag: "1", pullPolicy: Always}
replicaCount: 1
podSecurityContext: {runAsNonRoot: true}
securityContext: {privileged: true, capabilities: {drop: [ALL]}}
resources: {limits: {memory: 1Gi}}
serviceAccount: {create: true, name: web}
env: [{name: A, value: b}]
extraEnv: {A: b}
db: {enabled: true, password: hunter2hunter2}
service: {type: NodePort, port: 80}
ingress: {enabled: true, hosts: [{host: a.b, paths: [/]}], tls: []}
"""

TEMPLATE = """\
{{- if .Values.db.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.name" . | quote }}
  labels: {{- toYaml .Values.labels | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector: {matchLabels: {app: {{ .Chart.Name }}}}
  template:
    metadata: {labels: {app: {{ .Chart.Name }}}}
    spec:
      {{- with .Values.podSecurityContext }}
      securityContext: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
      - name: web
        image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
        securityContext: {{- toYaml .Values.securityContext | nindent 10 }}
        {{- /* hullcheck:ignore privileged -- why */}}
        env:
        {{- range $k, $v := .Values.extraEnv }}
        - {name: {{ $k }}, value: {{ $v | quote }}}
        {{- end }}
        - {name: DB_PASSWORD, value: {{ .Values.db.password }}}
{{- end }}
"""

HELMFILE = """\
environments: {prod: {values: [env.yaml]}, default: {}}
repositories: [{name: x, url: "https://x"}]
releases:
- {name: web, chart: ./chart, namespace: n, values: [chart/values.yaml, {a: b}, x.gotmpl], set: [{name: a, value: b}, {name: l, values: [c, d]}], installed: true, missingFileHandler: Warn}
"""

CONFIG = """\
profile: all
exclude: [gone/]
params: {}
suppressions: [{rule: privileged, path: nowhere.yaml, reason: because, until: 2999-01-01}]
"""

ENV = 'DB_PASSWORD=\'hunter2\'\nexport TAG=1\nURL="postgres://u:${DB_PASSWORD}@h/x" # c\nBARE\nM="a\nb"\n'

PROJECTS: dict[str, dict[str, str]] = {
    "manifests": {"all.yaml": MANIFESTS},
    "compose": {
        "compose.yaml": COMPOSE,
        "compose.override.yaml": "services:\n  web: {ports: !override ['1:1'], environment: !reset null}\n",
        "compose.prod.yaml": "services:\n  web: {privileged: false}\n",
        "other.yaml": "services:\n  other: {image: a}\n",
        "web.env": ENV,
        "raw.env": "A=b\n",
        ".env": ENV,
        "secret.txt": "x",
        "web/Dockerfile": DOCKERFILE,
        "web/.dockerignore": "*\n!a\n**/x\n",
    },
    "dockerfile": {"Dockerfile": DOCKERFILE, ".dockerignore": ".git\n", "api.Dockerfile": "FROM api\n"},
    "bake": {"docker-bake.hcl": BAKE_HCL, "docker-bake.json": BAKE_JSON, "web/Dockerfile": DOCKERFILE},
    "skaffold": {"skaffold.yaml": SKAFFOLD, "web/Dockerfile": DOCKERFILE, "k8s/web.yaml": KUSTOMIZED},
    "kustomize": {
        "kustomization.yaml": KUSTOMIZATION,
        "web.yaml": KUSTOMIZED,
        "patch.yaml": PATCH,
        "json.yaml": "- {op: add, path: /metadata/annotations, value: {a: b}}\n",
        "conf.yaml": CONFIGURATION,
        "gen.yaml": GENERATOR,
        "tra.yaml": PLUGINS,
        "crd.json": '{"x": {"x-kubernetes-object-ref-api-version": "v1"}}',
        "api.json": '{"definitions": {"a": {"properties": {"spec": {"items": {}, "x-kubernetes-patch-merge-key": "name"}}}}}',
        "f.txt": "x",
        "e.env": "A=b\n",
        "comp/kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches: [{patch: '{kind: Deployment, apiVersion: apps/v1, metadata: {name: web}, spec: {paused: true}}'}]\n",
    },
    "overlay": {
        "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: gen, literals: [a=b]}]\n",
        "base/web.yaml": KUSTOMIZED,
        "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\nconfigMapGenerator: [{name: gen, behavior: merge, literals: [c=d]}]\nimages: [{name: shop/web, newTag: '2'}]\n",
        "prod/patch.yaml": PATCH,
        "dev/kustomization.yaml": "resources: [../base]\nnamePrefix: dev-\nreplicas: [{name: web, count: 0}]\n",
    },
    "chart": {
        "chart/Chart.yaml": CHART,
        "chart/Chart.lock": "dependencies: [{name: db, version: 1.0.0, repository: 'https://x.example.com'}]\ndigest: sha256:a\ngenerated: 2020-01-01\n",
        "chart/values.yaml": VALUES,
        "chart/values-prod.yaml": "replicaCount: 3\n",
        "chart/values.schema.json": '{"type": "object", "properties": {"replicaCount": {"type": "integer"}}}',
        "chart/.helmignore": "*.tmp\n",
        "chart/templates/d.yaml": TEMPLATE,
        "chart/templates/_h.tpl": '{{- define "shop.name" -}}{{ .Release.Name }}{{- end }}\n',
        "chart/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        "chart/charts/sub/templates/s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: NodePort}\n",
        "helmfile.yaml": HELMFILE,
        "app.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {path: chart, helm: {valueFiles: [values.yaml], parameters: [{name: replicaCount, value: '2'}]}}}\n",
        "env.yaml": "a: b\n",
    },
}  # fmt: skip
"""By name: the files of a project."""
