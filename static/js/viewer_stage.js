// Draws one image: windowed, zoomed, moved, with the lines that were measured on it.

import { lengthOf } from "./viewer_length.js";
import { levelsOf } from "./viewer_look.js";

const LETTERS = [["R", "L"], ["A", "P"], ["F", "H"]]; // toward negative and positive x, y and z (DICOM PS3.3, C.7.6.1.1.1)
const OBLIQUE = 0.35;
const LINE = "#ffd166";
const SMALLEST = 0.1;
const LARGEST = 40;

// The letters of the side that a direction points to, the stronger first.
export function towards(direction) {
  return direction
    .map((part, axis) => ({ size: Math.abs(part), letter: LETTERS[axis][part > 0 ? 1 : 0] }))
    .filter((each) => each.size > OBLIQUE)
    .sort((one, other) => other.size - one.size)
    .map((each) => each.letter)
    .join("");
}

const opposite = (direction) => direction.map((part) => -part);

export class Stage {
  constructor(canvas) {
    Object.assign(this, { canvas, context: canvas.getContext("2d"), picture: document.createElement("canvas") });
    this.pixels = null;
    this.table = new Uint8ClampedArray(65536);
    this.lines = [];
    this.reset();
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  reset() {
    Object.assign(this, { zoom: 1, x: 0, y: 0, isInverted: false, window: null, view: 0 });
  }

  show(pixels, about) {
    const { rows, columns } = about;
    if (this.picture.width !== columns || this.picture.height !== rows || !this.image) {
      Object.assign(this.picture, { width: columns, height: rows });
      this.image = this.picture.getContext("2d").createImageData(columns, rows);
    }
    Object.assign(this, { pixels, about });
    this.paint();
  }

  clear() {
    this.pixels = null;
    this.image = null;
    this.lines = [];
    Object.assign(this.picture, { width: 1, height: 1 });
    this.draw();
  }

  // A window that was chosen here, else the view of the image that was: not every image has as many.
  get look() {
    const { views } = this.about;
    return this.window ?? views[Math.min(this.view, views.length - 1)];
  }

  // The gray level of every stored value.
  tabulate() {
    const { format, slope, intercept, invert } = this.about;
    const { look } = this;
    const turned = invert !== this.isInverted;
    const key = [format, slope, intercept, turned].join();
    if (key === this.tabled && look === this.tabledLook) return;
    [this.tabled, this.tabledLook] = [key, look];
    const levelOf = levelsOf(look);
    const count = format.endsWith("16") ? 65536 : 256;
    for (let stored = 0; stored < count; stored += 1) {
      const level = levelOf((format === "i16" && stored > 32767 ? stored - 65536 : stored) * slope + intercept);
      this.table[stored] = turned ? 255 - level : level;
    }
  }

  paint() {
    if (!this.pixels) return;
    this.tabulate();
    const { table, pixels } = this;
    const out = new Uint32Array(this.image.data.buffer);
    const size = out.length;
    if (this.about.format === "rgb") {
      for (let at = 0; at < size; at += 1) {
        out[at] = 0xff000000 | (table[pixels[2 * size + at]] << 16) | (table[pixels[size + at]] << 8) | table[pixels[at]];
      }
    } else {
      for (let at = 0; at < size; at += 1) out[at] = 0xff000000 | (table[pixels[at]] * 0x010101);
    }
    this.picture.getContext("2d").putImageData(this.image, 0, 0);
    this.draw();
  }

  // From pixels of the image to those of the canvas on the page, and back.
  get frame() {
    const { clientWidth: wide, clientHeight: high } = this.canvas;
    const { rows, columns, aspect: tall } = this.about; // pixels need not be square
    const scale = Math.min(wide / columns, high / (rows * tall)) * this.zoom;
    return { scale, tall, left: wide / 2 + this.x - (columns * scale) / 2, top: high / 2 + this.y - (rows * tall * scale) / 2 };
  }

  toPage([x, y]) {
    const { scale, tall, left, top } = this.frame;
    return [left + x * scale, top + y * scale * tall];
  }

  toImage([x, y]) {
    const { scale, tall, left, top } = this.frame;
    const { rows, columns } = this.about;
    const inside = (value, most) => Math.min(most, Math.max(0, value));
    return [inside((x - left) / scale, columns), inside((y - top) / (scale * tall), rows)];
  }

  zoomAt(factor, [x, y] = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2]) {
    if (!this.pixels) return;
    const next = Math.min(LARGEST, Math.max(SMALLEST, this.zoom * factor));
    const [middleX, middleY] = [this.canvas.clientWidth / 2, this.canvas.clientHeight / 2];
    const ratio = next / this.zoom;
    this.x = (x - middleX) * (1 - ratio) + this.x * ratio;
    this.y = (y - middleY) * (1 - ratio) + this.y * ratio;
    this.zoom = next;
    this.draw();
  }

  move(byX, byY) {
    this.x += byX;
    this.y += byY;
    this.draw();
  }

  draw() {
    const { canvas, context } = this;
    const dense = devicePixelRatio || 1;
    const [wide, high] = [Math.round(canvas.clientWidth * dense), Math.round(canvas.clientHeight * dense)];
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    if (!this.pixels) return;
    const { scale, tall, left, top } = this.frame;
    context.imageSmoothingEnabled = scale < 3;
    context.drawImage(this.picture, left, top, this.about.columns * scale, this.about.rows * scale * tall);
    for (const line of this.lines) this.drawLine(line);
    if (this.cross) this.drawCross(this.cross);
  }

  drawLine({ from, to }) {
    const { context } = this;
    const [start, end] = [this.toPage(from), this.toPage(to)];
    Object.assign(context, { strokeStyle: LINE, fillStyle: LINE, lineWidth: 2, font: "600 15px sans-serif", shadowColor: "#000", shadowBlur: 3 });
    context.beginPath();
    context.moveTo(...start);
    context.lineTo(...end);
    context.stroke();
    for (const [x, y] of [start, end]) context.fillRect(x - 3, y - 3, 6, 6);
    context.fillText(lengthOf(this.about, from, to), end[0] + 8, end[1] - 8);
    context.shadowBlur = 0;
  }

  drawCross(point) {
    const [x, y] = this.toPage(point);
    Object.assign(this.context, { strokeStyle: LINE, lineWidth: 1 });
    this.context.strokeRect(x - 6, y - 6, 12, 12);
    this.context.strokeRect(x, y - 12, 0, 24);
    this.context.strokeRect(x - 12, y, 24, 0);
  }

  get sides() {
    const { orientation } = this.about;
    if (!orientation) return { left: "", right: "", top: "", bottom: "" };
    const [along, down] = [orientation.slice(0, 3), orientation.slice(3)];
    return { left: towards(opposite(along)), right: towards(along), top: towards(opposite(down)), bottom: towards(down) };
  }
}
