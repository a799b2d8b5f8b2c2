// The reading room: a divider between the case and the write-up, and keys that jump. Without this script the panes keep their set widths.

const NARROWEST = 22;
const WIDEST = 60;
const STEP = 2;
const QUIET = "room-shortcuts-off";

const room = document.querySelector(".room");
const keys = document.getElementById("shortcuts");

function widen(divider, percent) {
  const width = Math.min(WIDEST, Math.max(NARROWEST, Math.round(percent)));
  room.style.setProperty("--room-case", `${width}%`);
  divider.setAttribute("aria-valuenow", width);
}

function makeDivider() {
  const divider = document.createElement("div");
  divider.className = "room-divider";
  divider.tabIndex = 0;
  const facts = { role: "separator", "aria-orientation": "vertical", "aria-label": "Width of the case", "aria-controls": "room-case" };
  Object.assign(facts, { "aria-valuemin": NARROWEST, "aria-valuemax": WIDEST });
  for (const [name, value] of Object.entries(facts)) divider.setAttribute(name, value);
  divider.addEventListener("keydown", (event) => {
    const turn = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (!turn) return;
    event.preventDefault();
    widen(divider, Number(divider.getAttribute("aria-valuenow")) + turn);
  });
  divider.addEventListener("pointerdown", (event) => divider.setPointerCapture(event.pointerId));
  divider.addEventListener("pointermove", (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const box = room.getBoundingClientRect();
    widen(divider, ((event.clientX - box.left) / box.width) * 100);
  });
  room.firstElementChild.after(divider);
  widen(divider, 38);
}

function go(id) {
  const target = document.getElementById(id);
  target?.scrollIntoView({ block: "nearest" });
  target?.focus();
}

function save() {
  const button = document.querySelector("#writeup [value=stay]");
  if (button) button.form.requestSubmit(button);
}

// By the place of the key: on a Mac, Option and 1 arrive as "¡".
const withAlt = { Digit1: () => go("room-questions"), Digit2: () => go("room-records"), Digit3: () => go("room-text") };

function pressed(event) {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.altKey && !event.ctrlKey && withAlt[event.code]) {
    event.preventDefault();
    withAlt[event.code]();
  } else if ((event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    save();
  } else if (event.key === "?" && !typing && !keys.open && !localStorage.getItem(QUIET)) {
    keys.showModal();
  }
}

if (room) makeDivider();
if (keys) {
  document.addEventListener("keydown", pressed);
  for (const opener of document.querySelectorAll("[data-opens=shortcuts]")) opener.hidden = false;
  const quiet = document.getElementById("shortcuts-quiet");
  quiet.checked = Boolean(localStorage.getItem(QUIET));
  quiet.addEventListener("change", () => (quiet.checked ? localStorage.setItem(QUIET, "yes") : localStorage.removeItem(QUIET)));
}
