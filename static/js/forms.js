// Every form: the error summary takes the focus; a form that was sent is not sent a second time by a double click.

const AGAIN_AFTER = 8000; // a lost connection must not lock the form

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[type=submit][aria-disabled]")) button.removeAttribute("aria-disabled");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  setTimeout(release, AGAIN_AFTER, form);
});

// The page comes back from the browser's memory: its forms may be used again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) release(form);
});

const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
  document.title = `Please check: ${document.title}`;
}
