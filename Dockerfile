# One image for the web server, the task workers and beat; docker-compose.yml says what each runs.
FROM python:3.12-slim-bookworm

# What WeasyPrint loads, and a font for the letters it writes.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SECONDOP_DATA=/data STATIC_ROOT=/app/collected
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .

# The static files are part of the image; collecting them needs neither a key nor a database.
RUN SECONDOP_ENV=local python manage.py collectstatic --no-input \
    && useradd --uid 10001 --user-group --no-create-home secondop \
    && install -d -o secondop -g secondop -m 0700 /data
USER secondop
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "-c", "python:secondop.embedded.serving", "secondop.wsgi:application"]
