"""What the commands say to a person at a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from vocloop.errors import InvalidInputError, VocloopError

# Results go to standard output; everything that is only said goes here, so that pipes stay clean.
console = Console(stderr=True, highlight=False, soft_wrap=True)
# Bad lines told one by one; a file with more is better mended at its source.
MOST_PROBLEMS = 50


def say(text: str) -> None:
    console.print(text, markup=False)


def complain(error: VocloopError) -> None:
    say(f"vocloop: {error}")
    if not isinstance(error, InvalidInputError):
        return
    for where, reason in error.problems[:MOST_PROBLEMS]:
        say(f"  {where}: {reason}")
    if len(error.problems) > MOST_PROBLEMS:
        say(f"  … and {len(error.problems) - MOST_PROBLEMS} more")


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A function (stage, done, total) that draws one bar a stage on a terminal, else nothing."""
    bar = Progress(
        TextColumn("{task.description:12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    stages: dict[str, object] = {}
    with bar:

        def show(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bar.add_task(stage, total=total)
            bar.update(stages[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield show
