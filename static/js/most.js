// "Choose up to three" ([data-most] on the check boxes, [data-most-own] on the field for own words): says how many are chosen, and kindly when
// there are too many. The server asks the same when the screen is to be complete.

const boxes = [...document.querySelectorAll("input[type=checkbox][data-most]")];
const own = document.querySelector("[data-most-own]");
const most = Number(boxes[0]?.dataset.most);
const line = document.querySelector("[data-most-line]");

function words(count) {
  if (count > most) return `You chose ${count}. All of them matter. Which ${most} come first? Please take the others off.`;
  return count === 0 ? "" : `${count} of ${most} chosen.`;
}

function show() {
  const chosen = boxes.filter((box) => box.checked && box.value !== "unsure").length + (own?.value.trim() ? 1 : 0);
  const text = words(chosen);
  if (line.textContent !== text) line.textContent = text;
  line.classList.toggle("most-over", chosen > most);
}

if (boxes.length) {
  boxes[0].closest("[data-part]").addEventListener("input", show);
  show();
}
