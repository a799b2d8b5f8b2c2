// The form of records: says at once what cannot be taken, sends the rest with a progress bar, and keeps the choice when something fails.
// Without this script the form is sent by the browser itself; the server decides in both cases.

import { renewTokens } from "./forms.js";

const UNITS = ["bytes", "KB", "MB", "GB"];

function size(bytes) {
  const unit = Math.min(bytes > 0 ? Math.floor(Math.log(bytes) / Math.log(1024)) : 0, UNITS.length - 1);
  return `${(bytes / 1024 ** unit).toFixed(unit ? 1 : 0)} ${UNITS[unit]}`;
}

const STOPPED = "Stopped. Nothing was kept. Your files are still chosen.";
const ERRORS = {
  0: "The connection broke. Your files are still chosen: press “Send files” to try again.",
  403: "We could not be sure that this was you. Sign in again in another tab, then press “Send files” once more.",
  413: "This is more than the case has room for. Please choose fewer files.",
};

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("[type=file]");
    this.find = (name) => form.querySelector(`[data-${name}]`);
    const { fileBytes, roomBytes, files } = form.dataset;
    this.limits = { file: Number(fileBytes), room: Number(roomBytes), files: Number(files) };
    this.zone = this.input.parentElement;
    this.input.addEventListener("change", () => this.chosen());
    this.find("stop").addEventListener("click", () => this.stopping?.abort());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.busy) this.send();
    });
    for (const name of ["dragenter", "dragleave", "drop"]) {
      this.zone.addEventListener(name, () => this.zone.classList.toggle("is-over", name === "dragenter"));
    }
    addEventListener("beforeunload", (event) => this.request && event.preventDefault());
    this.chosen();
  }

  problem(file) {
    if (!file.size) return "is empty, or a folder";
    return file.size > this.limits.file ? `larger than ${size(this.limits.file)}` : "";
  }

  chosen() {
    const list = this.find("chosen");
    list.replaceChildren(...[...this.input.files].map((file) => this.line(file)));
    list.hidden = !this.input.files.length;
    this.say(this.obstacle(), true);
  }

  line(file) {
    const [item, name, note] = ["li", "span", "span"].map((tag) => document.createElement(tag));
    const problem = this.problem(file);
    name.textContent = file.name;
    note.textContent = problem ? `Left out: ${problem}` : size(file.size);
    item.classList.toggle("is-left-out", problem !== "");
    item.append(name, note);
    return item;
  }

  wanted() {
    return [...this.input.files].filter((file) => !this.problem(file));
  }

  obstacle() {
    const files = this.wanted();
    const total = files.reduce((sum, file) => sum + file.size, 0);
    if (this.input.files.length && !files.length) return "None of these files can be sent.";
    if (files.length > this.limits.files) return `You chose ${files.length} files. Please send at most ${this.limits.files} at once.`;
    if (total > this.limits.room) return `These files are ${size(total)} together, and the case has room for ${size(this.limits.room)}.`;
    return "";
  }

  say(text, isProblem = false) {
    const status = this.find("status");
    status.textContent = text;
    status.classList.toggle("is-problem", isProblem);
  }

  async send() {
    if (this.obstacle() || !this.input.files.length) return this.chosen();
    this.busy = true;
    this.show(true);
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    try {
      if (await this.refresh(signal)) this.finish(await this.post(signal));
    } catch {
      this.say(signal.aborted ? STOPPED : ERRORS[0], !signal.aborted);
    }
    this.request = null;
    this.busy = false;
    this.show(false);
  }

  // Before gigabytes go out: whether they will be taken.
  async refresh(signal) {
    const page = await renewTokens(this.form.dataset.page, signal);
    const takesFiles = page?.querySelector("[data-upload]");
    if (!takesFiles) this.say(page ? "This case does not take files now. Load the page again to see why." : ERRORS[403], true);
    return Boolean(takesFiles);
  }

  post(signal) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    for (const file of this.wanted()) body.append("files", file);
    return new Promise((resolve, reject) => {
      this.request = new XMLHttpRequest();
      signal.addEventListener("abort", () => this.request?.abort());
      this.request.open("POST", this.form.action);
      this.request.setRequestHeader("Accept", "application/json");
      this.request.upload.addEventListener("progress", (event) => this.progress(event.loaded, event.total));
      this.request.addEventListener("abort", reject);
      this.request.addEventListener("error", () => resolve({ status: 0 }));
      this.request.addEventListener("load", () => resolve(this.request));
      this.request.send(body);
    });
  }

  progress(loaded, total) {
    const percent = Math.floor((100 * loaded) / total);
    this.form.querySelector("progress").value = percent;
    this.find("stop").hidden = loaded === total; // all of it is there: the server keeps it
    this.find("figure").textContent = loaded < total ? `Sent ${size(loaded)} of ${size(total)} (${percent} %)` : "Sent. Storing your files safely…";
  }

  finish(answer) {
    const told = this.told(answer);
    if (answer.status === 200 && told.url) {
      this.request = null;
      this.say("Your files have arrived.");
      return location.assign(told.url);
    }
    return this.say(told.message || ERRORS[answer.status] || `Your files were not taken (${answer.status}). Please try again.`, true);
  }

  told(answer) {
    try {
      return JSON.parse(answer.responseText);
    } catch {
      return {};
    }
  }

  show(sending) {
    this.find("sending").hidden = !sending;
    this.find("stop").hidden = !sending;
    this.input.disabled = sending;
    this.form.querySelector("[type=submit]").setAttribute("aria-disabled", String(sending));
    if (sending) {
      this.say("");
      this.find("figure").textContent = "Sending…";
      this.form.querySelector("progress").value = 0;
    }
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
