"""A trained model: margins for ranking, probabilities apart, a folder that proves its own content.

Facts enter, scores of payments leave. A model is never changed after training; loading verifies its hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pyarrow as pa

from headgate.errors import FileError, ModelError
from headgate.facts.past_scores import LOWEST_LOGIT, NAMES, STEPS_PER_LOGIT, PastScores
from headgate.facts.values import FactValue
from headgate.kernel import _kernel as kernel
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
FIRST_FOLDER = "first"  # of a model of two stages


class _Sealed(msgspec.Struct, frozen=True, kw_only=True):
    content_hash: str
    model: Document


class Model:
    """A model ready to score. Not safe for two threads at once: the writer owns it.

    `facts`: the names that it reads, in order; past scores among them where `first`, a first stage, gives them.
    `asked`: those of both stages that the facts engine computes. `content_hash`: sha256 hex of everything that it is.
    `score_days`: the highest margins of the closed days of validation, which seed the first thresholds.
    """

    def __init__(self, document: Document, trees: str, first: Model | None = None) -> None:
        assert document.first == ("" if first is None else first.content_hash), "the document names its first stage"
        self.document = document
        self.content_hash: str = content_hash(document, trees)
        self.first = first
        self.facts = tuple(column.name for column in document.columns)
        own = (name for name in self.facts if first is None or name not in NAMES)
        self.asked: tuple[str, ...] = tuple(dict.fromkeys((*own, *(first.asked if first else ()))))
        self._text = trees
        self._trees = Trees(trees)
        self._encoder = Encoder(document.columns)
        self._margin = self._trees.single(self._encoder.held)
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

    def stages(self, past: PastScores) -> kernel.Stages:
        """Return both stages at work on one payment after the other, with what is remembered of scores."""
        assert self.first is not None
        return kernel.Stages(
            self.first._trees.held, self.first._encoder.held, self._trees.held, self._encoder.held,
            past.held, list(NAMES), LOWEST_LOGIT, STEPS_PER_LOGIT,
        )  # fmt: skip

    def margin_one(self, facts: Mapping[str, FactValue]) -> float:
        """Return the raw margin of one payment, with the same bits as in any block."""
        self._encoder.fill(facts)
        return self._margin()

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

    def row_judged(self) -> list[float]:
        """Return the row that the trees read last."""
        return self._encoder.held.numbers()

    def with_reasons_checked(self, checked: Checked) -> Model:
        """Return the same trees with a card that says how many of their reasons stood the check."""
        return Model(msgspec.structs.replace(self.document, reasons=checked), self._text, self.first)

    def after(self, first: Model) -> Model:
        """Return the same trees as the second stage after `first`, whose scores its past-score facts are made of."""
        return Model(msgspec.structs.replace(self.document, first=first.content_hash), self._text, first)

    def contributions(self, facts: Mapping[str, FactValue]) -> dict[str, float]:
        """Return what each fact adds to the margin of one payment (TreeSHAP)."""
        self._encoder.fill(facts)
        return dict(zip(self.facts, self._trees.contributions(self._encoder.held), strict=True))

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
            if self.first is not None:
                self.first.save(folder / FIRST_FOLDER)
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
        first = cls.load(folder / FIRST_FOLDER) if sealed.model.first else None
        if first is not None and first.content_hash != sealed.model.first:
            raise _unusable(folder / FIRST_FOLDER, "is not the first stage that the model was trained after")
        return cls(sealed.model, trees, first)


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
