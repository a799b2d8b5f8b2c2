// Says in words when a passkey did not work; allauth tells us by an event.

const words = {
  NotAllowedError: "The passkey was not used. You can try again, or sign in with your password.",
  InvalidStateError: "This passkey is already set up for your account.",
  SecurityError: "Passkeys do not work at this address. Please use the address your organization gave you.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.querySelector("[data-passkey-error]");
  if (!place) return;
  place.textContent = words[event.detail.exception?.name] ?? "The passkey did not work. Please try again.";
  place.hidden = false;
  (document.querySelector(".entrance-card .actions, .manage-content .actions") ?? place.parentElement).after(place);
});
