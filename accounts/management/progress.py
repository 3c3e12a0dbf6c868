"""What a long command shows on a terminal: one line, replaced again and again. A file or a pipe gets nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper

INTERVAL_SECONDS = 1.0
WIDTH = 70


class Progress:
    def __init__(self, stream: OutputWrapper) -> None:
        self.stream = stream
        self.is_shown = stream.isatty()
        self.shown_at = time.monotonic()

    def show(self, text: str) -> None:
        """Replace the line."""
        if self.is_shown:
            self.stream.write(f"\r{text:<{WIDTH}}", lambda line: line, ending="")
            self.stream.flush()

    def show_sometimes(self, text: str) -> None:
        """Replace the line, unless that was done within the last second: for what happens often."""
        if time.monotonic() - self.shown_at >= INTERVAL_SECONDS:
            self.shown_at = time.monotonic()
            self.show(text)

    def end(self) -> None:
        if self.is_shown:
            self.stream.write(f"\r{'':{WIDTH}}\r", lambda line: line, ending="")

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Say each second how long it already takes, for one statement of which no more is known until it ends."""
        if not self.is_shown:
            yield
            return
        is_over, began = threading.Event(), time.monotonic()

        def tell() -> None:
            while not is_over.wait(INTERVAL_SECONDS):
                self.show(f"{what}, for {time.monotonic() - began:.0f} s …")

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()
            self.end()
