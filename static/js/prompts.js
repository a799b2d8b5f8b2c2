// Questions that others ask ([data-prompts]): shows those of the chosen field of medicine, and puts one into an empty line.

const box = document.querySelector("[data-prompts]");
const choice = box && document.getElementById(box.dataset.prompts);

function show() {
  const groups = [...box.querySelectorAll("[data-specialty]")];
  const chosen = groups.some((group) => group.dataset.specialty === choice.value);
  for (const group of groups) group.hidden = chosen && group.dataset.specialty !== choice.value;
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

if (choice) {
  for (const item of box.querySelectorAll("li")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "prompt";
    button.textContent = item.textContent;
    button.addEventListener("click", () => use(button.textContent));
    item.replaceChildren(button);
  }
  choice.addEventListener("change", show);
  show();
}
