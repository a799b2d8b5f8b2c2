"""All addresses of the site, one include an app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from secondop.pages import errors

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("secondop.pages.urls")),
    path("accounts/", include("secondop.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("notices/", include("secondop.inbox.urls")),
    path("data/", include("secondop.exports.urls")),
    path("request/", include("intake.urls")),
    path("cases/", include("tracking.urls")),
    path("records/", include("records.urls")),
    path("", include("routing.urls")),
    path("review/", include("opinions.urls")),
    path("opinion/", include("delivery.urls")),
    path("demo/", include("secondop.demo.urls")),
    path("admin/", admin.site.urls),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler429 = errors.too_many
handler500 = errors.server_error
