# The production image: panel, workers, beat and the demo sandbox. Debian slim, because the wheels need glibc.
FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements-production.lock /tmp/requirements.lock
# Every file is checked against the hash in the lock; no development tools, no embedded servers.
RUN /opt/venv/bin/pip install --no-deps --require-hashes --requirement /tmp/requirements.lock \
    && /opt/venv/bin/pip uninstall --yes pip

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    JETSYNC_STATIC_ROOT=/app/staticfiles JETSYNC_MEDIA_ROOT=/var/lib/jetsync/media HOME=/tmp
RUN groupadd --gid 10001 jetsync && useradd --uid 10001 --gid jetsync --no-create-home --shell /usr/sbin/nologin jetsync \
    && install -d -o jetsync -g jetsync /var/lib/jetsync /var/lib/jetsync/media /var/lib/jetsync/sandbox
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# The values serve this one command and are not kept in the image.
RUN DATABASE_URL=postgres://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1 SECRET_KEY=build-only \
    JETSYNC_ENCRYPTION_KEYS=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= \
    python manage.py collectstatic --noinput -v 0 \
    && python -m compileall -q -j 0 /app/jetsync /app/catalog /app/orders /app/returns /app/refunds /app/repricer
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "jetsync.wsgi", "-c", "deploy/gunicorn.py"]
