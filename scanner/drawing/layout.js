"use strict";
// Where things are drawn: layers from left to right, what refers before what it refers to. The
// same nodes and edges in the same order give the same picture; nothing here is random.
const SIZE = { width: 226, height: 48, row: 14, column: 64, thread: 10, gap: 34, pad: 18, head: 36 };

// Place `nodes` (objects) and `edges` ({source, target}: positions in `nodes`). Returns
// {places: [{x, y}], routes: [[{x, y}, ...]], width, height}; a route leads from right to left sides.
function layoutGroup(nodes, edges, aspect) {
  const places = nodes.map(() => ({ x: 0, y: 0 }));
  const routes = edges.map(() => []);
  const boxes = componentsOf(nodes.length, edges).map((members) => {
    const inside = edges.map((edge, index) => index).filter((index) => members.set.has(edges[index].source));
    const box = members.list.length === 1
      ? { list: members.list, inside: [], at: [{ x: 0, y: 0 }], ways: [], width: SIZE.width, height: SIZE.height }
      : { list: members.list, inside, ...layered(members.list, inside.map((index) => edges[index])) };
    return box;
  });
  const packed = packBoxes(boxes, aspect, SIZE.gap, SIZE.row + 6);
  boxes.forEach((box, index) => {
    const { x, y } = packed.places[index];
    box.list.forEach((node, k) => { places[node] = { x: box.at[k].x + x, y: box.at[k].y + y }; });
    box.inside.forEach((edge, k) => { routes[edge] = box.ways[k].map((p) => ({ x: p.x + x, y: p.y + y })); });
  });
  return { places, routes, width: packed.width, height: packed.height };
}

function componentsOf(count, edges) {
  const home = Array.from({ length: count }, (_, index) => index);
  const find = (one) => {
    while (home[one] !== one) { home[one] = home[home[one]]; one = home[one]; }
    return one;
  };
  for (const { source, target } of edges) {
    const a = find(source), b = find(target);
    if (a !== b) home[Math.max(a, b)] = Math.min(a, b);
  }
  const found = new Map();
  for (let index = 0; index < count; index++) {
    const root = find(index);
    if (!found.has(root)) found.set(root, []);
    found.get(root).push(index);
  }
  const groups = [...found.values()].map((list) => ({ list, set: new Set(list) }));
  // What hangs together first, single ones last; the order among equals is that of the nodes.
  return groups.sort((a, b) => (b.list.length > 1) - (a.list.length > 1));
}

// Put boxes in rows so that all of them together fit best into a shape that is `aspect` times as wide
// as high; returns their corners.
function packBoxes(boxes, aspect, gapX, gapY) {
  let area = 0, widest = 0;
  for (const box of boxes) {
    area += (box.width + gapX) * (box.height + gapY);
    widest = Math.max(widest, box.width);
  }
  let best = null, least = Infinity;
  for (let part = 8; part <= 24; part++) {
    const packed = shelves(boxes, Math.max(widest, Math.sqrt(area * aspect) * part / 12), gapX, gapY);
    const cost = Math.max(packed.width / aspect, packed.height);
    if (cost < least) { least = cost; best = packed; }
  }
  return best;
}

function shelves(boxes, limit, gapX, gapY) {
  const columns = [];
  const places = [];
  let x = 0, y = 0, shelf = 0, width = 0, height = 0;
  // A shelf takes boxes side by side; lower ones are stacked where the shelf leaves room.
  for (const box of boxes) {
    const column = columns.find((one) => one.left >= box.height && one.width >= box.width);
    if (column) {
      places.push({ x: column.x, y: column.y });
      column.y += box.height + gapY;
      column.left -= box.height + gapY;
      continue;
    }
    if (x > 0 && x + box.width > limit) {
      x = 0; y += shelf + gapY; shelf = 0; columns.length = 0;
    }
    places.push({ x, y });
    if (box.height > shelf) {
      for (const one of columns) one.left += box.height - shelf;
      shelf = box.height;
    }
    columns.push({ x, y: y + box.height + gapY, width: box.width, left: shelf - box.height - gapY });
    x += box.width + gapX;
    width = Math.max(width, x - gapX);
    height = Math.max(height, y + shelf);
  }
  return { places, width, height };
}

function layered(list, edges) {
  const index = new Map(list.map((node, k) => [node, k]));
  const arcs = edges.map((edge) => ({ from: index.get(edge.source), to: index.get(edge.target), flipped: false }));
  breakCycles(list.length, arcs);
  const layer = layersOf(list.length, arcs);
  // Long edges are led through the layers between by points, which take part in the ordering.
  const items = list.map((_, k) => ({ layer: layer[k], size: SIZE.height, before: [], after: [], y: 0 }));
  const chains = arcs.map((arc) => {
    const chain = [arc.from];
    for (let at = layer[arc.from] + 1; at < layer[arc.to]; at++) {
      chain.push(items.push({ layer: at, size: SIZE.thread, before: [], after: [], y: 0 }) - 1);
    }
    chain.push(arc.to);
    for (let k = 1; k < chain.length; k++) {
      items[chain[k - 1]].after.push(chain[k]);
      items[chain[k]].before.push(chain[k - 1]);
    }
    return chain;
  });
  const rows = order(items);
  const height = settle(items, rows);
  const step = SIZE.width + SIZE.column;
  const at = list.map((_, k) => ({ x: layer[k] * step, y: items[k].y }));
  const middle = (k) => items[k].y + items[k].size / 2;
  const ways = chains.map((chain, k) => {
    const points = [];
    chain.forEach((item, position) => {
      const x = items[item].layer * step;
      if (position > 0) points.push({ x, y: middle(item) });
      if (position < chain.length - 1) points.push({ x: x + SIZE.width, y: middle(item) });
    });
    return arcs[k].flipped ? points.reverse() : points;
  });
  return { at, ways, width: rows.length * step - SIZE.column, height };
}

function breakCycles(count, arcs) {
  const after = Array.from({ length: count }, () => []);
  arcs.forEach((arc) => after[arc.from].push(arc));
  const state = new Uint8Array(count);
  for (let root = 0; root < count; root++) {
    if (state[root]) continue;
    const stack = [{ node: root, next: 0 }];
    state[root] = 1;
    while (stack.length) {
      const top = stack[stack.length - 1];
      const arc = after[top.node][top.next++];
      if (!arc) { state[top.node] = 2; stack.pop(); continue; }
      if (state[arc.to] === 1) arc.flipped = true;
      else if (!state[arc.to]) { state[arc.to] = 1; stack.push({ node: arc.to, next: 0 }); }
    }
  }
  for (const arc of arcs) if (arc.flipped) [arc.from, arc.to] = [arc.to, arc.from];
}

function layersOf(count, arcs) {
  const before = Array.from({ length: count }, () => []);
  const after = Array.from({ length: count }, () => []);
  for (const { from, to } of arcs) { after[from].push(to); before[to].push(from); }
  const open = before.map((list) => list.length);
  const sorted = [];
  for (let k = 0; k < count; k++) if (!open[k]) sorted.push(k);
  for (let k = 0; k < sorted.length; k++) {
    for (const other of after[sorted[k]]) if (--open[other] === 0) sorted.push(other);
  }
  const layer = new Array(count).fill(0);
  for (const node of sorted) for (const other of after[node]) layer[other] = Math.max(layer[other], layer[node] + 1);
  // What refers to more than refers to it moves right, next to what it refers to.
  for (let k = sorted.length - 1; k >= 0; k--) {
    const node = sorted[k];
    if (after[node].length > before[node].length) layer[node] = Math.min(...after[node].map((to) => layer[to])) - 1;
  }
  const first = Math.min(...layer);
  return layer.map((one) => one - first);
}

function order(items) {
  const rows = [];
  const seen = new Uint8Array(items.length);
  const visit = (root) => {
    const stack = [root];
    while (stack.length) {
      const one = stack.pop();
      if (seen[one]) continue;
      seen[one] = 1;
      (rows[items[one].layer] ||= []).push(one);
      for (const other of [...items[one].after, ...items[one].before].reverse()) if (!seen[other]) stack.push(other);
    }
  };
  items.forEach((_, k) => visit(k));
  const position = new Float64Array(items.length);
  const number = () => rows.forEach((row) => row.forEach((one, k) => { position[one] = k / row.length; }));
  number();
  for (let sweep = 0; sweep < 12; sweep++) {
    const down = sweep % 2 === 0;
    const side = down ? "before" : "after";
    const layers = rows.map((_, k) => (down ? k : rows.length - 1 - k));
    for (const at of layers) {
      const row = rows[at];
      const weight = new Map(row.map((one) => [one, mean(items[one][side].map((k) => position[k]), position[one])]));
      const old = new Map(row.map((one, k) => [one, k]));
      row.sort((a, b) => weight.get(a) - weight.get(b) || old.get(a) - old.get(b));
      row.forEach((one, k) => { position[one] = k / row.length; });
    }
  }
  return rows;
}

function mean(values, otherwise) {
  return values.length ? values.reduce((sum, one) => sum + one, 0) / values.length : otherwise;
}

// Move each row to where its neighbours are, in its order and without overlaps.
function settle(items, rows) {
  const middle = (k) => items[k].y + items[k].size / 2;
  for (const row of rows) {
    let y = 0;
    for (const one of row) { items[one].y = y; y += items[one].size + SIZE.row; }
  }
  for (let sweep = 0; sweep < 14; sweep++) {
    const down = sweep % 2 === 0;
    const side = down ? "before" : "after";
    for (const at of rows.map((_, k) => (down ? k : rows.length - 1 - k))) {
      const row = rows[at];
      const wanted = row.map((one) => mean(items[one][side].map(middle), middle(one)) - items[one].size / 2);
      spread(row, wanted, items);
    }
  }
  let top = Infinity, bottom = -Infinity;
  for (const item of items) { top = Math.min(top, item.y); bottom = Math.max(bottom, item.y + item.size); }
  for (const item of items) item.y -= top;
  return bottom - top;
}

// The nearest places to the wanted ones that keep the order and the distances (pool adjacent violators).
function spread(row, wanted, items) {
  const offset = [];
  let sum = 0;
  for (const one of row) { offset.push(sum); sum += items[one].size + SIZE.row; }
  const pools = [];
  row.forEach((_, k) => {
    let pool = { value: wanted[k] - offset[k], count: 1 };
    while (pools.length && pools[pools.length - 1].value > pool.value) {
      const last = pools.pop();
      const count = last.count + pool.count;
      pool = { value: (last.value * last.count + pool.value * pool.count) / count, count };
    }
    pools.push(pool);
  });
  let k = 0;
  for (const pool of pools) for (let left = pool.count; left > 0; left--, k++) items[row[k]].y = pool.value + offset[k];
}
