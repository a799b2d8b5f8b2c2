// Mouse, touch, pen, wheel and keys on the viewer's stage, as calls of the viewer: step, zoom, measure and the like.

const PER_IMAGE = 12; // pixels dragged, or turned by the wheel, for one image
const PAGE = 10;
const NUDGE = 24;
const MODES = { s: "scroll", c: "window", v: "pan", m: "measure" };
const ACTS = { i: "invert", p: "play", r: "reset", "+": "zoomIn", "=": "zoomIn", "-": "zoomOut", "−": "zoomOut" };
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class Input {
  constructor(viewer, canvas) {
    Object.assign(this, { viewer, canvas, fingers: new Map(), turned: 0, dragged: 0 });
    canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.moved(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.up(event));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("dblclick", () => viewer.mode !== "measure" && viewer.act("reset"));
    canvas.addEventListener("keydown", (event) => this.key(event));
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  wheel(event) {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      this.viewer.zoom(Math.exp(-event.deltaY / 300), this.at(event));
      return;
    }
    if (event.deltaMode !== 0 || Math.abs(event.deltaY) >= 100) {
      this.viewer.step(Math.sign(event.deltaY)); // a wheel with notches
      return;
    }
    this.turned += event.deltaY;
    const images = Math.trunc(this.turned / PER_IMAGE);
    this.turned -= images * PER_IMAGE;
    if (images) this.viewer.step(images);
  }

  down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true });
    this.fingers.set(event.pointerId, this.at(event));
    this.dragged = 0;
    this.mode = { 1: "pan", 2: "window" }[event.button] ?? this.viewer.mode; // the middle and the right button
    if (this.fingers.size > 1) this.viewer.ruler.drop();
    else if (this.mode === "measure") this.viewer.ruler.begin(this.at(event));
  }

  moved(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    if (this.fingers.size === 1) this.drag(before, now);
    else this.pinch(event.pointerId, before, now);
    this.fingers.set(event.pointerId, now);
  }

  drag(before, now) {
    const [byX, byY] = [now[0] - before[0], now[1] - before[1]];
    if (this.mode === "window") this.viewer.adjust(byX, byY);
    else if (this.mode === "pan") this.viewer.move(byX, byY);
    else if (this.mode === "measure") this.viewer.ruler.stretch(now);
    else {
      this.dragged += byY;
      const images = Math.trunc(this.dragged / PER_IMAGE);
      this.dragged -= images * PER_IMAGE;
      if (images) this.viewer.step(images);
    }
  }

  pinch(moving, before, now) {
    const [other] = [...this.fingers].filter(([finger]) => finger !== moving).map(([, place]) => place);
    const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]) || 1;
    this.viewer.zoom(apart(now) / apart(before), [(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
    this.viewer.move((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  }

  up(event) {
    if (this.fingers.delete(event.pointerId) && this.mode === "measure") this.viewer.ruler.end();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.moveByKey(event) || this.chooseByKey(event)) event.preventDefault();
  }

  moveByKey({ key }) {
    const { viewer } = this;
    const arrow = ARROWS[key];
    if (arrow && viewer.mode === "window") viewer.adjust(arrow[0] * 10, arrow[1] * 10);
    else if (arrow && viewer.mode === "pan") viewer.move(arrow[0] * NUDGE, arrow[1] * NUDGE);
    else if (arrow && viewer.mode === "measure") viewer.ruler.moveCross(arrow);
    else if (arrow) viewer.step(arrow[0] + arrow[1]);
    else if (key === "PageUp" || key === "PageDown") viewer.step(key === "PageUp" ? -PAGE : PAGE);
    else if (key === "Home" || key === "End") viewer.go(key === "Home" ? 0 : Infinity);
    else return false;
    return true;
  }

  chooseByKey({ key }) {
    const { viewer } = this;
    const name = key.toLowerCase();
    if (MODES[name]) viewer.setMode(MODES[name]);
    else if (ACTS[name]) viewer.act(ACTS[name]);
    else if (key >= "1" && key <= "9") viewer.preset(Number(key) - 1);
    else if (key === "Enter" && viewer.mode === "measure") viewer.ruler.mark();
    else if (key === "Escape" && viewer.stage.lines.length) viewer.ruler.drop();
    else return false;
    return true;
  }
}
