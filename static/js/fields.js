// Password fields get a button that shows what is typed; long answers say how much room is left once it gets tight; who makes an account
// brings along the time zone of their device ([data-zone]).

const TIGHT = 0.1; // of the limit
const QUIET = 500; // milliseconds without a key before it is said

function showable(input) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "field-show";
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
  };
  button.addEventListener("click", () => set(input.type === "password"));
  input.form?.addEventListener("submit", () => set(false));
  input.after(button);
  set(false);
}

// The server counts a line break as two characters, as the browser sends it.
const left = (area) => area.maxLength - area.value.replaceAll("\n", "\r\n").length;

function words(count) {
  const figure = `${Math.abs(count)} character${Math.abs(count) === 1 ? "" : "s"}`;
  return count < 0 ? `${figure} too many` : `${figure} left`;
}

function counted(area) {
  let line = area.nextElementSibling;
  if (!line?.matches(".field-count")) {
    if (left(area) > area.maxLength * TIGHT) return;
    line = document.createElement("p");
    line.className = "field-count";
    line.setAttribute("role", "status");
    area.after(line);
  }
  clearTimeout(area.countTimer);
  area.countTimer = setTimeout(() => {
    line.textContent = left(area) > area.maxLength * TIGHT ? "" : words(left(area));
  }, QUIET);
}

for (const input of document.querySelectorAll(".field-password input")) showable(input);

document.addEventListener("input", (event) => {
  if (event.target.matches("textarea[maxlength]")) counted(event.target);
});
for (const field of document.querySelectorAll("input[data-zone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
