"""A wire that takes its time: what goes through is handed on a while later, in each direction.

    python -m benchmarks.delay LISTEN_PORT TARGET_PORT [--ms 1]

Between an app and its database it stands for a network: with 1 ms each way, a round trip costs 2 ms more.
"""

import argparse
import asyncio
import selectors

from benchmarks.processes import LOOPBACK


async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Write what is read, `seconds` later, until there is no more."""
    loop = asyncio.get_running_loop()
    while data := await reader.read(65_536):
        loop.call_later(seconds, writer.write, data)
    loop.call_later(seconds, writer.close)


async def serve(listen: int, target: int, seconds: float) -> None:
    """Take connections for ever."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Join a connection to one of its own to the target."""
        there_reader, there_writer = await asyncio.open_connection(LOOPBACK, target)
        ways = hand_on(reader, there_writer, seconds), hand_on(there_reader, writer, seconds)
        await asyncio.gather(*ways, return_exceptions=True)

    server = await asyncio.start_server(take, LOOPBACK, listen)
    await server.serve_forever()


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("listen", type=int)
    parser.add_argument("target", type=int)
    parser.add_argument("--ms", type=float, default=1)
    options = parser.parse_args()
    # epoll rounds its time-outs up to whole milliseconds; select does not.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(serve(options.listen, options.target, options.ms / 1000))


if __name__ == "__main__":
    main()
