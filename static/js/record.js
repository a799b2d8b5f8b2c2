// The page of one record: arrow keys turn pages, + and - change the size, f fits it; without a script the links do the same.

const sizes = [...document.querySelectorAll(".viewer-zoom a")];

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

function turn(way) {
  document.querySelector(`[data-viewer] a[rel="${way}"]`)?.click();
}

function resize(step) {
  const at = sizes.findIndex((link) => link.hasAttribute("aria-current"));
  const next = step === 0 ? 0 : Math.min(Math.max(at + step, 0), sizes.length - 1);
  if (next !== at) sizes[next].click();
}

const acts = {
  ArrowLeft: () => turn("prev"),
  ArrowRight: () => turn("next"),
  PageUp: () => turn("prev"),
  PageDown: () => turn("next"),
  "+": () => resize(1),
  "-": () => resize(-1),
  f: () => resize(0),
};

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
  const page = event.target.closest(".viewer-page");
  const scrolls = page && page.scrollWidth > page.clientWidth; // the arrows belong to a picture that is wider than its frame
  if (scrolls && event.key.startsWith("Arrow")) return;
  acts[event.key]?.();
});
