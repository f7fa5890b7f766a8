// The picture: cards, lines, and what stands out. Text that came from files is set as text; nothing
// is ever made into markup.
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
