// The form of records: says at once what cannot be taken, sends the rest in parts that are kept, and goes on where it broke off.
// Without this script the form is sent by the browser itself; the server decides in both cases.

import { renewTokens } from "./forms.js";

const UNITS = ["bytes", "KB", "MB", "GB"];
const LISTED = 50;
const PARTS = ["record-lists", "check-status", "unfinished"]; // of the page, once files have come
const BROKE = "The connection broke. What has come is kept: press “Send files” to go on.";
const SIGNED_OUT = "We could not be sure that this was you. Sign in again in another tab, then press “Send files” once more.";
const CLOSED = "This case does not take files now. Load the page again to see why.";
const STOPPED = "Stopped. What has come is kept. Press “Send files” to go on, now or within 7 days.";

function size(bytes) {
  const unit = Math.min(bytes > 0 ? Math.floor(Math.log(bytes) / Math.log(1024)) : 0, UNITS.length - 1);
  return `${(bytes / 1024 ** unit).toFixed(unit ? 1 : 0)} ${UNITS[unit]}`;
}

// What an input for files or for a folder holds, but for what computers leave in folders by themselves.
function chosen(input) {
  return [...input.files].filter((file) => !/(^|\/)(\.|Thumbs\.db$|desktop\.ini$|__MACOSX\/)/i.test(file.webkitRelativePath));
}

function files(count) {
  return count === 1 ? "1 file" : `${count.toLocaleString("en-US")} files`;
}

class Upload {
  constructor(form) {
    this.form = form;
    this.files = [];
    this.input = form.querySelector("[name=files]");
    this.input.required = false;
    this.find = (name) => form.querySelector(`[data-${name}]`);
    const { fileBytes, roomBytes } = form.dataset;
    this.limits = { file: Number(fileBytes), room: Number(roomBytes) };
    this.zone = this.input.parentElement;
    this.listen();
    this.take(chosen(this.input)); // a browser that loads the page again may have kept the choice
  }

  listen() {
    const folder = this.find("folder");
    folder.webkitdirectory = true; // an attribute that HTML itself does not know
    this.find("choose-folder").hidden = false;
    this.find("choose-folder").addEventListener("click", () => folder.click());
    for (const input of [this.input, folder]) input.addEventListener("change", () => this.take(chosen(input), input));
    this.find("stop").addEventListener("click", () => this.stop());
    this.find("pause").addEventListener("click", () => this.pause());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.isBusy) this.send();
    });
    for (const name of ["dragenter", "dragleave", "drop"]) {
      this.zone.addEventListener(name, () => this.zone.classList.toggle("is-over", name === "dragenter"));
    }
    this.zone.addEventListener("dragover", (event) => event.preventDefault());
    this.zone.addEventListener("drop", (event) => {
      event.preventDefault();
      if (!this.isBusy) this.drop(event.dataTransfer);
    });
    addEventListener("beforeunload", (event) => this.isBusy && event.preventDefault());
  }

  // Folders have to be asked for before anything is waited for.
  async drop({ items, files: alone }) {
    const [entries, plain] = [[...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean), [...alone]];
    this.take(entries.length ? await (await import("./upload_files.js")).filesOf(entries) : plain);
  }

  // Adds files to the choice, each once.
  take(some, input) {
    const key = (file) => `${file.webkitRelativePath || file.name}|${file.size}|${file.lastModified}`;
    const here = new Set(this.files.map(key));
    this.files.push(...some.filter((file) => !here.has(key(file))));
    if (input) input.value = "";
    this.show();
  }

  problem(file) {
    if (!file.size) return "is empty";
    return file.size > this.limits.file ? `larger than ${size(this.limits.file)}` : "";
  }

  wanted() {
    return this.files.filter((file) => !this.problem(file));
  }

  show() {
    const list = this.find("chosen");
    const first = [...this.files].sort((one, other) => Boolean(this.problem(other)) - Boolean(this.problem(one))).slice(0, LISTED);
    const lines = first.map((file) => this.line(file.name, this.problem(file) ? `Left out: ${this.problem(file)}` : size(file.size), this.problem(file)));
    if (this.files.length > LISTED) lines.push(this.line(`and ${files(this.files.length - LISTED)} more`, ""));
    list.replaceChildren(...lines);
    list.hidden = !this.files.length;
    this.say(this.obstacle() || this.summary(), this.obstacle() !== "");
  }

  line(name, note, isLeftOut) {
    const [item, what, more] = ["li", "span", "span"].map((tag) => document.createElement(tag));
    what.textContent = name;
    more.textContent = note;
    item.classList.toggle("is-left-out", Boolean(isLeftOut));
    item.append(what, more);
    return item;
  }

  summary() {
    const wanted = this.wanted();
    return wanted.length ? `${files(wanted.length)} chosen, ${size(wanted.reduce((sum, file) => sum + file.size, 0))} in all.` : "";
  }

  obstacle() {
    const wanted = this.wanted();
    const total = wanted.reduce((sum, file) => sum + file.size, 0);
    if (this.files.length && !wanted.length) return "None of these files can be sent.";
    if (total > this.limits.room) return `These files are ${size(total)} together, and the case has room for ${size(this.limits.room)}.`;
    return "";
  }

  say(text, isProblem = false) {
    const status = this.find("status");
    if (status.textContent !== text) status.textContent = text;
    status.classList.toggle("is-problem", isProblem);
  }

  async send() {
    if (!this.wanted().length) return this.say(this.obstacle() || "Please choose at least one file first.", true);
    if (this.obstacle()) return this.show();
    this.isTurnedAway = false;
    this.busy(true);
    try {
      const { Sending } = await import("./upload_send.js"); // what sends is fetched when it is needed
      this.sending = new Sending(this.form, this.wanted(), () => this.progress());
      if (await this.isOpen()) await this.sending.run();
    } catch {
      this.sending?.stop();
      this.sending ??= { done: [], known: [], left: this.wanted() };
      this.sending.failed = [...(this.sending.failed ?? []), { status: 0, words: "" }];
    }
    const over = this.sending;
    this.sending = null;
    this.busy(false);
    if (!this.isTurnedAway) await this.finish(over);
  }

  // Before gigabytes go out: whether they will be taken.
  async isOpen() {
    const page = await renewTokens(this.form.dataset.page);
    const takesFiles = Boolean(page?.querySelector("[data-upload]"));
    this.isTurnedAway = !takesFiles;
    if (!takesFiles) this.say(page ? (this.form.dataset.closed ?? CLOSED) : SIGNED_OUT, true);
    return takesFiles;
  }

  progress() {
    const { loaded, total, count, done, known, active } = this.sending ?? {};
    if (total === undefined || this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      this.form.querySelector("progress").value = Math.floor((100 * loaded) / total);
      const here = done.length + known.length;
      this.find("figure").textContent = `Sent ${size(loaded)} of ${size(total)} (${Math.floor((100 * loaded) / total)} %). ${here} of ${files(count)} here.`;
      const lines = [...active].map(([file, { sent }]) => this.line(file.name, `${Math.floor((100 * sent) / file.size)} %`));
      if (this.sending) this.find("chosen").replaceChildren(...lines);
    });
  }

  async finish({ done, known, failed, left, isStopped }) {
    const words = [];
    const inList = document.getElementById(PARTS[0]) ? [410, 422] : []; // an office sees no list
    const refused = failed.filter(({ status }) => inList.includes(status)).length;
    const others = failed.filter(({ words: said, status }) => said && ![401, 403, ...inList].includes(status) && status < 500);
    const broke = failed.find(({ status }) => [0, 401, 403].includes(status) || status >= 500);
    if (done.length) words.push(`${files(done.length)} arrived.`);
    if (known.length) words.push(`${files(known.length)} ${known.length === 1 ? "was" : "were"} here already.`);
    if (refused) words.push(`${files(refused)} ${refused === 1 ? "was" : "were"} not taken. The list below says why.`);
    for (const { file, words: said } of others.slice(0, 3)) words.push(`${file.name}: ${said}`);
    if (broke) words.push([401, 403].includes(broke.status) ? SIGNED_OUT : BROKE);
    else if (isStopped && !others.length) words.push(STOPPED);
    this.files = left;
    this.show();
    this.say(words.join(" "), Boolean(broke || refused || others.length));
    await this.refresh();
  }

  // The lists of the page as they are now.
  async refresh() {
    const page = await renewTokens(this.form.dataset.page).catch(() => null);
    for (const id of PARTS) {
      const [here, there] = [document.getElementById(id), page?.getElementById(id)];
      if (!here || !there) continue;
      here.replaceWith(there);
      window.htmx?.process(there);
    }
    const room = page?.querySelector("[data-upload]")?.dataset.roomBytes;
    if (room) this.limits.room = Number(room);
  }

  pause() {
    if (!this.sending) return;
    const { isPaused } = this.sending;
    isPaused ? this.sending.goOn() : this.sending.pause();
    this.find("pause").textContent = isPaused ? "Pause" : "Go on";
    this.say(isPaused ? "" : "Paused. What has come is kept.");
  }

  stop() {
    this.sending?.stop();
  }

  busy(isBusy) {
    this.isBusy = isBusy;
    for (const name of ["sending", "stop", "pause"]) this.find(name).hidden = !isBusy;
    this.find("pause").textContent = "Pause";
    this.find("choose-folder").disabled = this.input.disabled = isBusy;
    this.form.querySelector("[type=submit]").setAttribute("aria-disabled", String(isBusy));
    if (!isBusy) return;
    this.say("Sending. You may do something else in another tab.");
    this.find("figure").textContent = "Sending…";
    this.form.querySelector("progress").value = 0;
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
