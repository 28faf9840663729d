"""The command line: one file a command, found by its name and loaded only when it is used.

Exit codes: 0 success, 1 the answer is no, 2 wrong use. An error is one paragraph: what, where, how to repair.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import click

from headgate import __version__
from headgate.errors import HeadgateError, nearest


class Commands(click.Group):
    """The commands that stand in this folder; a file `import_.py` is the command `import`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = (module.name for module in pkgutil.iter_modules(__path__))
        return sorted(name.rstrip("_").replace("_", "-") for name in names if not name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        stem = cmd_name.replace("-", "_")
        stem = stem if stem not in _RESERVED else stem + "_"
        command = importlib.import_module(f"{__name__}.{stem}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            hint = nearest(args[0], self.list_commands(ctx))
            raise click.UsageError(
                f"There is no command {args[0]!r}. {hint}Type `headgate --help` for all.", ctx
            ) from None


_RESERVED = frozenset({"import"})


@click.command(cls=Commands)
@click.version_option(__version__, prog_name="headgate")
def root() -> None:
    """Find payment fraud and money laundering before the money is gone, with evidence and oversight."""


def main(argv: list[str] | None = None) -> None:
    """Run the command line on `argv` (default: the process arguments) and leave with its exit code."""
    try:
        result = root.main(args=argv, prog_name="headgate", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except HeadgateError as error:
        click.echo(error.paragraph(), err=True)
        sys.exit(error.exit_code)
    sys.exit(result if isinstance(result, int) else 0)
