"""The Elliptic data set: flows between Bitcoin transactions. Three files, `elliptic_txs_*.csv`.

Source: Weber et al., "Anti-Money Laundering in Bitcoin", KDD Workshop on Anomaly Detection in Finance 2019.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headgate.connectors.public.described import Converted, Described
from headgate.connectors.public.folder import Column, constant, converted, numbered, place_in_group, prefixed
from headgate.connectors.public.raw import Raw, beside, only_file, read_raw
from headgate.errors import FileError
from headgate.limits import US_PER_DAY, US_PER_SECOND

DESCRIBED = Described(
    name="elliptic",
    title="Elliptic data set",
    kind="flows between Bitcoin transactions, real, partly labelled",
    licence="stated on its page; read it there before use",
    where="Kaggle: ellipticco/elliptic-data-set",
    files="elliptic_txs_edgelist.csv, with elliptic_txs_classes.csv and elliptic_txs_features.csv beside it",
    never_used=("class",),
    caveats=(
        "A flow becomes a payment from one transaction to the next; its label is that of the receiving transaction.",
        "Amounts are not published: every payment is 1.00 XXX, and only the shape of flows can be judged.",
        "The 166 features have no stated meaning and no fact uses them: results are far below what they give.",
        "49 steps of about a fortnight; payments of a step keep the order of the file, a second apart.",
    ),
)
_ORIGIN_US = 16_801 * US_PER_DAY  # 2016-01-01; the true dates are not stated
_STEP_US = 14 * US_PER_DAY
_CLASSES = {"1": "1", "2": "0", "unknown": "", "3": ""}


def convert(raw: Path) -> Converted:
    """Return the tables of a dataset folder; flows out of a transaction that has no features are refused."""
    path = only_file(raw, "*_txs_edgelist.csv", "*edgelist*.csv")
    flows = read_raw(path, header=("txId1", "txId2"))
    nodes = read_raw(_must(path, "elliptic_txs_features.csv"), header=("txId", "step"), widest=2)
    classes = read_raw(_must(path, "elliptic_txs_classes.csv"), header=("txId", "class"))
    one, other = flows.ids("txId1"), flows.ids("txId2")
    step = _looked_up(nodes, "txId", nodes.numbers("step"), flows, "txId1")
    said = _looked_up(classes, "txId", classes.words("class", _CLASSES, "class"), flows, "txId2")
    label = pc.cast(pc.if_else(pc.equal(said, ""), pa.scalar(None, pa.utf8()), said), pa.int8())
    rows = len(flows)
    columns = {
        "tx_id": numbered("E", rows),
        "payer": prefixed("n", one),
        "payee": prefixed("n", other),
        "amount": pa.array(np.ones(rows)),
        "currency": constant("XXX", rows),
        "channel": constant("bitcoin", rows),
    }
    return converted(columns, _clock(step.to_numpy().astype(np.int64)), label)


def _must(path: Path, name: str) -> Path:
    found = beside(path, name, name.replace("elliptic_", ""))
    if found is None:
        raise FileError(f"There is no {name} beside {path.name}", where=str(path.parent), repair=DESCRIBED.files)
    return found


def _looked_up(table: Raw, key: str, values: Column, flows: Raw, name: str) -> Column:
    place = pc.index_in(flows.ids(name), value_set=table.ids(key).combine_chunks())
    flows.refuse(pc.is_null(place), name, f"has no row in {table.path.name}")
    return pc.take(values, place)


def _clock(step: np.ndarray) -> np.ndarray:
    return np.asarray(_ORIGIN_US + step * _STEP_US + place_in_group(step)[0] * US_PER_SECOND)
