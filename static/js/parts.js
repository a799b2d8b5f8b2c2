// Sections that open and save by themselves (templates/components/fold.html): a link to something in a closed one opens it, and what a
// section says of its own answers ([data-fresh], an address) is fetched anew when they were saved. What is saved is begun, and is called so.

function reveal() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  const part = target && target.closest("details[data-part]");
  if (!part || part.open) return;
  part.open = true;
  target.scrollIntoView();
}

// What is being asked for each place: the answer to an older question may come last, and says what was true then.
const asking = new WeakMap();

async function renew(place) {
  asking.get(place)?.abort();
  const question = new AbortController();
  asking.set(place, question);
  try {
    const answer = await fetch(place.dataset.fresh, { redirect: "manual", signal: question.signal });
    if (answer.ok) place.innerHTML = await answer.text();
  } catch {
    // A later question took its place; or the connection is gone: the autosave says so, and the next save asks again.
  }
}

function begin(place) {
  const tag = place.querySelector(":scope > summary .tag-neutral");
  if (!tag) return;
  tag.textContent = "In progress";
  tag.classList.replace("tag-neutral", "tag-info");
}

addEventListener("hashchange", reveal);
document.addEventListener("autosaved", ({ target }) => {
  begin(target);
  target.querySelectorAll("[data-fresh]").forEach(renew);
});
reveal();
