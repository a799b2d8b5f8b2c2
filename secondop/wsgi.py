"""The WSGI application that gunicorn serves; a production installation that is set up wrongly does not start."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from secondop.web.checks import refuse_to_start
from secondop.web.lines import watched
from secondop.web.straight import straight

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secondop.settings")


class Request(WSGIRequest):
    """A request whose Content-Type may be nonsense."""

    def _set_content_type_params(self, meta: dict[str, str]) -> None:
        """Read the Content-Type; one that cannot be read is empty, and ``ResponseRules`` refuses it."""
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # the stubs do not know it
        except ValueError:
            self.content_type, self.content_params = "", {}


class Application(WSGIHandler):
    """Django's, with such requests, and with bodies that do not keep a thread for ever."""

    request_class = Request

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["wsgi.input"] = straight(environ["wsgi.input"])
        return super().__call__(watched(environ), start_response)


django.setup(set_prefix=False)
application = Application()
refuse_to_start()
