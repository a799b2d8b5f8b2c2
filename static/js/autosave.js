// <form method="post" data-autosave="URL"> is posted to URL one second after the last change; [data-autosave-status] says how it went.
// 204 saved (X-Autosave-Version: N goes into the field named version) · 422 not valid yet · 409 changed elsewhere.

const AFTER_CHANGE = 1000;
const RETRY = [2000, 5000, 10000, 30000];

const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function fields(form) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
  return body;
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]");
    this.dirty = false;
    this.stopped = false;
    this.failures = 0;
    form.addEventListener("input", () => this.changed());
    form.addEventListener("submit", (event) => event.defaultPrevented || this.stop());
    addEventListener("beforeunload", (event) => this.dirty && event.preventDefault());
    addEventListener("online", () => this.dirty && this.save());
    document.addEventListener("visibilitychange", () => document.hidden && this.dirty && this.save(true));
    addEventListener("pagehide", () => this.dirty && this.save(true));
    addEventListener("pageshow", (event) => event.persisted && (this.stopped = false));
  }

  say(text) {
    if (this.status && this.status.textContent !== text) this.status.textContent = text;
  }

  stop() {
    clearTimeout(this.timer);
    this.dirty = false;
    this.stopped = true;
  }

  changed() {
    if (this.stopped) return;
    this.dirty = true;
    this.plan(AFTER_CHANGE);
  }

  plan(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save(keepalive = false) {
    clearTimeout(this.timer);
    if (this.stopped || this.saving) return;
    this.saving = true;
    this.dirty = false;
    try {
      this.settle(await this.post(keepalive));
    } catch {
      this.failed();
    }
    this.saving = false;
    if (this.dirty && !this.failures && !this.stopped) this.plan(AFTER_CHANGE);
  }

  post(keepalive) {
    const body = fields(this.form);
    return fetch(this.form.dataset.autosave, {
      method: "POST",
      body,
      headers: { "X-Autosave": "1" },
      keepalive: keepalive && body.toString().length < 60000,
      redirect: "manual",
    });
  }

  settle(response) {
    if (response.status === 409) {
      this.stop();
      this.say("Not saved: this was changed in another window. Copy your text, then load the page again.");
    } else if (response.type === "opaqueredirect" || response.status === 403) {
      this.dirty = true;
      this.say("Not saved: you are signed out. Sign in again in another window. Your text stays here.");
    } else if ([400, 413, 422].includes(response.status)) {
      this.say("Not saved yet: an answer needs another look.");
    } else if (response.ok) {
      this.saved(response.headers.get("X-Autosave-Version"));
    } else {
      this.failed();
    }
  }

  saved(version) {
    this.failures = 0;
    if (version && this.form.elements.version) this.form.elements.version.value = version;
    this.say(`Saved ${clock()}`);
  }

  failed() {
    this.dirty = true;
    this.say("Not saved. We keep trying.");
    this.plan(RETRY[Math.min(this.failures, RETRY.length - 1)]);
    this.failures += 1;
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
