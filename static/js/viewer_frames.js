// The frames of a series: fetched a few at a time, kept packed in memory for as long as the page is open, unpacked when they are shown.
// requests/records/viewer/pixels.py packs them.

import { viewOf } from "./viewer_look.js";

const TOGETHER = 8; // frames of one request
const AT_ONCE = 3; // requests on their way
const MIB = 1024 ** 2;
const GENEROUS = (navigator.deviceMemory ?? 4) >= 4;
const PACKED_BYTES = (GENEROUS ? 384 : 96) * MIB;
const OPEN_BYTES = (GENEROUS ? 160 : 48) * MIB;
const WIDTHS = { u8: 1, i16: 2, u16: 2, rgb: 3 };

// The images may not be seen any more: "ended" is the right or the session, "changed" the series itself.
export class Gone extends Error {}

async function inflate(packed, expected) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const bytes = new Uint8Array(expected);
  let at = 0;
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    if (at + step.value.length > expected) throw new RangeError("more than the image holds");
    bytes.set(step.value, at);
    at += step.value.length;
  }
  if (at !== expected) throw new RangeError("less than the image holds");
  return bytes;
}

// Each value is the folded difference to its left neighbor, in the first column to the one above.
function unfold(values, columns) {
  const { length } = values;
  for (let row = 0, above = 0; row < length; row += columns) {
    let value = above;
    for (let at = row; at < row + columns; at += 1) {
      const folded = values[at];
      value += (folded >>> 1) ^ -(folded & 1);
      values[at] = value;
      if (at === row) above = value;
    }
  }
  return values;
}

function unpack(bytes, { format, rows, columns }) {
  const size = rows * columns;
  if (WIDTHS[format] === 2) {
    const values = new Uint16Array(size);
    for (let at = 0; at < size; at += 1) values[at] = bytes[at] | (bytes[size + at] << 8);
    return unfold(values, columns);
  }
  for (let start = 0; start < bytes.length; start += size) unfold(bytes.subarray(start, start + size), columns);
  return bytes;
}

export class Frames {
  constructor(address, index) {
    Object.assign(this, { address, index, count: index.images.length, views: index.views.map(viewOf) });
    this.packed = new Map(); // image → bytes, the least used first
    this.open = new Map(); // image → pixels, likewise
    this.asked = new Map(); // first image of a request → promise
    this.bytes = { packed: 0, open: 0 };
  }

  // What is known of an image: how its pixels are stored and what they mean.
  about(image) {
    const [group, look, number, position] = this.index.images[image];
    const [slope, intercept, places] = this.index.looks[look];
    const views = places.map((place) => this.views[place]);
    return { ...this.index.groups[group], slope, intercept, views, number, position };
  }

  isHere(image) {
    return this.open.has(image) || this.packed.has(image);
  }

  // The pixels of an image. Throws Gone, and TypeError while the site cannot be reached.
  async get(image) {
    if (this.open.has(image)) return this.use("open", image, this.open.get(image));
    if (!this.packed.has(image)) await this.fetchAround(image);
    const packed = this.packed.get(image);
    if (!packed) throw new TypeError("it did not come");
    this.use("packed", image, packed);
    const about = this.about(image);
    const bytes = await inflate(packed, about.rows * about.columns * WIDTHS[about.format]);
    return this.use("open", image, unpack(bytes, about));
  }

  // Fetch what will be looked at next, in the direction of the scrolling first, as long as there is room.
  prefetch(image, direction) {
    const first = image - (image % TOGETHER);
    for (let step = 1; step * TOGETHER < this.count + TOGETHER; step += 1) {
      for (const way of [direction, -direction]) {
        const start = first + way * step * TOGETHER;
        if (this.asked.size >= AT_ONCE || this.bytes.packed > PACKED_BYTES * 0.9) return;
        if (start >= 0 && start < this.count && !this.isWhole(start)) this.fetchFrom(start).catch(() => {});
      }
    }
  }

  // Ask only whether one may go on. Throws Gone.
  async check() {
    await this.ask(0, 0);
  }

  forget() {
    this.packed.clear();
    this.open.clear();
    this.bytes = { packed: 0, open: 0 };
  }

  isWhole(first) {
    for (let image = first; image < Math.min(this.count, first + TOGETHER); image += 1) if (!this.isHere(image)) return false;
    return true;
  }

  async fetchAround(image) {
    const first = image - (image % TOGETHER);
    if (this.asked.has(first)) await this.asked.get(first);
    if (!this.packed.has(image)) await this.fetchFrom(first);
    if (!this.packed.has(image)) await this.fetchFrom(image); // large frames come one by one
  }

  fetchFrom(first) {
    const under = this.asked.get(first);
    if (under) return under;
    const coming = this.ask(first, TOGETHER - (first % TOGETHER))
      .then((body) => this.take(first, body))
      .finally(() => this.asked.delete(first));
    this.asked.set(first, coming);
    return coming;
  }

  async ask(first, count) {
    const answer = await fetch(`${this.address}?from=${first}&count=${count}`, { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || [401, 403, 404].includes(answer.status)) throw new Gone("ended");
    if (answer.status === 409) throw new Gone("changed");
    if (!answer.ok) throw new TypeError("the site is busy");
    return answer.arrayBuffer();
  }

  take(first, body) {
    const view = new DataView(body);
    for (let at = 0, image = first; at < body.byteLength; image += 1) {
      const length = view.getUint32(at);
      this.use("packed", image, new Uint8Array(body, at + 4, length));
      at += 4 + length;
    }
  }

  use(where, image, data) {
    const kept = this[where];
    if (kept.has(image)) this.bytes[where] -= kept.get(image).byteLength;
    kept.delete(image);
    kept.set(image, data);
    this.bytes[where] += data.byteLength;
    const room = where === "open" ? OPEN_BYTES : PACKED_BYTES;
    for (const [oldest, old] of kept) {
      if (this.bytes[where] <= room || oldest === image) break;
      kept.delete(oldest);
      this.bytes[where] -= old.byteLength;
    }
    return data;
  }
}
