"""How a server is driven: wrk, sixteen connections that are kept alive, and what its answers cost each side."""

import http.client
import json
import os
import resource
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import Serving
from benchmarks.population import Group, Population, person, token
from benchmarks.postgres import Server
from benchmarks.processes import LOOPBACK, cpu_seconds, machine_cpu_seconds
from benchmarks.workloads import OF_A_CROWD, WORKLOADS, Workload, script

CONNECTIONS = 16
ALL_WORKLOADS = WORKLOADS | OF_A_CROWD


class RefusedError(Exception):
    """A server answered what does not count; the figure is worth nothing."""


@dataclass(frozen=True)
class Figure:
    """What one stretch of load measured; CPU in µs per request.

    wrk_share: how much of one core wrk took. It has one thread: near 1, it is what is measured.
    others_share: how much of the machine other programs took.
    """

    requests_per_second: float
    p50_ms: float
    p99_ms: float
    app_cpu_us: float
    database_cpu_us: float
    requests: int
    bytes_per_answer: float
    wrk_share: float
    others_share: float


@dataclass
class Driver:
    """Loads one server, and remembers what it has asked so far.

    crowd: whose tasks are read and written: the thousand users, until `look_at` says otherwise.
    active: how many of them are there.
    """

    serving: Serving
    server: Server
    population: Population
    folder: Path
    connections: int = CONNECTIONS
    crowd: Group = field(init=False)
    active: int = field(init=False)
    asked: int = 0
    doomed: int = 0
    tags: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.look_at(self.population.groups()[0])
        if shutil.which("wrk") is None:
            raise SystemExit("wrk drives the load, and is not installed (Debian, Ubuntu: apt install wrk).")

    def look_at(self, crowd: Group, active: int | None = None) -> None:
        """Ask for the tasks of other users from now on. Only the first crowd's can be deleted more than once."""
        self.crowd, self.active = crowd, active or crowd.people
        self.doomed = crowd.first + crowd.rounds * crowd.people

    def warm_up(self, seconds: int = 5) -> None:
        """Let each worker start, meet everybody's token and prepare its statements, and PostgreSQL read its tables."""
        self.wait_until_answering()
        for name in ("get", "create"):
            self.load(ALL_WORKLOADS[name], seconds)
            self.asked += seconds * 10_000

    def wait_until_answering(self) -> None:
        """Return once a request is answered: a server may listen before it can, or stop listening again meanwhile."""
        for _ in range(200):
            try:
                self.ask(0, "GET", "?limit=1")
            except (ConnectionError, http.client.HTTPException):
                time.sleep(0.05)
            else:
                return
        raise self.refused(WORKLOADS["get"], "no answer after its start")

    def next_doomed(self) -> int:
        """Return a task that may be deleted, and that no load asks for any more."""
        self.doomed += 1
        return self.doomed

    def measure(self, name: str, seconds: int) -> Figure:
        """Load the server with a workload. Raises RefusedError where an answer is not as it should be."""
        workload = ALL_WORKLOADS[name]
        if name == "poll":
            self.learn_tags()
        app, database = cpu_seconds(self.serving.process), cpu_seconds(self.server.process)
        wrk, machine, begun = children_cpu_seconds(), machine_cpu_seconds(), time.monotonic()
        said = self.load(workload, seconds)
        elapsed = time.monotonic() - begun  # Longer than wrk's own seconds, which begin once it has its script.
        wrk, machine = children_cpu_seconds() - wrk, machine_cpu_seconds() - machine
        app, database = cpu_seconds(self.serving.process) - app, cpu_seconds(self.server.process) - database
        requests = int(said["requests"])
        self.asked += requests + self.connections
        self.doomed += round(workload.deletes * (requests + 4 * self.connections))
        if said["refused"] or said["broken"] or not requests:
            raise self.refused(
                workload,
                f"{said['refused']:.0f} answers of 400 and above and {said['broken']:.0f} broken connections"
                f" in {requests} requests",
            )
        return Figure(
            requests / said["seconds"],
            said["p50_ms"],
            said["p99_ms"],
            app * 1e6 / requests,
            database * 1e6 / requests,
            requests,
            said["bytes"] / requests,
            wrk / said["seconds"],
            max(0.0, machine - app - database - wrk) / elapsed / (os.cpu_count() or 1),
        )

    def load(self, workload: Workload, seconds: int) -> dict[str, float]:
        """What wrk says after so many seconds."""
        file = self.folder / f"{self.serving.contender.name}.lua"
        file.write_text(
            script(
                workload,
                self.population,
                self.crowd,
                self.active,
                tags=self.tags,
                first=self.asked,
                doomed=self.doomed,
            )
        )
        command = ["wrk", "-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(file)]
        run = subprocess.run([*command, self.serving.address], capture_output=True, text=True, check=False)
        _, found, said = run.stdout.partition("RESULT ")
        if not found:
            raise self.refused(workload, f"wrk said nothing: {run.stdout}{run.stderr}")
        result: dict[str, float] = json.loads(said.splitlines()[0])
        return result

    def refused(self, workload: Workload, why: str) -> RefusedError:
        """An error that says what was wrong, and what the server said of it."""
        contender = self.serving.contender
        log = (self.folder / f"{contender.name}.log").read_text(errors="replace")
        return RefusedError(f"{contender.title}, {workload.title}: {why}\n{log[-2000:]}")

    def learn_tags(self) -> None:
        """Note the entity tags of the lists that are polled, and see that the server knows them again."""
        for number in self.population.with_list_of(20):
            _, headers, _ = self.ask(number, "GET", "")
            if tag := headers.get("ETag"):
                status, _, _ = self.ask(number, "GET", "", headers={"If-None-Match": tag})
                if status != 304:
                    raise self.refused(WORKLOADS["poll"], f"{status} for the list with the tag {tag}")
                self.tags[number] = tag

    def ask(
        self, number: int, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One request of a user's to their list, and its answer."""
        connection = http.client.HTTPConnection(LOOPBACK, self.serving.port, timeout=60)
        told = {"Authorization": f"Bearer {token(number)}", **(headers or {})}
        if body is not None:
            told["Content-Type"] = "application/json"
        try:
            connection.request(method, f"/api/{person(number)}/tasks{path}", body, told)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


def children_cpu_seconds() -> float:
    """CPU seconds, of user and system, of the children of this process that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
