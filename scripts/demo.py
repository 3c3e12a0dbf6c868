"""Starts a database, the API and the Next.js example, and prints the address of the app: `make demo` calls it.

Nothing has to be prepared but Node 20 or newer. Without DATABASE_URL the database is `demo` on the embedded PostgreSQL;
`BETTER_AUTH_SCHEMA=camelCase make demo` lets our migrations make Better Auth's tables instead of Drizzle.
`scripts/demo.py build` only installs and builds the app.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "examples" / "nextjs"
LOCAL = ROOT / ".local"
OLDEST_NODE = 20
START_SECONDS = 60
SOURCES = (APP / "src", APP / "package-lock.json", APP / "next.config.ts", ROOT / "clients" / "typescript" / "src")


def main() -> None:
    require_node()
    build()
    if sys.argv[1:] == ["build"]:
        return
    schema = os.environ.get("BETTER_AUTH_SCHEMA") or "snake_case"
    api_port, app_port = (
        free_port(int(os.environ.get("API_PORT", "8000"))),
        free_port(int(os.environ.get("PORT", "3000"))),
    )
    api, app = f"http://localhost:{api_port}", f"http://localhost:{app_port}"
    sys.path.insert(0, str(ROOT))
    from todo_project.development import secret

    shared = {
        "DATABASE_URL": os.environ.get("DATABASE_URL") or demo_database(schema),
        "BETTER_AUTH_SECRET": secret(LOCAL, "BETTER_AUTH_SECRET"),
        "BETTER_AUTH_SCHEMA": schema,
        "BETTER_AUTH_URL": app,
    }
    of_api = environment(
        shared,
        SECRET_KEY=secret(LOCAL, "SECRET_KEY"),
        BETTER_AUTH_SHARED_DATABASE="true",
        CORS_ORIGINS=app,
        HTTPS="false",
        HOST="127.0.0.1",
        PORT=str(api_port),
        WEB_CONCURRENCY="1",
        LOG_LEVEL="WARNING",
    )
    of_app = environment(shared, TODO_API_URL=api, NODE_ENV="production", NEXT_TELEMETRY_DISABLED="1")
    migrate(schema, of_api, of_app)
    run_both(of_api, of_app, api, app, app_port)


def require_node() -> None:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        sys.exit(f"The example needs Node.js {OLDEST_NODE} or newer, with npm. Install it from nodejs.org.")
    version = subprocess.check_output([node, "--version"], text=True).strip()  # noqa: S603  Our own arguments.
    if int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        sys.exit(f"The example needs Node.js {OLDEST_NODE} or newer; this is {version}.")


def build() -> None:
    """Install and build the app, unless that has been done for the same sources."""
    files = sorted(
        path for source in SOURCES for path in ([source] if source.is_file() else source.rglob("*")) if path.is_file()
    )
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    mark = APP / ".next" / "built-from"
    with (APP / "package-lock.json").open() as lock:  # Two starts at once: the second one waits, and finds it done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if mark.exists() and mark.read_text() == wanted:
            return
        installed = APP / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < (APP / "package-lock.json").stat().st_mtime:
            tell("Installing the packages of the app …")
            run("npm", "ci", "--loglevel=error")
            installed.touch()
        tell("Building the app …")
        run("npm", "run", "build", NEXT_TELEMETRY_DISABLED="1", BETTER_AUTH_SECRET="none")  # noqa: S106
        mark.write_text(wanted)


def run(*command: str, **variables: str) -> None:
    """Run a command of the app; what it prints is shown only if it fails."""
    ended = subprocess.run(  # noqa: S603  Our own arguments.
        command,
        cwd=APP,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        sys.exit(f"{ended.stdout}\n{' '.join(command)} failed.")


def demo_database(schema: str) -> str:
    """Start the embedded PostgreSQL, and return the URL of the demo's database, which is created if it is missing."""
    import psycopg

    from todo_project.development import database_url

    name = "demo" if schema == "snake_case" else f"demo_{schema.lower().replace('-', '_')}"
    url = database_url(LOCAL)
    with psycopg.connect(url, autocommit=True) as server:
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            server.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    from urllib.parse import urlsplit

    return urlsplit(url)._replace(path=f"/{name}").geturl()


def environment(*mappings: dict[str, str], **variables: str) -> dict[str, str]:
    """What a process of the demo is started with: a developer's own settings stay out."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**inherited, **{name: value for mapping in mappings for name, value in mapping.items()}, **variables}


def migrate(schema: str, of_api: dict[str, str], of_app: dict[str, str]) -> None:
    """Let Drizzle make its tables before our migrations adopt them; or the other way round."""
    steps = [
        (["node", "scripts/migrate.mjs"], APP, of_app),
        ([sys.executable, "manage.py", "migrate", "--verbosity=0"], ROOT, of_api),
    ]
    for command, folder, variables in steps if schema.startswith("snake_case") else reversed(steps):
        subprocess.run(command, cwd=folder, env=variables, check=True)  # noqa: S603  Our own arguments.


def run_both(of_api: dict[str, str], of_app: dict[str, str], api: str, app: str, app_port: int) -> None:
    """Serve until one of the two ends or Ctrl-C, then stop both."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    serve = [sys.executable, "manage.py", "serve", "--no-migrate"]
    start = ["node", "node_modules/next/dist/bin/next", "start", "--port", str(app_port)]
    processes = []
    try:
        processes.append(subprocess.Popen(serve, cwd=ROOT, env=of_api, stdout=subprocess.DEVNULL))  # noqa: S603
        processes.append(subprocess.Popen(start, cwd=APP, env=of_app, stdout=subprocess.DEVNULL))  # noqa: S603
        for address in (f"{api}/health", f"{app}/sign-in"):
            wait_for(address, processes)
        tell(f"\nThe app is at {app}   (Ctrl-C stops it)")
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def wait_for(address: str, processes: list["subprocess.Popen[bytes]"]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        try:
            with urllib.request.urlopen(address, timeout=START_SECONDS):  # noqa: S310  Our own address.
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    sys.exit(f"{address} did not start.")


def free_port(preferred: int) -> int:
    """Return this port, or another one if it is in use."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", preferred))
        except OSError:
            listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
