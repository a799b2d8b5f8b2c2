// Says some time before the session ends that it will ([data-session]), lets its person stay, and covers the page once it has ended.
// Only the server knows when that is: it is asked, which counts as nothing done, and another window may have moved the end.

import { hasUnsent, renewTokens } from "./forms.js";

const SOON = 10000; // while it is said, and after a lost connection
const LONGEST = 2 ** 31 - 1;
const STEPS = [120, 60, 30, 10]; // seconds left, at which it is said again
const WORDS = {
  warning: ["Are you still there?", "For your safety we sign you out in less than TIME. What you typed stays."],
  last: ["Please sign in again soon", "You have been signed in for a long time. We sign you out in less than TIME. Please save what you are writing."],
  over: ["You are signed out", "What you typed is still on this page. Sign in again in a new window, then come back here."],
  other: ["Somebody else is signed in", "This page is not theirs, so we hide it. Sign in as yourself in a new window, then come back here."],
};

function inWords(seconds) {
  const step = STEPS.findLast((each) => seconds <= each) ?? seconds;
  const [figure, unit] = step < 60 ? [step, "second"] : [Math.ceil(step / 60), "minute"];
  return `${figure} ${unit}${figure === 1 ? "" : "s"}`;
}

class Session {
  constructor(dialog) {
    const { session, seconds, warning, who } = dialog.dataset;
    Object.assign(this, { dialog, url: session, who, warning: Number(warning) });
    this.others = new BroadcastChannel("session");
    this.others.addEventListener("message", () => this.ask());
    this.find = (name) => dialog.querySelector(name);
    this.find("form").addEventListener("submit", (event) => this.stay(event));
    this.find("[data-close] button").addEventListener("click", () => this.dismiss());
    dialog.addEventListener("cancel", (event) => (this.isOver ? event.preventDefault() : this.dismiss()));
    dialog.addEventListener("close", () => this.isOver && dialog.showModal()); // Escape a few times: browsers let nobody prevent that
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
    addEventListener("pageshow", (event) => event.persisted && this.ask());
    this.know({ seconds: Number(seconds), is_last: "last" in dialog.dataset, who });
  }

  get left() {
    return Math.max(0, Math.round((this.end - Date.now()) / 1000));
  }

  async ask(body) {
    clearTimeout(this.timer);
    try {
      const options = { method: body ? "POST" : "GET", body, headers: { Accept: "application/json" }, redirect: "manual" };
      const answer = await fetch(this.url, options);
      if (answer.type === "opaqueredirect" || answer.status === 403) return this.over("over");
      if (!answer.ok) return this.plan(SOON);
      const known = await answer.json();
      if (known.who !== this.who) return this.over("other");
      if (this.isOver) await this.back();
      return this.know(known);
    } catch {
      return this.plan(SOON);
    }
  }

  know({ seconds, is_last: isLast }) {
    this.end = Date.now() + seconds * 1000;
    this.isLast = isLast;
    if (seconds > this.warning) {
      this.dismissed = false;
      this.close();
      return this.plan((seconds - this.warning) * 1000);
    }
    if (!this.dismissed) this.warn();
    return this.plan(Math.min(SOON, Math.max(1, seconds) * 1000));
  }

  plan(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), Math.min(wait, LONGEST));
  }

  warn() {
    this.show(this.isLast ? "last" : "warning");
    this.ticking ??= setInterval(() => this.isOver || this.show(this.isLast ? "last" : "warning"), 1000);
  }

  show(what) {
    const [title, text] = WORDS[what];
    this.say("[data-title]", title);
    this.say("[data-text]", text.replace("TIME", inWords(this.left)));
    this.find("form").hidden = what !== "warning";
    this.find("[data-close]").hidden = what !== "last";
    this.find("[data-sign-in]").hidden = what !== "over" && what !== "other";
    if (!this.dialog.open) this.dialog.showModal();
    else if (what !== this.shown) this.find(":scope > :not([hidden]) > :is(a, button)").focus(); // what had the focus may be hidden now
    this.shown = what;
  }

  say(place, text) {
    if (this.find(place).textContent !== text) this.find(place).textContent = text;
  }

  close() {
    clearInterval(this.ticking);
    this.ticking = null;
    this.dialog.close();
  }

  dismiss() {
    this.dismissed = true;
    this.close();
  }

  stay(event) {
    event.preventDefault();
    this.ask(new URLSearchParams(new FormData(event.target))).then(() => this.others.postMessage("stay"));
  }

  // What was not stored stays on the page, which nobody can read meanwhile; a page that holds nothing of the sort is left.
  over(what) {
    if (!this.isOver && !hasUnsent()) return location.assign(location.pathname + location.search);
    clearInterval(this.ticking);
    this.ticking = null;
    this.isOver = true;
    this.dialog.classList.add("is-over");
    this.show(what);
    return this.plan(SOON);
  }

  async back() {
    await renewTokens(this.url);
    this.isOver = false;
    this.dialog.classList.remove("is-over");
  }
}

const dialog = document.querySelector("[data-session]");
if (dialog) new Session(dialog);
