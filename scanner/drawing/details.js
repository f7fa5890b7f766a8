// What is told about one resource or one attack path, and the lists at the side.
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
