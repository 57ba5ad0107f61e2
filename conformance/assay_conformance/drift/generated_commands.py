"""x"""

import click


@click.command()
def generated() -> None:
    """x"""
