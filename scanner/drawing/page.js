// The page: what is drawn by the filters, and what is told of it. All text that came from files is
// set as text; nothing is ever made into markup.
(() => {
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

  // --- drawing
  const world = $("world"), canvas = $("canvas");
  let sections = [], views = [], lines = [], extent = { width: 1, height: 1 };
  const camera = { x: 0, y: 0, scale: 1 };

  function draw() {
    sections = derive();
    const home = new Map();
    const boxes = sections.map((section) => {
      const laid = layoutGroup(section.views, section.edges, 1.1);
      return { section, laid, width: Math.max(laid.width + 2 * SIZE.pad, 230), height: laid.height + SIZE.pad + SIZE.head + 12 };
    });
    const room = $("stage").getBoundingClientRect();
    const packed = packBoxes(boxes, Math.max(0.6, room.width / Math.max(1, room.height)), 26, 26);
    extent = { width: packed.width, height: packed.height };
    views = []; lines = [];
    const layers = [make("g"), make("g"), make("g"), make("g")];
    boxes.forEach(({ section, laid, width, height }, index) => {
      const { x, y } = packed.places[index];
      section.box = { x, y, width, height };
      layers[0].append(boxOf(section));
      const base = views.length;
      section.views.forEach((k, position) => {
        const place = laid.places[position];
        views.push({ node: k, section, x: place.x + x + SIZE.pad, y: place.y + y + SIZE.head + 8, lines: [] });
      });
      section.edges.forEach((edge, position) => {
        const line = { ...edge, a: views[base + edge.source], b: views[base + edge.target], bends: null };
        line.bends = laid.routes[position].map((p) => ({ x: p.x + x + SIZE.pad, y: p.y + y + SIZE.head + 8 }));
        line.a.lines.push(line); line.b.lines.push(line);
        lines.push(line);
      });
    });
    for (const line of lines) { layers[1].append(lineOf(line)); layers[3].append(line.verb); }
    views.forEach((view, k) => layers[2].append(cardOf(view, k)));
    world.replaceChildren(...layers);
    $("empty").hidden = views.length > 0;
    titles();
    mark();
    sidebar();
    if (views.length) views[0].element.setAttribute("tabindex", "0");
  }

  function boxOf(section) {
    const { x, y, width, height } = section.box;
    section.label = make("text", { x: x + 14, y: y + 24 });
    section.caption = section.title || "(root)";
    const last = section.title.split("/").pop();
    if (section.environment !== "default" && section.environment !== last) section.caption += "  ·  " + section.environment;
    return make("g", { class: "box" }, make("rect", { x, y, width, height, rx: 10 }), section.label);
  }

  // Titles keep a readable size while the rest gets small.
  function titles() {
    for (const section of sections) {
      const size = Math.min(15 / Math.min(1, camera.scale), 40);
      section.label.setAttribute("font-size", size);
      section.label.setAttribute("y", section.box.y + Math.max(24, size * 0.86));
      section.label.textContent = fitted(section.caption, section.box.width - 28, `600 ${size}px system-ui, "DejaVu Sans", sans-serif`, 0);
    }
  }

  const TAGS = { internet: "internet", host: "host" };
  function cardOf(view, number) {
    const k = view.node, node = nodes[k];
    const own = covered(k, nodes.map((_, p) => (state.kinds.has(kindOf[p]) ? wholeOf(p) : p)));
    const list = findingsOf(own);
    const worst = list.length ? findings[list[0]].severity : "none";
    const { width, height } = SIZE;
    const told = list.length ? `${list.length} finding${list.length > 1 ? "s" : ""}, worst ${worst}` : "no findings";
    const card = make("g", { class: `node ${worst}`, tabindex: "-1", role: "button", "aria-label": `${node.word} ${node.name}, ${told}`, "data-node": k, "data-kind": node.kind });
    card.append(make("title", {}, `${node.word} ${node.name}` + (node.path ? `\n${node.path}:${node.line}` : "") + `\n${told}`));
    card.append(make("rect", { class: "card", width, height, rx: 7 }), make("rect", { class: "stripe", width: 5, height: height - 10, x: 4, y: 5, rx: 2.5 }));
    card.append(make("g", { class: "glyph" }, make("rect", { x: 14, y: 12, width: 22, height: 24, rx: 5 }), make("text", { x: 25, y: 28.5 }, GLYPHS[kindOf[k]] || "?")));
    const room = width - 48 - (list.length ? 34 : 0);
    card.append(make("text", { class: "name", x: 43, y: 22.5 }, fitted(node.name, room, '600 14.5px system-ui, "DejaVu Sans", sans-serif')));
    const second = node.word + (node.namespace ? ` · ${node.namespace}` : "") + (node.kind === "dockerfile" && node.path ? ` · ${node.path}` : "");
    card.append(make("text", { class: "word", x: 43, y: 38 }, fitted(second, room, '11.5px system-ui, "DejaVu Sans", sans-serif')));
    if (list.length) {
      const wide = list.length > 99 ? 34 : 27;
      card.append(make("g", { class: "badge" }, make("rect", { x: width - wide - 7, y: 14, width: wide, height: 20, rx: 10 }), make("text", { x: width - wide / 2 - 7, y: 28.5 }, String(list.length))));
    }
    let right = width - 8;
    const tag = (text, kind) => {
      const wide = text.length * 6.4 + 13;
      right -= wide;
      card.append(make("g", { class: `tag ${kind}` }, make("rect", { x: right, y: -8, width: wide, height: 16, rx: 8 }), make("text", { x: right + wide / 2, y: 4 }, text)));
      right -= 4;
    };
    const exposure = node.kind === "workload" ? factOf(k, "exposure") : null;
    if (exposure && TAGS[exposure.value]) tag(exposure.value, TAGS[exposure.value]);
    if (own.some((p) => nodes[p].kind === "container" && (factOf(p, "root") || {}).value === true)) tag("root", "root");
    view.element = card; view.number = number;
    put(view);
    return card;
  }

  function put(view) { view.element.setAttribute("transform", `translate(${view.x} ${view.y})`); }

  function lineOf(line) {
    line.path = make("path", { class: line.sure ? "edge" : "edge unsure", "marker-end": "url(#arrow)" });
    line.hit = make("path", { class: "edge hit" });
    line.verb = make("text", { class: "verb" }, verbal(line.kinds[0]) + (line.kinds.length > 1 ? " …" : ""));
    const told = `${nodes[line.from].name} ${line.kinds.map(verbal).join(", ")} ${nodes[line.to].name}`;
    line.element = make("g", { class: "link-line", "data-kinds": line.kinds.join(" ") }, make("title", {}, told), line.path, line.hit);
    trace(line);
    return line.element;
  }
  const verbal = (kind) => kind.replaceAll("-", " ");

  function trace(line) {
    let points = line.bends;
    if (!points || points.length < 2) {
      const { a, b } = line, forth = a.x + SIZE.width <= b.x;
      points = [{ x: forth ? a.x + SIZE.width : a.x, y: a.y + SIZE.height / 2 }, { x: forth ? b.x : b.x + SIZE.width, y: b.y + SIZE.height / 2 }];
    }
    let text = `M${points[0].x} ${points[0].y}`;
    for (let k = 1; k < points.length; k++) {
      const p = points[k - 1], q = points[k];
      // Through a layer straight, between layers in a bow.
      if (k % 2 === 0) text += `L${q.x} ${q.y}`;
      else { const mid = (p.x + q.x) / 2; text += `C${mid} ${p.y} ${mid} ${q.y} ${q.x} ${q.y}`; }
    }
    line.path.setAttribute("d", text); line.hit.setAttribute("d", text);
    const last = points.length - 1, at = Math.floor(last / 2);
    line.verb.setAttribute("x", (points[at].x + points[at + 1 > last ? last : at + 1].x) / 2);
    line.verb.setAttribute("y", (points[at].y + points[at + 1 > last ? last : at + 1].y) / 2 - 5);
  }

  // --- what stands out
  const placed = new Map();  // "path:line" -> nodes of which something is said there
  const note = (path, line, k) => {
    if (path === null) return;
    const key = `${path}:${line}`;
    if (!placed.has(key)) placed.set(key, new Set());
    placed.get(key).add(k);
  };
  nodes.forEach((node, k) => { note(node.path, node.line, k); });
  const said = new Map();  // "path:line" -> what is referred to there
  edges.forEach((edge) => {
    note(edge.path, edge.line, edge.source);
    const key = `${edge.path}:${edge.line}`;
    if (edge.path !== null) said.set(key, (said.get(key) || new Set()).add(wholeOf(edge.target)));
  });
  function onWay(finding) {
    const found = new Set();
    nodes.forEach((node, k) => { if (node.findings.includes(finding)) found.add(wholeOf(k)); });
    for (const { path, line } of findings[finding].flow) {
      const key = `${path}:${line}`;
      for (const k of placed.get(key) || []) found.add(wholeOf(k));
      // A line that refers to a single resource leads to it; of several, none is known to be meant.
      if (said.has(key) && said.get(key).size === 1) for (const k of said.get(key)) found.add(k);
    }
    return found;
  }

  function matches(k) { return texts[k].includes(state.query) || parts[k].some((p) => texts[p].includes(state.query)); }

  function mark() {
    let near = null;
    if (state.query) near = new Set(views.filter((view) => matches(view.node)).map((view) => view.node));
    else if (state.way !== null) near = onWay(state.way);
    const chosen = state.chosen === null ? null : new Set(views.some((view) => view.node === state.chosen) ? [state.chosen] : [wholeOf(state.chosen)]);
    canvas.classList.toggle("dimmed", near !== null || chosen !== null);
    for (const view of views) {
      const isChosen = chosen !== null && chosen.has(view.node);
      const beside = chosen !== null && view.lines.some((line) => chosen.has(line.from) || chosen.has(line.to));
      view.element.classList.toggle("chosen", isChosen);
      view.element.classList.toggle("near", near !== null ? near.has(view.node) : beside);
    }
    for (const line of lines) {
      const is = near !== null ? near.has(line.from) && near.has(line.to) && !state.query : chosen !== null && (chosen.has(line.from) || chosen.has(line.to));
      line.element.classList.toggle("near", is);
      line.verb.classList.toggle("near", is);
    }
    const drawn = new Set(views.map((view) => view.node)).size;
    $("count").textContent = state.query ? `${near.size} of ${drawn} found` : `${drawn} of ${nodes.length} resources drawn`;
  }

  // --- details
  const place = (path, line) => (path === null ? null : make("span", { class: "place" }, line === null ? path : `${path}:${line}`));
  const link = (k) => make("button", { type: "button", class: "link", onclick: () => choose(k, true) }, `${nodes[k].word} ${nodes[k].name}`.trim());

  function showDetails() {
    const panel = $("details"), k = state.chosen;
    const before = panel.hidden;
    panel.hidden = k === null && state.way === null;
    const close = make("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => choose(null) }, "×");
    if (state.way !== null) panel.replaceChildren(close, make("h2", {}, findings[state.way].title || findings[state.way].rule), findingOf(findings[state.way], true));
    else if (k !== null) panel.replaceChildren(close, ...aboutNode(k));
    panel.scrollTop = 0;
    if (before !== panel.hidden) camera.dirty = true;
  }

  function aboutNode(k) {
    const node = nodes[k], out = [make("h2", {}, make("small", {}, node.word || node.kind), node.name)];
    if (node.path) out.push(make("div", {}, place(node.path, node.line)));
    const where = [node.namespace && `namespace ${node.namespace}`, node.environment !== "default" && `environment ${node.environment}`].filter(Boolean);
    if (where.length) out.push(make("div", {}, make("small", {}, where.join(", "))));
    if (node.parent !== null) out.push(make("div", {}, "part of ", link(node.parent)));
    const whole = family(k);
    const list = findingsOf(whole);
    const facts = whole.filter((p) => nodes[p].facts.length);
    if (facts.length) out.push(make("h3", {}, "Facts"));
    for (const p of facts) {
      if (p !== k) out.push(make("h4", {}, `${nodes[p].word} ${nodes[p].name}`));
      out.push(make("dl", {}, ...nodes[p].facts.flatMap(factRows)));
    }
    out.push(make("h3", {}, `Findings (${list.length})`), ...list.map((f) => findingOf(findings[f], false)));
    if (!list.length) out.push(make("small", {}, "none open"));
    const rows = [...rowsOf(whole, outward, "target"), ...rowsOf(whole, inward, "source")];
    if (rows.length) out.push(make("h3", {}, "Relations"), make("ul", { class: "plain" }, ...rows));
    return out;
  }

  function factRows(fact) {
    const value = fact.unknown !== null ? `not known: ${fact.unknown}` : Array.isArray(fact.value) ? fact.value.join(", ") || "none" : fact.value === true ? "yes" : fact.value === false ? "no" : String(fact.value);
    const steps = fact.steps.length
      ? make("details", {}, make("summary", {}, make("small", {}, "why")), make("ol", {}, ...fact.steps.map((step) => make("li", {}, step.text, " ", place(step.path, step.line)))))
      : make("div", {}, place(fact.path, fact.line));
    return [make("dt", {}, FACTS[fact.name] || fact.name), make("dd", {}, value, steps)];
  }

  function findingOf(finding, open) {
    const box = make("div", { class: `finding ${finding.severity}` }, make("b", { class: finding.severity }, finding.severity), " ", finding.message, make("br"), make("code", {}, finding.rule), " ", place(finding.path, finding.line));
    const steps = finding.flow.length ? finding.flow : finding.related;
    if (steps.length) box.append(make("details", { open }, make("summary", {}, make("small", {}, finding.flow.length ? "the way, step by step" : "with")),
      make(finding.flow.length ? "ol" : "ul", {}, ...steps.map((step) => make("li", {}, step.text, " ", place(step.path, step.line))))));
    return box;
  }

  function rowsOf(whole, side, end) {
    const rows = [];
    for (const k of whole) for (const e of side[k]) {
      const edge = edges[e], other = edge[end];
      if (whole.includes(other)) continue;
      const verb = verbal(edge.kind) + (edge.sure ? "" : " (perhaps)");
      const told = end === "target" ? [verb + " ", link(other)] : [link(other), ` ${verb} this`];
      rows.push(make("li", {}, ...told, " ", place(edge.path, edge.line), edge.note ? make("small", {}, ` ${edge.note}`) : null));
    }
    return rows;
  }

  function choose(k, travel) {
    state.chosen = k; state.way = null;
    showDetails(); mark(); ways();
    if (k !== null && travel) {
      const target = views.find((view) => view.node === k) || views.find((view) => view.node === wholeOf(k));
      if (target) { look(target); target.element.focus({ preventScroll: true }); }
    }
  }

  // --- the side
  function boxesFor(into, names, hidden, counts) {
    into.replaceChildren(...names.map((name) => {
      const box = make("input", { type: "checkbox", value: name });
      box.checked = !hidden.has(name);
      box.addEventListener("change", () => { hidden[box.checked ? "delete" : "add"](name); draw(); });
      return make("label", {}, box, make("span", {}, verbal(name)), make("small", {}, String(counts.get(name))));
    }));
  }
  const counted = (list) => { const map = new Map(); for (const one of list) map.set(one, (map.get(one) || 0) + 1); return map; };

  function sidebar() {
    $("projects").replaceChildren(...sections.map((section) => make("button", { type: "button", class: "item", onclick: () => lookAt(section.box) }, section.caption, make("small", {}, `  ${section.views.length}`))));
  }

  function ways() {
    const list = findings.map((_, k) => k).filter((k) => findings[k].flow.length);
    $("ways-box").hidden = !list.length;
    $("ways").replaceChildren(...list.map((k) => make("button", { type: "button", class: "item", "aria-pressed": String(state.way === k), onclick: () => {
      state.way = state.way === k ? null : k; state.chosen = null; state.query = ""; $("search").value = "";
      showDetails(); mark(); ways();
      if (state.way !== null) { const found = onWay(k); lookAll(views.filter((view) => found.has(view.node))); }
    } }, make("b", { class: findings[k].severity }, findings[k].severity), " ", findings[k].message)));
  }

  // --- the camera
  const apply = () => { world.setAttribute("transform", `translate(${camera.x} ${camera.y}) scale(${camera.scale})`); };
  function lookAt(box, least = 0.06, most = 1.15) {
    const room = $("stage").getBoundingClientRect();
    camera.scale = Math.min(most, Math.max(least, Math.min((room.width - 36) / box.width, (room.height - 36) / box.height)));
    camera.x = Math.max((room.width - box.width * camera.scale) / 2, 18) - box.x * camera.scale;
    camera.y = Math.max((room.height - box.height * camera.scale) / 2, 18) - box.y * camera.scale;
    apply(); titles();
  }
  function lookAll(list) {
    if (!list.length) return;
    const left = Math.min(...list.map((v) => v.x)), top = Math.min(...list.map((v) => v.y));
    lookAt({ x: left, y: top, width: Math.max(...list.map((v) => v.x)) + SIZE.width - left, height: Math.max(...list.map((v) => v.y)) + SIZE.height - top });
  }
  function look(view) {
    const room = $("stage").getBoundingClientRect();
    camera.scale = Math.max(camera.scale, 0.75);
    camera.x = room.width / 2 - (view.x + SIZE.width / 2) * camera.scale;
    camera.y = room.height / 2 - (view.y + SIZE.height / 2) * camera.scale;
    apply(); titles();
  }
  const fit = (least) => lookAt({ x: 0, y: 0, width: extent.width, height: extent.height }, least);
  function zoom(factor, x, y) {
    const room = $("stage").getBoundingClientRect();
    const px = x === undefined ? room.width / 2 : x - room.left, py = y === undefined ? room.height / 2 : y - room.top;
    const scale = Math.min(3, Math.max(0.03, camera.scale * factor));
    camera.x = px - (px - camera.x) * scale / camera.scale;
    camera.y = py - (py - camera.y) * scale / camera.scale;
    camera.scale = scale;
    apply(); titles();
  }

  // --- hands
  const fingers = new Map();
  let held = null;
  const viewOf = (target) => { const card = target.closest && target.closest(".node"); return card ? views.find((view) => view.element === card) : null; };
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    held = { x: event.clientX, y: event.clientY, view: viewOf(event.target), moved: false };
  });
  canvas.addEventListener("pointermove", (event) => {
    const last = fingers.get(event.pointerId);
    if (!last || !held) return;
    if (!held.moved && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 4) return;
    if (!held.moved) { held.moved = true; canvas.setPointerCapture(event.pointerId); canvas.classList.add("moving"); }
    const dx = event.clientX - last.clientX, dy = event.clientY - last.clientY;
    if (fingers.size === 2) {
      const [other] = [...fingers.values()].filter((one) => one.pointerId !== event.pointerId);
      const was = Math.hypot(last.clientX - other.clientX, last.clientY - other.clientY);
      const is = Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
      if (was > 0) zoom(is / was, (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    } else if (held.view) {
      held.view.x += dx / camera.scale; held.view.y += dy / camera.scale;
      put(held.view);
      for (const line of held.view.lines) { line.bends = null; trace(line); }
    } else { camera.x += dx; camera.y += dy; apply(); }
    fingers.set(event.pointerId, event);
  });
  const release = (event) => {
    fingers.delete(event.pointerId);
    canvas.classList.remove("moving");
    if (held && !held.moved && event.type === "pointerup") choose(held.view ? held.view.node : null);
    if (!fingers.size) held = null;
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), event.clientX, event.clientY); }, { passive: false });

  function step(dx, dy) {
    const now = views.find((view) => view.element === document.activeElement) || views[0];
    let best = null, least = Infinity;
    for (const view of views) {
      const ax = view.x - now.x, ay = view.y - now.y;
      const along = ax * dx + ay * dy, across = Math.abs(ax * dy) + Math.abs(ay * dx);
      if (view === now || along <= 1) continue;
      const far = along + 2.5 * across;
      if (far < least) { least = far; best = view; }
    }
    if (best) reach(best);
  }
  function reach(view) {
    for (const one of views) one.element.setAttribute("tabindex", one === view ? "0" : "-1");
    view.element.focus({ preventScroll: true });
    const room = $("stage").getBoundingClientRect();
    const x = view.x * camera.scale + camera.x, y = view.y * camera.scale + camera.y;
    if (x < 10 || y < 10 || x + SIZE.width * camera.scale > room.width - 10 || y + SIZE.height * camera.scale > room.height - 10) look(view);
  }
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input[type=search], select");
    if (event.key === "Escape") {
      if (state.query) { $("search").value = ""; state.query = ""; mark(); } else { choose(null); ways(); }
      if (typing) event.target.blur();
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); $("search").focus(); }
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit();
    else if (ARROWS[event.key] && event.target.closest("#stage") && views.length) { event.preventDefault(); step(...ARROWS[event.key]); }
    else if (event.key === "Enter" || event.key === " ") {
      const view = viewOf(event.target);
      if (view) { event.preventDefault(); choose(view.node); }
    }
  });

  // --- controls
  let turn = 0;
  $("search").addEventListener("input", () => { state.query = $("search").value.trim().toLowerCase(); turn = 0; mark(); });
  $("search").addEventListener("keydown", (event) => {
    const found = views.filter((view) => state.query && matches(view.node));
    if (event.key === "Enter" && found.length) look(found[turn++ % found.length]);
  });
  const environments = [...new Set(nodes.filter((node) => node.kind !== "zone" && !SHARED.has(node.kind)).map((node) => node.environment))].sort(compare);
  $("environment").append(make("option", { value: "" }, "all"), ...environments.map((name) => make("option", { value: name }, name)));
  $("environment-label").hidden = environments.length < 2;
  $("environment").addEventListener("change", () => { state.environment = $("environment").value; draw(); fit(); });
  $("severity").addEventListener("change", () => { state.severity = $("severity").value; draw(); fit(); });
  $("in").addEventListener("click", () => zoom(1.25));
  $("out").addEventListener("click", () => zoom(0.8));
  $("fit").addEventListener("click", () => fit());

  const kinds = counted(kindOf.filter((kind) => kind !== "zone")), relations = counted(edges.map((edge) => edge.kind));
  relations.delete("publishes");
  for (const kind of kinds.keys()) if (QUIET_KINDS.has(kind)) state.kinds.add(kind);
  if ([...kinds.keys()].every((kind) => state.kinds.has(kind))) state.kinds.clear();
  for (const kind of relations.keys()) if (QUIET_RELATIONS.has(kind)) state.relations.add(kind);
  boxesFor($("kinds"), [...kinds.keys()].sort(compare), state.kinds, kinds);
  boxesFor($("relations"), [...relations.keys()].sort(compare), state.relations, relations);
  $("elsewhere-box").hidden = !DATA.elsewhere.length;
  $("elsewhere").replaceChildren(make("small", {}, String(DATA.elsewhere.length)), ...DATA.elsewhere.map((finding) => findingOf(finding, false)));
  if (DATA.incomplete) {
    $("gaps").textContent = `${DATA.incomplete} error${DATA.incomplete > 1 ? "s" : ""} while reading: the graph may lack parts (hullcheck scan tells which)`;
    $("gaps").hidden = false;
  }

  let kept = null;
  window.addEventListener("beforeprint", () => {
    kept = { ...camera };
    camera.x = 0; camera.y = 0; camera.scale = 1; apply(); titles();
    canvas.setAttribute("viewBox", `-10 -10 ${extent.width + 20} ${extent.height + 20}`);
  });
  window.addEventListener("afterprint", () => { canvas.removeAttribute("viewBox"); Object.assign(camera, kept); apply(); titles(); });

  draw(); ways();
  fit(0.5);
})();
