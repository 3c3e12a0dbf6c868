"""Clients on bad networks: each sends the body of a request byte by byte, and begins again when it is through."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from benchmarks.population import person, token
from benchmarks.processes import LOOPBACK

BODY = b'{"title": "Buy milk, slowly"}'
SECONDS_A_BYTE = 0.4  # A body takes twelve seconds.


@dataclass
class SlowClients:
    """How many of their requests were answered 201, and how many otherwise or not at all."""

    created: int = 0
    failed: int = 0


@contextmanager
def slow_clients(port: int, clients: int) -> Iterator[SlowClients]:
    """Inside the block so many of them create tasks on the server."""
    found = SlowClients()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    for number in range(clients):
        asyncio.run_coroutine_threadsafe(trickle(port, number, found), loop)
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(leave(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def leave() -> None:
    """Let all clients hang up."""
    clients = asyncio.all_tasks() - {asyncio.current_task()}
    for client in clients:
        client.cancel()
    await asyncio.gather(*clients, return_exceptions=True)


async def trickle(port: int, number: int, found: SlowClients) -> None:
    """Send one slow request after the other, whatever becomes of them."""
    head = (
        f"POST /api/{person(number)}/tasks HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {token(number)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\nConnection: close\r\n\r\n"
    )
    while True:
        answer = b""
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.write(head.encode())
            for byte in BODY:
                await asyncio.sleep(SECONDS_A_BYTE)
                writer.write(bytes([byte]))
                await writer.drain()
            answer = await reader.read()
            writer.close()
        found.created += answer.startswith(b"HTTP/1.1 201")
        found.failed += not answer.startswith(b"HTTP/1.1 201")
        await asyncio.sleep(0.1)
