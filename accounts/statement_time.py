"""How far away the database is: the time of the quickest statement of the last seconds.

The average would also contain what is slow here: locks, long lists, other threads.
"""


class QuickestStatement:
    """seconds: the time of the quickest statement since a second ago or two; 0 before there was one."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.new = float("inf")

    def note(self, seconds: float) -> None:
        """Take a statement into account. Threads may forget one of two that end at the same time."""
        self.new = min(self.new, seconds)

    def begin_again(self) -> None:
        """Look at the statements since this was last called; the last ones count if there were none."""
        if self.new < float("inf"):
            self.seconds, self.new = self.new, float("inf")


quickest_statement = QuickestStatement()
