"""A passkey: added, then used to sign in alone and as a second factor, on a virtual authenticator of Chromium's."""

from tests.journeys.conftest import STAFF_PASSWORD, Person

# An account for each try: whoever has a passkey already cannot sign in without it. No other journey signs in as one of these.
ACCOUNTS = iter(("specialist6@demo.example", "specialist5@demo.example", "specialist7@demo.example"))
# A laptop that asks for a finger or a face, and gets it at once.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def sign_out(person: Person) -> None:
    """Sign out, and be at the page to sign in."""
    person.page.goto("/accounts/logout/")
    person.press("Sign out")
    person.page.goto("/offers/")
    assert "/login/" in person.page.url


def is_at_work(person: Person) -> bool:
    """Whether the specialist's own page opens."""
    person.page.goto("/offers/")
    return person.page.url.endswith("/offers/")


def test_a_passkey_signs_in_alone_and_after_the_password(chromium, site):
    email = next(ACCOUNTS)
    specialist = Person(chromium, site).sign_in(email)
    page, device = specialist.page, specialist.context.new_cdp_session(specialist.page)
    device.send("WebAuthn.enable")
    key = {"authenticatorId": device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]}

    page.goto("/accounts/2fa/webauthn/add/")
    specialist.fill(password=STAFF_PASSWORD)
    specialist.press("Go on")
    specialist.fill(name="My laptop")
    specialist.press("Add it")
    page.goto("/accounts/2fa/webauthn/")
    assert "My laptop" in specialist.text
    (added,) = device.send("WebAuthn.getCredentials", key)["credentials"]
    assert (added["rpId"], added["isResidentCredential"]) == ("localhost", True)

    sign_out(specialist)
    specialist.press("Sign in with a passkey")
    assert is_at_work(specialist)

    sign_out(specialist)
    specialist.sign_in(email)
    assert not is_at_work(specialist), "the password alone is no longer enough"
    specialist.press("Use a passkey")
    assert is_at_work(specialist)
    (used,) = device.send("WebAuthn.getCredentials", key)["credentials"]
    assert used["signCount"] == added["signCount"] + 2

    sign_out(specialist)
    device.send("WebAuthn.clearCredentials", key)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("The passkey was not used. You can try again, or sign in with your password.").wait_for()
    assert specialist.complaints == []
    specialist.context.close()
