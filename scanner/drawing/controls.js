// The camera, the hands and the keys; then the first picture.
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
