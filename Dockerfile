# The pipeline with its environment: docker build -t idealcat . && docker run --rm -v "$PWD":/srv/idealcat idealcat dvc repro
FROM python:3.11.14-slim-bookworm
RUN apt-get update -q && apt-get install -y -q --no-install-recommends git openssh-client && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /opt/idealcat/
RUN python -m pip install --no-cache-dir --disable-pip-version-check --compile \
    -r /opt/idealcat/requirements.txt "dvc[s3,ssh]==3.67.1" psycopg2-binary==2.9.13
# The clone is mounted; it belongs to another user than the container's.
RUN git config --system --add safe.directory /srv/idealcat
ENV IDEALCAT_CACHE=/cache PYTHONUNBUFFERED=1
WORKDIR /srv/idealcat
CMD ["dvc", "repro"]
