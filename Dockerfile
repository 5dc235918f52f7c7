# One image for the site, the jobs and the encoder; the command chooses. Every step is a target of the Makefile.
#
#   docker build -t duijie .
#   docker run -p 8000:8000 -v duijie:/data -e OPENBLAS_NUM_THREADS=1 duijie             the site
#   docker run -v duijie:/data --no-healthcheck duijie .venv/bin/python -m jobs run      the jobs
#   docker run -v duijie:/data --no-healthcheck duijie .venv/bin/python -m matcher serve-encoder  the encoder
#   docker run -v duijie:/data --no-healthcheck duijie .venv/bin/python -m models upgrade
#
# With SQLite site and jobs run on one host and share the volume; with PostgreSQL (DUIJIE_DATABASE_URL) they need not.
# The encoder's socket lies in the volume, so site and encoder always share it and the host.
FROM python:3.11-slim-bookworm

# Address of the package index that has torch's CPU build; empty means wherever pip looks anyway, and may be far larger.
ARG TORCH_INDEX=

RUN apt-get update -q=2 \
    && apt-get install -q=2 --yes --no-install-recommends make fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 duijie \
    && install --directory --owner=duijie --group=duijie /app /data

WORKDIR /app
USER duijie

# The packages change seldom and the code often, so they are layers of their own.
COPY --chown=duijie Makefile ./
COPY --chown=duijie requirements requirements
RUN make setup LOCK=runtime TORCH_INDEX="${TORCH_INDEX}" PIP_FLAGS="--quiet --no-cache-dir"

COPY --chown=duijie . .
# The model lies in the image, beside the code and outside the volume: containers start without converting it.
ENV DUIJIE_CACHE_DIR=/app/cache
RUN make model LOCK=runtime

ENV DUIJIE_DATA_DIR=/data \
    DUIJIE_LOG_FORMAT=json \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD [".venv/bin/python", "-c", \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD [".venv/bin/python", "-m", "web", "serve", "--host", "0.0.0.0", "--port", "8000"]
