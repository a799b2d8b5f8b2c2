// The viewer of one series ([data-stack]): which image is shown, and how. Looking at images counts as nothing done for the session.

import { Frames, Gone } from "./viewer_frames.js";
import { Input } from "./viewer_input.js";
import { windowOf } from "./viewer_look.js";
import { Ruler } from "./viewer_ruler.js";
import { Stage } from "./viewer_stage.js";
import { GONE, LABELS, OFFLINE, UNREADABLE, inFigures, notesOn, presetsFor } from "./viewer_words.js";

const CHECK = 20000; // how often an idle page asks whether it may still show what it shows
const AGAIN = 3000;
const SPEED = 100; // milliseconds an image when it plays and its file does not say
const QUIET = 400;

class Viewer {
  constructor(place) {
    this.place = place;
    this.find = (name) => place.querySelector(`[data-${name}]`);
    this.canvas = this.find("canvas");
    this.stage = new Stage(this.canvas);
    this.ruler = new Ruler(this.stage, (words) => this.say(words));
    Object.assign(this, { mode: "scroll", image: 0, direction: 1, shown: -1, drawn: 0 });
  }

  async open() {
    const answer = await fetch(this.place.dataset.index, { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect" || answer.status === 404) return this.blank("ended");
    if (answer.status === 409) return this.blank("changed");
    if (!answer.ok) throw new TypeError("the site is busy");
    this.frames = new Frames(this.place.dataset.frames, await answer.json());
    this.dress();
    const asked = Number(this.place.dataset.image);
    this.go(asked ? asked - 1 : Math.floor((this.frames.count - 1) / 2));
    setInterval(() => document.hidden || this.check(), CHECK);
    document.addEventListener("visibilitychange", () => document.hidden || this.check());
    return undefined;
  }

  dress() {
    for (const name of ["tools", "scroller", "more", "canvas"]) this.find(name).hidden = false;
    this.find("scroller").hidden = this.frames.count < 2;
    this.presets = presetsFor(this.place.dataset.modality, this.frames.about(0).views);
    const list = this.find("presets");
    list.replaceChildren(...this.presets.map(({ name }) => new Option(name)), new Option("Own", "", false, false));
    list.lastChild.hidden = true;
    list.addEventListener("change", () => this.preset(list.selectedIndex));
    this.find("slider").addEventListener("input", (event) => this.go(Number(event.target.value) - 1));
    for (const button of this.place.querySelectorAll("[data-mode]")) button.addEventListener("click", () => this.setMode(button.dataset.mode));
    for (const button of this.place.querySelectorAll("[data-act]")) button.addEventListener("click", () => this.act(button.dataset.act));
    this.tag(this.frames.index.tags);
    this.input = new Input(this, this.canvas);
    matchMedia("(prefers-reduced-motion: reduce)").addEventListener("change", ({ matches }) => matches && this.play(false));
  }

  tag(tags) {
    const rows = tags.filter(([name]) => LABELS[name]).map(([name, value]) => {
      const [row, label, text] = ["div", "dt", "dd"].map((each) => document.createElement(each));
      label.textContent = LABELS[name];
      text.textContent = name === "StudyDate" ? value.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3") : value;
      row.append(label, text);
      return row;
    });
    this.find("tags").replaceChildren(...rows);
  }

  step(by) {
    this.go(this.image + by);
  }

  go(image) {
    const wanted = Math.min(this.frames.count - 1, Math.max(0, image));
    if (wanted !== this.image) this.direction = wanted > this.image ? 1 : -1;
    this.image = wanted;
    this.draw();
  }

  // Shows the image that is wanted when the last one is drawn: what was passed over meanwhile is left out.
  async draw() {
    if (this.isDrawing || this.isGone) return;
    this.isDrawing = true;
    while (this.shown !== this.image && !this.isGone) {
      const image = this.image;
      try {
        this.put(image, await this.frames.get(image));
      } catch (error) {
        if (error instanceof Gone) this.blank(error.message);
        else if (error instanceof TypeError) await this.wait();
        else this.unreadable(image);
      }
    }
    this.isDrawing = false;
    if (!this.isGone) this.frames.prefetch(this.image, this.direction);
  }

  put(image, pixels) {
    if (this.isGone) return;
    this.ruler.turnTo(image);
    this.stage.show(pixels, this.frames.about(image));
    this.shown = image;
    this.drawn += 1;
    this.place.dataset.drawn = this.drawn;
    this.find("picture").hidden = true;
    this.tell();
  }

  unreadable(image) {
    this.ruler.turnTo(image);
    this.stage.clear();
    this.shown = image;
    this.tell();
    this.find("note").textContent = UNREADABLE;
  }

  wait() {
    this.find("note").textContent = OFFLINE;
    return new Promise((done) => setTimeout(done, AGAIN));
  }

  tell() {
    const about = this.frames.about(this.shown);
    const where = `Image ${this.shown + 1} of ${this.frames.count}`;
    this.find("where").textContent = about.number ? `${where} · no. ${about.number}` : where;
    const slider = this.find("slider");
    slider.value = this.shown + 1;
    slider.setAttribute("aria-valuetext", where);
    this.canvas.setAttribute("aria-label", where);
    this.find("note").textContent = notesOn(about);
    const sides = this.stage.pixels ? this.stage.sides : {};
    for (const side of this.place.querySelectorAll("[data-side]")) side.textContent = sides[side.dataset.side] ?? "";
    this.tellLook();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      const address = new URL(location.href);
      address.searchParams.set("image", this.shown + 1);
      history.replaceState(history.state, "", address);
      if (!this.playing) this.say(where);
    }, QUIET);
  }

  tellLook() {
    if (!this.stage.pixels) return;
    const { func, center, width } = this.stage.look;
    const range = `${inFigures(center - width / 2)} to ${inFigures(center + width / 2)}`;
    this.find("look").textContent = func === "table" ? `Table for ${range}` : `Center ${inFigures(center)}, width ${inFigures(width)}`;
  }

  say(words) {
    this.find("said").textContent = words;
  }

  setMode(mode) {
    this.mode = mode;
    for (const button of this.place.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    this.ruler.showCross(mode === "measure");
  }

  act(name) {
    const acts = {
      zoomIn: () => this.zoom(1.25),
      zoomOut: () => this.zoom(0.8),
      previous: () => this.step(-1),
      next: () => this.step(1),
      invert: () => this.invert(!this.stage.isInverted),
      play: () => this.play(!this.playing),
      reset: () => this.reset(),
    };
    acts[name]();
  }

  zoom(factor, place) {
    this.stage.zoomAt(factor, place);
  }

  move(byX, byY) {
    this.stage.move(byX, byY);
  }

  // To the right wider, down darker, as in most viewers; a step is as large as the window.
  adjust(byX, byY) {
    const { func, center, width } = windowOf(this.stage.look);
    const unit = Math.max(width, 1e-6) / 256;
    this.stage.window = { func, center: center + byY * unit, width: Math.max(unit, width + byX * unit) };
    this.find("presets").selectedIndex = this.presets.length;
    this.repaint();
  }

  preset(place) {
    if (!this.presets[place] || !this.stage.pixels) return;
    const { name, view, window } = this.presets[place];
    this.find("presets").selectedIndex = place;
    Object.assign(this.stage, view === undefined ? { window: window ?? this.widest() } : { window: null, view });
    this.repaint();
    this.say(name);
  }

  widest() {
    const { pixels, about } = this.stage;
    const signed = about.format === "i16" ? new Int16Array(pixels.buffer, pixels.byteOffset, pixels.length) : pixels;
    let [low, high] = [Infinity, -Infinity];
    for (const value of signed) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const [one, other] = [low * about.slope + about.intercept, high * about.slope + about.intercept];
    return { func: "exact", center: (one + other) / 2, width: Math.abs(other - one) || 1 };
  }

  invert(isInverted) {
    this.stage.isInverted = isInverted;
    this.place.querySelector("[data-act=invert]").setAttribute("aria-pressed", String(isInverted));
    this.repaint();
  }

  play(isPlaying) {
    clearInterval(this.playing);
    const tempo = this.frames?.about(this.image).tempo ?? SPEED;
    this.playing = isPlaying ? setInterval(() => this.isDrawing || this.go((this.image + 1) % this.frames.count), tempo) : null;
    this.place.querySelector("[data-act=play]").setAttribute("aria-pressed", String(isPlaying));
  }

  reset() {
    this.play(false);
    this.stage.reset();
    this.ruler.forget();
    this.find("presets").selectedIndex = 0;
    this.setMode("scroll");
    this.invert(false);
  }

  repaint() {
    this.stage.paint();
    this.tellLook();
  }

  async check() {
    if (this.isGone) return;
    try {
      await this.frames.check();
    } catch (error) {
      if (error instanceof Gone) this.blank(error.message);
    }
  }

  // Nothing of the images stays on the page.
  blank(why) {
    this.isGone = true;
    this.play(false);
    this.frames?.forget();
    this.ruler.forget();
    this.stage.clear();
    this.find("picture").remove();
    for (const name of ["tools", "scroller", "more", "canvas"]) this.find(name).hidden = true;
    for (const part of this.place.querySelectorAll("[data-side], [data-where], [data-look], [data-note]")) part.textContent = "";
    const [words, link, address] = GONE[why];
    const way = document.createElement("a");
    Object.assign(way, { href: address || location.href, textContent: link });
    const place = this.find("gone");
    place.hidden = false;
    place.replaceChildren(words, way);
  }
}

async function start(viewer) {
  try {
    await viewer.open();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    await viewer.wait();
    await start(viewer);
  }
}

const place = document.querySelector("[data-stack]");
if (place && "DecompressionStream" in window) start(new Viewer(place));
