// How values become gray levels (DICOM PS3.3, C.11.2), by the same rules as requests/records/viewer/voi.py. A view is a window with its
// function, or a table: then its levels are those of the whole values around its center.

export function viewOf([name, func, center, width, packed]) {
  const levels = func === "table" ? Uint8Array.from(atob(packed), (each) => each.charCodeAt(0)) : null;
  return { name, func, center, width, levels };
}

// Gives a function from a value to its level, 0 to 255.
export function levelsOf({ func, center, width, levels }) {
  if (func === "table") {
    const first = center - width / 2;
    return (value) => levels[Math.min(width - 1, Math.max(0, Math.round(value - first)))];
  }
  if (func === "sigmoid") return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
  const isLinear = func === "linear" && width >= 1;
  const [middle, size] = isLinear ? [center - 0.5, width - 1] : [center, width];
  if (!size) return (value) => (value > middle ? 255 : 0);
  return (value) => Math.min(1, Math.max(0, (value - middle) / size + 0.5)) * 255;
}

// The window to go on from by hand: a table's own range, anything else by its function.
export function windowOf({ func, center, width }) {
  return { func: func === "table" ? "exact" : func, center, width };
}
