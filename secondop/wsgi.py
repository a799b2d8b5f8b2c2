"""The WSGI application that gunicorn serves; a production installation that is set up wrongly does not start."""

import os

from django.core.wsgi import get_wsgi_application

from secondop.web.checks import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "secondop.settings")

application = get_wsgi_application()
refuse_to_start()
