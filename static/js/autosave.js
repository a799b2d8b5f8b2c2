// <form method="post" data-autosave="URL"> is posted to URL one second after the last change; [data-autosave-status] says how it went.
// 204 saved (X-Autosave-Version: N goes into the field named version) · 422 not valid yet · 409 changed elsewhere · 404 closed meanwhile.
// Who is signed out is told so, and what was typed is saved once they have signed in again in another window: data-page names the
// page that the form is on, where its own address is another (a fresh CSRF token comes from there).

import { renewTokens } from "./forms.js";

const AFTER_CHANGE = 1000;
const RETRY = [2000, 5000, 10000, 30000];
const WORDS = {
  again: "Not saved. We keep trying.",
  closed: "Not saved: this page is closed to you now. Copy your text if you want to keep it.",
  elsewhere: "Not saved: this was changed in another window. Copy your text, then load the page again.",
  invalid: "Not saved yet: an answer needs another look.",
  signedOut: "Not saved: you are signed out. Sign in again in another window. Your text stays here, and we save it then.",
};

const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function fields(form) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  return body;
}

const refused = (response) => response.type === "opaqueredirect" || response.status === 403;

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]");
    this.changes = 0;
    this.stopped = false; // nothing is saved from here any more
    this.failures = 0;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
    addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("visibilitychange", () => this.dirty && this.save(document.hidden));
    addEventListener("pagehide", () => this.dirty && this.save(true));
    addEventListener("pageshow", (event) => event.persisted && this.stopped === "sent" && (this.stopped = false));
  }

  say(text) {
    if (this.status && this.status.textContent !== text) this.status.textContent = text;
  }

  stop(why) {
    clearTimeout(this.timer);
    this.stopped = why;
  }

  // Something typed is not stored; other scripts read it off the form.
  get dirty() {
    return "unsaved" in this.form.dataset;
  }

  set dirty(is) {
    if (is) this.form.dataset.unsaved = "";
    else delete this.form.dataset.unsaved;
  }

  changed() {
    this.changes += 1;
    this.dirty = true;
    if (!this.failures) this.plan(AFTER_CHANGE);
  }

  plan(wait) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.save(), wait);
  }

  // Whether the form may be sent now, as far as is known: false while it would get lost.
  save(keepalive = false) {
    clearTimeout(this.timer);
    if (this.stopped) return Promise.resolve(this.stopped !== "closed");
    this.saving ??= this.attempt(keepalive).finally(() => (this.saving = null));
    return this.saving;
  }

  async attempt(keepalive) {
    const seen = this.changes;
    try {
      let response = await this.post(keepalive);
      if (refused(response)) {
        if (!(await renewTokens(this.form.dataset.page ?? location.pathname))) return this.failed(WORDS.signedOut);
        response = await this.post(keepalive);
      }
      return this.settle(response, seen);
    } catch {
      return this.failed(WORDS.again);
    }
  }

  post(keepalive) {
    const body = fields(this.form);
    return fetch(this.form.dataset.autosave, {
      method: "POST",
      body,
      keepalive: keepalive && body.toString().length < 60000,
      redirect: "manual",
    });
  }

  settle(response, seen) {
    if ([404, 409].includes(response.status)) {
      const why = response.status === 404 ? "closed" : "elsewhere";
      this.stop(why);
      this.say(WORDS[why]);
      return why !== "closed";
    }
    const invalid = [400, 413, 422].includes(response.status);
    if (!response.ok && !invalid) return this.failed(WORDS.again, response.status === 500);
    this.failures = 0;
    if (invalid) this.say(WORDS.invalid);
    else this.saved(response.headers.get("X-Autosave-Version"), seen);
    if (seen !== this.changes) this.plan(AFTER_CHANGE);
    return true;
  }

  saved(version, seen) {
    this.dirty = seen !== this.changes;
    if (version && this.form.elements.version) this.form.elements.version.value = version;
    this.say(`Saved ${clock()}`);
  }

  failed(text, maySend = false) {
    this.say(text);
    this.plan(RETRY[Math.min(this.failures, RETRY.length - 1)]);
    this.failures += 1;
    return maySend;
  }

  submitted(event) {
    if (event.defaultPrevented) return;
    if (!this.dirty || this.sending || this.stopped === "elsewhere") return this.leave();
    event.preventDefault();
    if (!this.checking) this.sendOnceSafe(event.submitter);
  }

  // A form that is sent while nobody is signed in is lost: what was typed is saved first, which finds that out.
  async sendOnceSafe(submitter) {
    this.checking = true;
    const safe = await this.save();
    this.checking = false;
    if (!safe) return;
    this.sending = true;
    this.form.requestSubmit(submitter);
    this.sending = false;
  }

  leave() {
    this.dirty = false;
    this.stop("sent");
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
