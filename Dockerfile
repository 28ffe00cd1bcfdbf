# syntax=docker/dockerfile:1

FROM python:3.11-slim-bookworm AS build
COPY requirements.txt .
# Bytecode is made here, once: the image is read-only to the user that runs it.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.txt


FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /home/pressroom pressroom \
 && install -d -o pressroom -g pressroom /data
COPY --from=build /venv /venv
WORKDIR /app
COPY migrations migrations
COPY core core
COPY bot bot
COPY web web
COPY pressroom pressroom
RUN python -m compileall -q . \
 && printf '#!/bin/sh\ncd /app && exec /venv/bin/python -m pressroom "$@"\n' > /usr/local/bin/pressroom \
 && chmod 755 /usr/local/bin/pressroom

ENV DATA_DIR=/data PORT=8000 PYTHONUNBUFFERED=1
USER pressroom
VOLUME /data
EXPOSE 8000
# Whether every part is up: the database, the worker, and the socket to Slack where there is one.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["/venv/bin/python", "-c", \
    "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["pressroom"]
CMD ["serve"]
