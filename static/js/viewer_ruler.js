// Lines measured on the images, each kept with its image for as long as the page is open.

import { lengthOf } from "./viewer_length.js";

const STEP = 4;

export class Ruler {
  constructor(stage, say) {
    Object.assign(this, { stage, say, lines: new Map(), image: -1, line: null });
  }

  turnTo(image) {
    if (this.image >= 0) this.lines.set(this.image, this.stage.lines);
    this.stage.lines = this.lines.get(image) ?? [];
    this.image = image;
    this.line = null;
  }

  forget() {
    this.lines.clear();
    this.stage.lines = [];
    this.line = null;
  }

  begin(place) {
    const point = this.stage.toImage(place);
    this.line = { from: point, to: point };
    this.stage.lines.push(this.line);
    this.stage.draw();
  }

  stretch(place) {
    if (!this.line) return;
    this.line.to = this.stage.toImage(place);
    this.stage.draw();
  }

  end() {
    if (!this.line) return;
    const isDot = this.line.from.join() === this.line.to.join();
    if (isDot) this.stage.lines.pop();
    else this.say(lengthOf(this.stage.about, this.line.from, this.line.to));
    this.line = null;
    this.stage.draw();
  }

  // The line that is begun, or all of the image.
  drop() {
    if (this.line) this.stage.lines.pop();
    else this.stage.lines = [];
    this.line = null;
    this.stage.draw();
  }

  // The cross is the pointer of those who measure with keys.
  showCross(isShown) {
    const { about, pixels } = this.stage;
    this.stage.cross = isShown && pixels ? [about.columns / 2, about.rows / 2] : null;
    this.stage.draw();
  }

  moveCross([byX, byY]) {
    if (!this.stage.cross) return;
    const [x, y] = this.stage.toPage(this.stage.cross);
    this.stage.cross = this.stage.toImage([x + byX * STEP, y + byY * STEP]);
    if (this.line) this.line.to = this.stage.cross;
    this.stage.draw();
  }

  mark() {
    if (!this.stage.cross) return;
    if (this.line) this.end();
    else this.begin(this.stage.toPage(this.stage.cross));
  }
}
