# Plantain in a container: docker build --tag plantain .
# It runs as a user of its own, needs nothing writable but /data and /tmp, and holds neither pip nor compilers.
# tests/wire/test_dockerfile.py does the same steps in a fresh folder, so that they stay true, and
# tests/wire/test_container.py runs the image where there is an engine for it.

FROM python:3.13.9-slim-trixie AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1

WORKDIR /app
COPY requirements.run.lock ./
RUN python -m venv --without-pip /opt/venv \
 && python -m pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: --no-compile \
    --requirement requirements.run.lock

COPY bot ./bot
COPY cogs ./cogs
COPY storage ./storage
# The file system is read-only later: whatever Python would write there is written now.
RUN /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib bot cogs storage


FROM python:3.13.9-slim-trixie

LABEL org.opencontainers.image.title="Plantain" \
      org.opencontainers.image.description="A self-hosted Discord studio for Google's image models" \
      org.opencontainers.image.licenses="MIT"

# With PostgreSQL, backup and restore need its client programs, in the server's version or a newer one:
# docker build --build-arg POSTGRES_CLIENT=postgresql-client-17 (compose passes it on from .env).
ARG POSTGRES_CLIENT=
# Not pinned: it is Debian's newest with its security updates.
# hadolint ignore=DL3008
RUN if [ -n "$POSTGRES_CLIENT" ]; then \
      apt-get update && apt-get install --yes --no-install-recommends "$POSTGRES_CLIENT" \
      && rm -r /var/lib/apt/lists/*; \
    fi

RUN python -m pip uninstall --yes --root-user-action ignore pip \
 && rm -r "$(python -c 'import ensurepip; print(*ensurepip.__path__)')" \
 && useradd --uid 10001 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin plantain \
 && install --directory --owner plantain --group plantain --mode 0700 /data

COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp \
    PLANTAIN_STORAGE__PATH=/data \
    PLANTAIN_LOG__FORMAT=json

WORKDIR /app
USER 10001:10001
VOLUME ["/data"]

# /healthz of the bot itself. Orchestrators ask /readyz before they send people.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-S", "bot/healthcheck.py"]

# SIGTERM lets running jobs finish (limits.shutdown_seconds): give it longer than that before SIGKILL.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
