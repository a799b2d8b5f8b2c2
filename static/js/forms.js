// Every form: the error summary takes the focus; a form that was sent is not sent a second time by a double click; who leaves a page
// with words in a form that was not sent is asked first; what scripts send goes out under a token that still holds.

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

// A form with autosave asks by itself (autosave.js). What came back with an error was never stored, although it is typed already.
function isUnsent(area) {
  const { form } = area;
  if (!form || form.method !== "post" || form.dataset.autosave || form.dataset.sent) return false;
  return area.value !== area.defaultValue || (area.value !== "" && form.querySelector("[data-error-summary]") !== null);
}

addEventListener("beforeunload", (event) => {
  if ([...document.querySelectorAll("textarea")].some(isUnsent)) event.preventDefault();
});

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "select-one" || field.type === "select-multiple") return false; // a choice is quickly made again
  return field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
}

// Whether something on this page would be lost with it.
export function hasUnsent() {
  return [...document.querySelectorAll("form[method=post]")].some((form) => {
    if (form.dataset.autosave) return "unsaved" in form.dataset;
    return [...form.elements].some((field) => isChanged(field) || (field.matches("textarea") && isUnsent(field)));
  });
}

// Whoever signed in again in another window has a new CSRF token: all forms of this page get it from the page at `url`.
// Gives that page back as a document, or null to somebody who is signed out.
export async function renewTokens(url, signal) {
  const answer = await fetch(url, { redirect: "manual", signal });
  if (answer.type === "opaqueredirect") return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (token) for (const input of document.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token;
  return page;
}

const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
  document.title = `Please check: ${document.title}`;
}
