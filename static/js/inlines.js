// Django's inlines.js numbers the names and ids of an object that it adds, but not what says which hint and error belong to a field.

document.addEventListener("formset:added", (event) => {
  const number = event.target.id.split("-").pop();
  for (const field of event.target.querySelectorAll("[aria-describedby]")) {
    field.setAttribute("aria-describedby", field.getAttribute("aria-describedby").replaceAll("__prefix__", number));
  }
});
