# The API as a container image: docs/deploy/container.md. It needs requirements.lock and the code, and no secret.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

# First, because it seldom changes. Every package is a wheel whose hash is known: no compiler, and no script of a package
# is run.
COPY requirements.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock

# The static files of the admin and of /docs are in the packages, and WhiteNoise serves them from there.
COPY manage.py gunicorn.conf.py ./
COPY todo_project todo_project
COPY tasks tasks
COPY accounts accounts
RUN python -m compileall -q manage.py todo_project tasks accounts

# A number, so that Kubernetes' runAsNonRoot can check it. The user owns no file, and writes none but in /tmp.
USER 10001:10001
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000

# /health is answered under every host name, and does not query the database.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]

# TERM lets requests in progress finish, for at most 30 seconds: give it 35 before KILL.
STOPSIGNAL SIGTERM
CMD ["python", "manage.py", "serve", "--no-migrate"]
