// Sends files by tus: a few at a time, again after a while when the line breaks, and from where they broke off, another day too.

const AT_ONCE = 4;
const ASKED_AT_ONCE = 200;
const SMALL = 8 * 1024 * 1024; // goes along with the request that announces it
const EDGE = 64 * 1024; // of a file, read to know it again
const RETRY_AFTER = [0, 1000, 3000, 5000, 10000, 20000, 40000];

let library;

// tus-js-client is no module: it is loaded once, when the first file is sent.
function load(url) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.addEventListener("load", () => resolve(window.tus));
    script.addEventListener("error", () => {
      library = undefined;
      reject(new Error("the library did not load"));
    });
    document.head.append(script);
  });
  return library;
}

// The same for the same file on the same device; nothing where the browser cannot say (a page without https).
async function fingerprint(file) {
  if (!crypto.subtle) return "";
  const told = JSON.stringify([file.name, file.size, file.lastModified]);
  const bytes = await new Blob([told, file.slice(0, EDGE), file.slice(Math.max(0, file.size - EDGE))]).arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isWorthATry(error) {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 423 || status >= 500 || (status === 409 && error.originalRequest.getMethod() === "PATCH");
}

// One choice of files on its way. `changed` is called whenever something has come; `stop` ends it, and what came stays.
export class Sending {
  constructor(form, files, changed) {
    const { tus, known, library: url } = form.dataset;
    Object.assign(this, { form, changed, urls: { tus, known, library: url } });
    this.waiting = [...files];
    this.total = files.reduce((sum, file) => sum + file.size, 0);
    this.count = files.length;
    this.active = new Map(); // file → { upload, sent }
    this.sent = 0;
    this.done = [];
    this.known = [];
    this.failed = []; // { file, status, words }
  }

  get loaded() {
    return [...this.active.values()].reduce((sum, { sent }) => sum + sent, this.sent);
  }

  get token() {
    return this.form.elements.csrfmiddlewaretoken.value;
  }

  // Resolves when nothing is left to send, or it was stopped.
  async run() {
    this.tus = await load(this.urls.library);
    while (this.waiting.length && !this.isStopped) {
      const some = await this.identify(this.waiting.splice(0, ASKED_AT_ONCE));
      await Promise.all(Array.from({ length: AT_ONCE }, () => this.work(some)));
      this.waiting.unshift(...some.map(({ file }) => file));
    }
  }

  // Asks which of the files are here already, and how much of others.
  async identify(files) {
    const some = [];
    for (const file of files) some.push({ file, mark: await fingerprint(file) });
    const body = new URLSearchParams(some.map(({ mark }) => ["fingerprint", mark]));
    const answer = await fetch(this.urls.known, { method: "POST", body, headers: { "X-CSRFToken": this.token }, redirect: "manual" });
    const here = answer.ok ? await answer.json() : {};
    for (const { file } of some.filter(({ mark }) => here[mark] === "")) this.end(file, this.known);
    return some.filter(({ mark }) => here[mark] !== "").map((one) => ({ ...one, url: here[one.mark] }));
  }

  async work(some) {
    while (some.length && !this.isStopped) {
      await this.whilePaused();
      if (!this.isStopped && some.length) await this.send(some.shift());
    }
  }

  send({ file, mark, url }) {
    return new Promise((resolve) => {
      const state = { sent: 0, resolve };
      state.upload = new this.tus.Upload(file, {
        endpoint: this.urls.tus,
        uploadUrl: url ?? null,
        uploadDataDuringCreation: !url && file.size <= SMALL,
        metadata: { filename: file.name, ...(mark && { fingerprint: mark }) },
        storeFingerprintForResuming: false,
        retryDelays: RETRY_AFTER,
        onShouldRetry: isWorthATry,
        onBeforeRequest: (request) => request.setHeader("X-CSRFToken", this.token),
        onProgress: (sent) => {
          state.sent = sent;
          this.changed();
        },
        onSuccess: () => resolve(this.end(file, this.done)),
        onError: (error) => resolve(this.fail(file, error)),
      });
      this.active.set(file, state);
      state.upload.start();
    });
  }

  end(file, list) {
    this.active.delete(file);
    this.sent += file.size;
    list.push(file);
    this.changed();
  }

  fail(file, error) {
    const status = error.originalResponse?.getStatus() ?? 0;
    this.active.delete(file);
    this.failed.push({ file, status, words: error.originalResponse?.getBody() ?? "" });
    if ([0, 401, 403, 404, 409, 429, 507].includes(status)) this.stop(); // the next ones would fare no better
    this.changed();
  }

  whilePaused() {
    return this.isPaused ? new Promise((resolve) => (this.resumed = [...(this.resumed ?? []), resolve])) : null;
  }

  pause() {
    this.isPaused = true;
    for (const { upload } of this.active.values()) upload.abort();
  }

  goOn() {
    this.isPaused = false;
    for (const { upload } of this.active.values()) upload.start();
    for (const resolve of this.resumed ?? []) resolve();
    this.resumed = [];
  }

  stop() {
    this.isStopped = true;
    for (const [file, { upload, resolve }] of this.active) {
      upload.abort();
      this.waiting.push(file);
      resolve();
    }
    this.active.clear();
    this.goOn();
  }

  // What was chosen and is neither here nor refused.
  get left() {
    const again = this.failed.filter(({ status }) => [0, 401, 403, 429, 507].includes(status) || status >= 500);
    return [...this.waiting, ...again.flatMap(({ file }) => file ?? [])];
  }
}
