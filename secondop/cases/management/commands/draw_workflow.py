"""manage.py draw_workflow: the workflow table as Markdown, for docs/architecture.md."""

from django.core.management.base import BaseCommand

from secondop.cases.states import MOVES, STATE_LABELS


def drawing() -> str:
    """A Mermaid diagram of the states and a table of the moves, made from ``MOVES``."""
    arrows = [f"    {source} --> {move.target}: {name}" for name, move in MOVES.items() for source in move.sources]
    rows = [
        f"| `{name}` | {', '.join(move.sources)} → {move.target} | {', '.join(move.by)} "
        f"| {', '.join(f'{party} ({kind})' for party, kind in move.tells.items())} | `{move.owner}` |"
        for name, move in MOVES.items()
    ]
    states = [f"| `{state}` | {label} |" for state, label in STATE_LABELS.items()]
    return "\n".join(
        [
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> draft",
            *arrows,
            "```",
            "",
            "| state | in words |",
            "|---|---|",
            *states,
            "",
            "| move | from → to | who | tells (notice) | owner |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )


class Command(BaseCommand):
    """Prints the drawing."""

    help = "Print the workflow as Markdown; docs/architecture.md holds a copy that a test compares with it."

    def handle(self, *args, **options) -> None:
        """Write to standard output."""
        self.stdout.write(drawing())
