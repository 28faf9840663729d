"""`headgate train`: a model from the first part of a dataset, for what comes after it."""

from __future__ import annotations

from pathlib import Path

import click

from headgate.charter.charter import load_charter
from headgate.cli._console import emit_json, emit_table, json_option, progress, say, say_notes
from headgate.connectors.dataset import read_dataset
from headgate.drivers.learning import learn
from headgate.drivers.replay import FROM_SHARE, first_decided
from headgate.errors import DatasetError, FileError
from headgate.limits import MAX_SEARCH_TRIALS, US_PER_DAY
from headgate.models.model import Model
from headgate.models.search import Budget

_path = click.Path(path_type=Path)


@click.command("train", epilog="Example: headgate train world --out model")
@click.argument("folder", type=_path)
@click.option("--out", "model_folder", required=True, type=_path, help="The model folder to write.")
@click.option("--share", type=float, default=FROM_SHARE, show_default=True, help="Share of the payments to learn from.")
@click.option("--label-delay", type=click.FloatRange(0, 400), default=7.0, show_default=True, help="In days.")
@click.option("--time-zone", default="UTC", show_default=True, help="Of the adopter, for local hours and days.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Same seed, same model.")
@click.option("--trials", type=click.IntRange(0, MAX_SEARCH_TRIALS), default=0, help="Settings to try.")
@click.option("--minutes", type=click.FloatRange(min=0), help="Begin no trial after it.")
@click.option("--overwrite", is_flag=True, help="Replace a folder that is not empty.")
@json_option
def command(
    folder: Path,
    model_folder: Path,
    share: float,
    label_delay: float,
    time_zone: str,
    seed: int,
    trials: int,
    minutes: float | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Learn from the first part of the dataset in FOLDER; nothing after it is looked at.

    Three quarters of that part teach, one quarter says when to stop and calibrates. A label counts from the time at
    which it became known. The folder holds the trees, their document and a model card. --trials and --minutes search
    for better settings on time-ordered folds of the part that teaches: by trials, the same seed gives the same model.
    """
    if model_folder.exists() and any(model_folder.iterdir() if model_folder.is_dir() else [1]) and not overwrite:
        raise FileError(
            "The folder is not empty", where=str(model_folder), repair="Choose another, or say --overwrite."
        )
    delay_us = round(label_delay * US_PER_DAY)
    dataset = read_dataset(folder, label_delay_us=delay_us)
    if not dataset.labels:
        raise DatasetError(
            "There are no labels to learn from",
            where=str(folder / "labels.parquet"),
            repair="Import outcomes with your payments, or work with scenarios alone (`headgate replay`).",
        )
    say_notes(dataset.notes)
    with progress("Computing facts", first_decided(dataset.journal, share)) as tick:
        model = learn(
            dataset,
            share=share,
            charter=load_charter(None),
            time_zone=time_zone,
            label_delay_us=delay_us,
            seed=seed,
            budget=_budget(trials, minutes),
            tick=tick,
        )
    model.save(model_folder)
    emit_json(model.document) if as_json else show(model, model_folder)


def _budget(trials: int, minutes: float | None) -> Budget | None:
    if not trials and minutes is None:
        return None
    return Budget(trials=trials or MAX_SEARCH_TRIALS, seconds=None if minutes is None else minutes * 60)


def show(model: Model, folder: Path) -> None:
    """Print what a model is, in a few rows; the card says the rest."""
    document, provenance = model.document, model.document.provenance
    rows = [
        ("facts", len(model.facts)),
        ("trees", document.rounds),
        ("known frauds learnt from", provenance.train_frauds),
        ("known frauds to stop and calibrate by", provenance.valid_frauds),
        ("content hash", model.content_hash),
    ]
    emit_table(f"Model {folder}", ("", ""), rows)
    say_notes(document.warnings)
    say(f"Card: {folder / 'card.md'}")
