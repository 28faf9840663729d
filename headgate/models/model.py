"""A trained model: margins for ranking, probabilities apart, a folder that proves its own content.

Facts enter, scores of payments leave. A model is never changed after training; loading verifies its hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from headgate.errors import FileError, ModelError
from headgate.facts.values import FactValue
from headgate.models.calibration import Floats
from headgate.models.card import model_card
from headgate.models.document import FORMAT, Checked, Document, content_hash
from headgate.models.drift import Reference
from headgate.models.encoding import Encoder
from headgate.models.history import ScoreDay
from headgate.models.margin import Trees

TREES_FILE = "model.txt"
DOCUMENT_FILE = "model.json"
CARD_FILE = "card.md"


class _Sealed(msgspec.Struct, frozen=True, kw_only=True):
    content_hash: str
    model: Document


class Model:
    """A model ready to score. Not safe for two threads at once: the writer owns it.

    `facts`: the names that it reads, in order. `content_hash`: sha256 hex of everything that it is.
    `score_days`: the highest margins of the closed days of validation, which seed the first thresholds.
    """

    def __init__(self, document: Document, trees: str) -> None:
        self.document = document
        self.content_hash = content_hash(document, trees)
        self.facts = tuple(column.name for column in document.columns)
        self._text = trees
        self._trees = Trees(trees)
        self._encoder = Encoder(document.columns)
        assert self._trees.facts == len(self.facts), "the trees and the document speak of the same facts"

    @property
    def score_days(self) -> tuple[ScoreDay, ...]:
        """The highest margins of each closed day of validation."""
        return self.document.score_days

    def margin(self, facts: pa.Table | pa.RecordBatch) -> Floats:
        """Return the raw margins (rows,) in log-odds: what payments are ranked by.

        ModelError where a fact of the model is not a column.
        """
        return self._trees.margins(self._encoder.table(facts))

    def margin_one(self, facts: Mapping[str, FactValue]) -> float:
        """Return the raw margin of one payment, with the same bits as in any block."""
        return self._trees.margin(self._encoder.row(facts))

    def probability(self, margins: Floats) -> Floats:
        """Return the calibrated probabilities (rows,) of margins (rows,). For reading, never for ranking."""
        return self.document.calibration.many(margins)

    def probability_one(self, margin: float) -> float:
        """Return the calibrated probability of one margin."""
        return self.document.calibration.one(margin)

    @property
    def reference(self) -> Reference:
        """What payments looked like when it learnt."""
        return self.document.reference

    def row(self, facts: Mapping[str, FactValue]) -> list[float]:
        """Return the facts of one payment as the trees read them, missing as NaN."""
        return self._encoder.row(facts)

    def with_reasons_checked(self, checked: Checked) -> Model:
        """Return the same trees with a card that says how many of their reasons stood the check."""
        return Model(msgspec.structs.replace(self.document, reasons=checked), self._text)

    def contributions(self, facts: Mapping[str, FactValue]) -> dict[str, float]:
        """Return what each fact adds to the margin of one payment (TreeSHAP); costs milliseconds."""
        return dict(zip(self.facts, self._trees.contributions(self._encoder.row(facts)), strict=True))

    def card(self) -> str:
        """Return the model card as Markdown."""
        return model_card(self.document, self.content_hash)

    def save(self, folder: Path) -> None:
        """Write the folder: trees, document, card. FileError where it cannot be written."""
        sealed = _Sealed(content_hash=self.content_hash, model=self.document)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TREES_FILE).write_text(self._text, encoding="utf-8", newline="")
            (folder / DOCUMENT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(sealed, order="sorted")))
            (folder / CARD_FILE).write_text(self.card(), encoding="utf-8")
        except OSError as error:
            raise FileError(
                f"The model cannot be written: {error.strerror}",
                where=str(folder),
                repair="Name a folder that you may write to.",
            ) from None

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read a folder made by `save`. ModelError where it is no model, of another format, or was altered."""
        sealed, trees = _read(folder)
        if sealed.model.format != FORMAT:
            raise _unusable(folder, f"is of format {sealed.model.format}, this version reads {FORMAT}")
        if content_hash(sealed.model, trees) != sealed.content_hash:
            raise _unusable(folder, "was altered after training: its content does not match its hash")
        return cls(sealed.model, trees)


def _read(folder: Path) -> tuple[_Sealed, str]:
    try:
        document = (folder / DOCUMENT_FILE).read_bytes()
        trees = (folder / TREES_FILE).read_bytes().decode()
        return msgspec.json.decode(document, type=_Sealed), trees
    except FileNotFoundError as error:
        raise _unusable(folder, f"lacks {Path(error.filename).name}") from None
    except OSError as error:
        raise _unusable(folder, f"cannot be read: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _unusable(folder, f"is damaged: {error}") from None


def _unusable(folder: Path, what: str) -> ModelError:
    return ModelError(
        f"The model folder {what}",
        where=str(folder),
        repair="Name a folder made by `headgate train`, or train the model again.",
    )
