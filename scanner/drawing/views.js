// What is known of each resource, and which of them the filters leave.
const DATA = JSON.parse(document.getElementById("data").textContent);
const SEVERITIES = ["info", "low", "medium", "high", "critical"];
const SHARED = new Set(["dockerfile", "stage", "image", "image-build"]);
const QUIET_KINDS = new Set(["container", "stage", "image", "image-build", "namespace", "network", "env-file", "chart", "service-account without a role"]);
const QUIET_RELATIONS = new Set(["lets-through", "lives-in", "limits", "guards", "shares-volume", "joins", "may", "empowered-by"]);
const TELLING = ["built-from", "selects", "governs", "routes-to", "acts-as", "mounts-secret", "mounts-config", "reads-secret", "reads-config", "reads-stored"];
const telling = (kind) => (TELLING.indexOf(kind) + TELLING.length + 1) % (TELLING.length + 1);
const FACTS = { "root": "runs as root", "token": "token mounted", "account": "service account", "unchecked": "no health check", "read only root": "read-only root", "built as": "built as", "written paths": "paths written", "uid": "user id", "gid": "group id", "image uid": "image's user id", "image user": "image's user", "image root": "image runs as root" };
const GLYPHS = { "workload": "W", "container": "c", "dockerfile": "D", "stage": "s", "service": "S", "ingress": "I", "network-policy": "N", "service-account": "A", "service-account without a role": "A", "role": "R", "role-binding": "B", "secret": "K", "config-map": "C", "stored-value": "K", "image": "i", "image-build": "b", "network": "n", "namespace": "⬚", "env-file": "E", "autoscaler": "H", "disruption-budget": "P", "chart": "⎈" };
const $ = (id) => document.getElementById(id);
const nodes = DATA.nodes, edges = DATA.edges, findings = DATA.findings;
const state = { kinds: new Set(), relations: new Set(), environment: "", severity: "", query: "", chosen: null, way: null };

// --- what is known of each node, whatever is drawn
const parts = nodes.map(() => []), outward = nodes.map(() => []), inward = nodes.map(() => []);
nodes.forEach((node, k) => { if (node.parent !== null) parts[node.parent].push(k); });
edges.forEach((edge, k) => { outward[edge.source].push(k); inward[edge.target].push(k); });
const kindOf = nodes.map((node, k) => node.kind === "service-account" && !outward[k].some((e) => edges[e].kind === "bound-by")
  ? "service-account without a role" : node.kind);
const wholeOf = (k) => (nodes[k].parent === null ? k : nodes[k].parent);
const family = (k) => [k, ...parts[k]];
const rank = (severity) => SEVERITIES.indexOf(severity);
const findingsOf = (list) => [...new Set(list.flatMap((k) => nodes[k].findings))]
  .sort((a, b) => rank(findings[b].severity) - rank(findings[a].severity) || a - b);
const factOf = (k, name) => nodes[k].facts.find((fact) => fact.name === name);
const texts = nodes.map((node, k) => [node.id, node.word, node.name, ...parts[k].map((p) => nodes[p].name),
  ...family(k).flatMap((p) => outward[p]).filter((e) => nodes[edges[e].target].kind === "image" || nodes[edges[e].target].kind === "zone")
    .map((e) => nodes[edges[e].target].name)].join("\n").toLowerCase());

function make(name, attributes, ...children) {
  const svg = ["svg", "g", "rect", "text", "path", "title"].includes(name);
  const one = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith("on")) one.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) one.setAttribute(key, value === true ? "" : value);
  }
  one.append(...children.filter((child) => child !== null && child !== undefined));
  return one;
}

const ruler = document.createElement("canvas").getContext("2d");
function fitted(text, width, font, before = 0.6) {
  ruler.font = font;
  if (ruler.measureText(text).width <= width) return text;
  let keep = text.length - 1;
  const cut = () => text.slice(0, Math.floor(keep * before)) + "…" + text.slice(text.length - Math.ceil(keep * (1 - before)));
  while (keep > 2 && ruler.measureText(cut()).width > width) keep--;
  return cut();
}

// --- from filters to views: a view is a node as it is drawn in one project
function derive() {
  const inside = (k) => state.environment === "" || nodes[k].environment === state.environment;
  const home = nodes.map((node, k) => {
    if (node.kind === "zone") return null;
    if (!state.kinds.has(kindOf[k])) return k;
    return node.parent !== null && !state.kinds.has(kindOf[node.parent]) ? node.parent : null;
  });
  const isBad = (k) => state.severity === "" || covered(k, home).some((p) =>
    nodes[p].findings.some((f) => rank(findings[f].severity) >= rank(state.severity)));
  const groups = new Map();
  const group = (key, title, environment) => {
    if (!groups.has(key)) groups.set(key, { key, title, environment, views: [], at: new Map(), edges: new Map() });
    return groups.get(key);
  };
  const view = (into, k) => { if (!into.at.has(k)) { into.at.set(k, into.views.length); into.views.push(k); } };
  const own = (k) => !SHARED.has(nodes[k].kind);
  const keyOf = (k) => JSON.stringify([nodes[k].project, nodes[k].environment]);
  nodes.forEach((node, k) => {
    if (home[k] === k && own(k) && inside(k)) view(group(keyOf(k), node.project, node.environment), k);
  });
  const lifted = edges.map((edge) => ({ edge, source: home[edge.source], target: home[edge.target] }))
    .filter(({ edge, source, target }) => source !== null && target !== null && source !== target && !state.relations.has(edge.kind));
  // Files and images belong to nobody: they are drawn beside each of those that use them.
  const after = new Map();
  for (const one of lifted) if (!own(one.target)) {
    if (!after.has(one.source)) after.set(one.source, []);
    after.get(one.source).push(one.target);
  }
  const used = new Set();
  for (const into of groups.values()) {
    for (let k = 0; k < into.views.length; k++) {
      for (const target of after.get(into.views[k]) || []) { view(into, target); used.add(target); }
    }
  }
  if (state.environment === "") nodes.forEach((node, k) => {
    if (home[k] === k && !own(k) && !used.has(k)) view(group("\uffff", "Not used by a workload here", "default"), k);
  });
  const found = [];
  for (const into of groups.values()) {
    const kept = into.views.filter(isBad);
    if (!kept.length) continue;
    const at = new Map(kept.map((k, position) => [k, position]));
    found.push({ ...into, views: kept, at, edges: new Map() });
  }
  const holders = new Map();
  for (const into of found) for (const k of into.views) {
    if (!holders.has(k)) holders.set(k, []);
    holders.get(k).push(into);
  }
  for (const { edge, source, target } of lifted) for (const into of holders.get(source) || []) {
    if (!into.at.has(target)) continue;
    const key = source + ">" + target;
    if (!into.edges.has(key)) into.edges.set(key, { source: into.at.get(source), target: into.at.get(target), kinds: [], sure: false, from: source, to: target });
    const merged = into.edges.get(key);
    if (!merged.kinds.includes(edge.kind)) merged.kinds.push(edge.kind);
    merged.sure = merged.sure || edge.sure;
  }
  for (const into of found) for (const merged of into.edges.values()) merged.kinds.sort((a, b) => telling(a) - telling(b) || compare(a, b));
  return found.map((into) => ({ ...into, edges: [...into.edges.values()] }))
    .sort((a, b) => (a.key === "\uffff") - (b.key === "\uffff") || compare(a.environment !== "default", b.environment !== "default") || compare(a.title, b.title) || compare(a.environment, b.environment));
}
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const covered = (k, home) => [k, ...parts[k].filter((p) => home[p] === k)];
