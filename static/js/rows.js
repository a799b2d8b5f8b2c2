// Lists of lines ([data-rows], drawn by templates/intake/rows.html): add and remove without a round trip.

function changed(list) {
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

function room(list) {
  return list.querySelectorAll(":scope > li").length < Number(list.dataset.limit);
}

function add(list) {
  const numbers = [...list.querySelectorAll(":scope > li [name]")].map((input) => Number(input.name.split("-")[1]) || 0);
  const next = String(Math.max(-1, ...numbers) + 1);
  const line = list.querySelector("template").content.firstElementChild.cloneNode(true);
  for (const node of line.querySelectorAll("[name], [id], [for], [value]")) {
    for (const name of ["name", "id", "for", "value"]) {
      const value = node.getAttribute(name);
      if (value?.includes("NUMBER")) node.setAttribute(name, value.replace("NUMBER", next));
    }
  }
  list.append(line);
  return line;
}

function focusFirst(line) {
  line?.querySelector("input, textarea, select")?.focus();
}

document.addEventListener("click", (event) => {
  const adder = event.target.closest("[data-rows-add]");
  const remover = event.target.closest("[data-row-remove]");
  if (adder) {
    const list = document.getElementById(adder.dataset.rowsAdd);
    if (!room(list)) return;
    event.preventDefault();
    focusFirst(add(list));
    adder.hidden = !room(list);
  } else if (remover) {
    event.preventDefault();
    const line = remover.closest("li");
    const list = line.parentElement;
    const neighbour = line.nextElementSibling ?? line.previousElementSibling;
    line.remove();
    focusFirst(neighbour?.matches("li") ? neighbour : add(list));
    const button = document.querySelector(`[data-rows-add="${list.id}"]`);
    if (button) button.hidden = !room(list);
    changed(list);
  }
});
