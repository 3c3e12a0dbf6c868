"""What is between the API and its database, as a network is: it can refuse, hold back and cut off connections."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self


class Proxy:
    """Hands on what comes to `port` to a Unix socket, for the length of a `with`."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.connections: set[asyncio.StreamWriter] = set()
        self.flows = asyncio.Event()
        self.flows.set()

    def __enter__(self) -> Self:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.listener = self.bound(0)
        self.port: int = self.listener.getsockname()[1]
        self.accept()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.refuse()
        self.listener.close()
        self.run(self.finished())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @staticmethod
    def bound(port: int) -> socket.socket:
        """A socket that has the port, and refuses connections until it listens."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        return listener

    def accept(self) -> None:
        """Take connections, and hand on what they say unless it is held back."""

        async def start() -> None:
            self.server = await asyncio.start_server(self.join, sock=self.listener)

        self.run(start())

    def refuse(self) -> None:
        """Cut all connections off, and refuse new ones."""

        async def stop() -> None:
            self.server.close()
            self.flows.set()
            for writer in self.connections:
                writer.transport.abort()

        self.run(stop())
        self.listener = self.bound(self.port)

    def hold(self) -> None:
        """Take connections and say nothing, and nothing on those that are open."""
        self.loop.call_soon_threadsafe(self.flows.clear)

    def release(self) -> None:
        """Hand on all that was held back."""
        self.loop.call_soon_threadsafe(self.flows.set)

    async def finished(self) -> None:
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)

    async def join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join a connection to one of its own to the target."""
        self.connections.add(writer)
        try:
            await self.flows.wait()
            there_reader, there_writer = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.transport.abort()
            self.connections.discard(writer)
            return
        self.connections.add(there_writer)
        await asyncio.gather(self.hand_on(reader, there_writer), self.hand_on(there_reader, writer))
        self.connections -= {writer, there_writer}

    async def hand_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self.flows.wait()
                writer.write(data)
        writer.close()
