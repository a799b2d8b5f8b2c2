// Questions that others ask ([data-prompts]): shows those that fit the chosen reason and field of medicine, and puts one into an empty line.

const box = document.querySelector("[data-prompts]");
const form = box?.closest("form");

function show() {
  const chosen = { reason: form.elements.reason.value, specialty: form.elements.specialty.value };
  const fits = (group) => ["reason", "specialty"].every((key) => ["", chosen[key]].includes(group.dataset[key]));
  const groups = [...box.querySelectorAll("[data-reason]")];
  const any = groups.some(fits);
  for (const group of groups) group.hidden = any && !fits(group);
}

function use(text) {
  const lines = () => [...document.querySelectorAll("textarea[name^=questions-]")];
  let empty = lines().find((line) => !line.value.trim());
  if (!empty) {
    document.querySelector("[data-rows-add=id_questions_0]:not([hidden])")?.click();
    empty = lines().find((line) => !line.value.trim());
  }
  if (!empty) return;
  empty.value = text;
  empty.focus();
  empty.dispatchEvent(new Event("input", { bubbles: true }));
}

if (box) {
  for (const item of box.querySelectorAll("li")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "prompt";
    button.textContent = item.textContent;
    button.addEventListener("click", () => use(button.textContent));
    item.replaceChildren(button);
  }
  form.addEventListener("change", show);
  show();
}
