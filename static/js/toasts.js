// [data-toasts]: said once in the live region, because what a page brings along is not announced; a button puts a toast away.

const AFTER_LOAD = 300;
const READ = 10000;

const place = document.querySelector("[data-toasts]");
const status = document.querySelector("[data-toast-status]");

for (const toast of document.querySelectorAll("[data-toast]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast-close";
  button.setAttribute("aria-label", "Put this message away");
  button.addEventListener("click", () => {
    toast.remove();
    document.getElementById("main")?.focus({ preventScroll: true });
  });
  toast.append(button);
}

if (place?.childElementCount) {
  const said = [...place.children].map((each) => each.textContent.trim()).join(" ");
  setTimeout(() => (status.textContent = said), AFTER_LOAD);
  setTimeout(() => (status.textContent = ""), AFTER_LOAD + READ);
}
