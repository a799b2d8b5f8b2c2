"""Our words for what allauth says: plain data, read by the settings, the adapters and the forms in worded.py."""

# By allauth's own label; what is missing here is worded well already.
LABELS = {
    "Email": "E-mail address",
    "Current Password": "Your password now",
    "New Password": "New password",
    "New Password (again)": "New password once more",
    "Password (again)": "Password once more",
    "Authenticator code": "Code from the app",
}
ACCOUNT_ERRORS = {
    "account_inactive": "This account is closed.",
    "email_password_mismatch": "This address and this password do not go together. Please check both.",
    "email_taken": "Another account uses this address. Please choose another one.",
    "duplicate_email": "This is your address already.",
    "enter_current_password": "This is not your password now. Please type it again.",
    "incorrect_code": "This code does not fit. Please check it, or ask for a new one.",
    "incorrect_password": "This is not your password. Please type it again.",
    "max_email_addresses": "An account has one address. Please confirm the new one first.",
    "too_many_login_attempts": "There were too many tries. Please wait a few minutes, then try again.",
    "same_as_current": "This is what you have now. Please type another one.",
    "rate_limited": "That was a lot at once. Please wait a few minutes, then try again.",
}
MFA_ERRORS = {
    "incorrect_code": "This code does not fit. Please wait for the next one and type that.",
}
ACCOUNT_FORMS = {
    "login": "secondop.accounts.worded.Login",
    "signup": "secondop.accounts.worded.Signup",
    "add_email": "secondop.accounts.worded.ChangeEmail",
    "change_email": "secondop.accounts.worded.CorrectEmail",
    "confirm_email_verification_code": "secondop.accounts.worded.EmailCode",
    "change_password": "secondop.accounts.worded.ChangePassword",
    "set_password": "secondop.accounts.worded.SetPassword",
    "reset_password": "secondop.accounts.worded.ForgottenPassword",
    "reset_password_from_key": "secondop.accounts.worded.NewPassword",
    "reauthenticate": "secondop.accounts.worded.Reauthenticate",
}
MFA_FORMS = {
    "authenticate": "secondop.accounts.worded.SecondStep",
    "reauthenticate": "secondop.accounts.worded.SecondStepAgain",
    "activate_totp": "secondop.accounts.worded.ActivateApp",
    "edit_webauthn": "secondop.accounts.worded.RenamePasskey",
}
