// <form method="post" data-autosave="URL"> is posted to URL one second after the last change; [data-autosave-status] says how it went.
// Where it has sections ([data-part], templates/components/fold.html), only those that changed are posted, with the names of their fields as
// `only`, and each says in a line of its own how it went; then the event "autosaved" comes from it.
// 204 saved (X-Autosave-Version: N goes into the field named version) · 422 not valid yet (as JSON: what is wrong, by field; the rest is
// stored) · 409 changed elsewhere · 404 closed meanwhile.
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

const partOf = (node) => node.closest("[data-part]");

const named = (field) => field.name && field.type !== "submit";

// What is posted of the form: all of it, or of its sections only those in `places`.
function fields(form, places) {
  const body = new URLSearchParams();
  const whole = places.has(form);
  const only = new Set();
  const resting = new Set();
  for (const field of [...form.elements].filter(named)) {
    const part = partOf(field);
    if (whole || !part) continue;
    if (places.has(part)) only.add(field.name.replace(/-\d+-.*/, ""));
    else resting.add(field.name);
  }
  for (const [name, value] of new FormData(form)) if (typeof value === "string" && !resting.has(name)) body.append(name, value);
  for (const name of only) body.append("only", name);
  return body;
}

const refused = (response) => response.type === "opaqueredirect" || response.status === 403;

class Autosave {
  constructor(form) {
    this.form = form;
    this.places = new Set(); // the sections that hold something unsaved; the form itself where it has none
    this.changes = 0;
    this.stopped = false; // nothing is saved from here any more
    this.failures = 0;
    form.addEventListener("input", (event) => this.changed(partOf(event.target) ?? form));
    form.addEventListener("submit", (event) => this.submitted(event));
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
    addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("visibilitychange", () => this.dirty && this.save(document.hidden));
    addEventListener("pagehide", () => this.dirty && this.save(true));
    addEventListener("pageshow", (event) => event.persisted && this.stopped === "sent" && (this.stopped = false));
  }

  say(text, places = this.places) {
    const lines = [...this.form.querySelectorAll("[data-autosave-status]")];
    for (const place of places) {
      const line = lines.find((found) => (partOf(found) ?? this.form) === place);
      if (line && line.textContent !== text) line.textContent = text;
    }
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

  changed(place) {
    this.changes += 1;
    this.places.add(place);
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
    const sent = this.places;
    this.places = new Set();
    try {
      let response = await this.post(sent, keepalive);
      if (refused(response)) {
        if (!(await renewTokens(this.form.dataset.page ?? location.pathname))) return this.failed(WORDS.signedOut, sent);
        response = await this.post(sent, keepalive);
      }
      return await this.settle(response, seen, sent);
    } catch {
      return this.failed(WORDS.again, sent);
    }
  }

  post(places, keepalive) {
    const body = fields(this.form, places);
    return fetch(this.form.dataset.autosave, {
      method: "POST",
      body,
      keepalive: keepalive && body.toString().length < 60000,
      redirect: "manual",
    });
  }

  async settle(response, seen, sent) {
    if ([404, 409].includes(response.status)) {
      const why = response.status === 404 ? "closed" : "elsewhere";
      this.keep(sent);
      this.stop(why);
      this.say(WORDS[why]);
      return why !== "closed";
    }
    const invalid = [400, 413, 422].includes(response.status);
    if (!response.ok && !invalid) return this.failed(WORDS.again, sent, response.status === 500);
    this.failures = 0;
    const left = invalid ? await this.wrong(response, sent) : new Set();
    this.saved(response.headers.get("X-Autosave-Version"), [...sent].filter((place) => !left.has(place)));
    if (seen !== this.changes) this.plan(AFTER_CHANGE);
    return true;
  }

  // Says what could not be saved where the answer names it by field, and gives the sections that hold it: the others are saved.
  async wrong(response, sent) {
    const faults = response.headers.get("Content-Type") === "application/json" ? await response.json() : {};
    const left = new Set();
    for (const [name, text] of Object.entries(faults)) {
      const field = [...this.form.elements].find((found) => found.name === name || found.name?.startsWith(`${name}-`));
      const place = field ? (partOf(field) ?? this.form) : null;
      if (!sent.has(place) || left.has(place)) continue;
      left.add(place);
      this.say(`Not saved yet. ${text}`, [place]);
    }
    if (!left.size) {
      for (const place of sent) left.add(place);
      this.say(WORDS.invalid, sent);
    }
    this.keep(left);
    return left;
  }

  keep(places) {
    for (const place of places) this.places.add(place);
  }

  saved(version, places) {
    this.dirty = this.places.size > 0;
    if (version && this.form.elements.version) this.form.elements.version.value = version;
    this.say(`Saved ${clock()}`, places);
    for (const place of places) place.dispatchEvent(new CustomEvent("autosaved", { bubbles: true }));
  }

  failed(text, sent, maySend = false) {
    this.keep(sent);
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
    this.places.clear();
    this.dirty = false;
    this.stop("sent");
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
