"""Raw files of public datasets become dataset folders; what is wrong with them is said with line and repair.

The samples are made here in the published shape of each file; no row of any dataset is copied.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from headgate.cli import root
from headgate.connectors.dataset import Dataset, read_dataset
from headgate.connectors.public import converter, public_sets
from headgate.drivers.evaluation.shortcuts import telling_columns
from headgate.errors import DatasetError, FieldError, FileError, HeadgateError

AMLWORLD = """Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,\
Payment Currency,Payment Format,Is Laundering
2022/09/01 00:20,010,A1,010,A1,100.00,US Dollar,100.00,US Dollar,Reinvestment,0
2022/09/01 00:21,010,A1,0020,B1,90.00,Euro,100.00,US Dollar,ACH,0
2022/09/02 10:00,0020,B1,030,C1,5.00,Bitcoin,5.25,Bitcoin,Bitcoin,1
2022/09/02 11:00,030,C1,010,A1,70.10,Euro,70.10,Euro,ACH,1
2022/09/02 12:00,030,C1,010,A1,900000000000.00,Euro,900000000000.00,Euro,Wire,0
2022/09/02 12:30,030,C1,010,A1,1.00,Euro,1.00,Euro,Wire,1
"""
PATTERNS = """BEGIN LAUNDERING ATTEMPT - FAN-OUT:  Max 2-degree Fan-Out
2022-09-02 10:00:00,020,B1,30,C1,5.00,Bitcoin,5.25,Bitcoin,Bitcoin,1
2022-09-02 11:00:00,30,C1,10,A1,70.10,Euro,70.10,Euro,ACH,1
END LAUNDERING ATTEMPT - FAN-OUT

"""
ACCOUNTS = """Bank Name,Bank ID,Account Number,Entity ID,Entity Name
One,10,A1,E1,Somebody
Two,20,B1,E2,Nobody
"""
SAMLD = """Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Received_currency,\
Sender_bank_location,Receiver_bank_location,Payment_type,Is_laundering,Laundering_type
10:35:19,2022-10-07,1,2,1459.15,UK pounds,UK pounds,UK,UK,Cash Deposit,0,Normal_Cash_Deposits
10:35:20,2022-10-07,2,3,60.5,Albanian lek,Dirham,UK,UAE,Cross-border,1,Smurfing
"""
PAYSIM = """step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,\
isFraud,isFlaggedFraud
1,PAYMENT,10.50,C1,100.0,89.5,M1,0.0,0.0,0,0
1,CASH_IN,20.00,C2,0,20,C3,0,0,0,0
2,TRANSFER,181.00,C4,181.0,0.0,C5,0.0,0.0,1,1
"""
HANDBOOK = """TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_TIME_SECONDS,TX_TIME_DAYS,\
TX_FRAUD,TX_FRAUD_SCENARIO
0,2018-04-01 00:00:31,596,3156,57.16,31,0,0,0
1,2018-04-01 00:02:10,4961,3412,250.0,130,0,1,1
2,2018-04-01 00:07:56,2,1365,14.1,476,0,1,2
3,2018-04-01 00:09:29,4128,8737,6.4,569,0,1,3
"""
ULB = '"Time","V1","V2","Amount","Class"\n0,-1.3,0.5,149.62,"0"\n86399.5,1.1,0.2,2.69,"1"\n'
IEEE = """TransactionID,isFraud,TransactionDT,TransactionAmt,ProductCD,card1,card2,card3,card4,card5,card6,\
addr1,P_emaildomain
2987000,0,86400,68.5,W,13926,,150.0,discover,142.0,credit,315.0,
2987001,1,86401,29.0,W,2755,404.0,150.0,mastercard,102.0,credit,325.0,gmail.com
"""
AMLSIM = """tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id
1,10,20,TRANSFER,150.50,2017-01-01T00:00:00Z,False,-1
2,20,30,TRANSFER,2750.00,2017-01-02T00:00:00Z,True,7
3,30,10,TRANSFER,2740.00,2017-01-02T00:00:00Z,True,7
"""
ALERTS = """alert_id,alert_type,is_sar,tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp
7,cycle,True,2,20,30,TRANSFER,2750.00,2017-01-02T00:00:00Z
7,cycle,True,3,30,10,TRANSFER,2740.00,2017-01-02T00:00:00Z
"""
TIDE = """src,dest,edge_type,amount,currency,is_fraudulent,ownership_percentage,ownership_start_date,\
time_since_previous_transaction,timestamp,transaction_type
account_1,account_2,transaction,10.5,EUR,False,,,,2023-03-07 00:25:00,TransactionType.PAYMENT
account_2,account_3,transaction,46255.26,HKD,True,,,1:00:00,2023-03-07 16:23:53.764759,TransactionType.TRANSFER
"""
NODES = """account_category,age_group,country_code,creation_date,currency,gender,institution_id,is_fraudulent,\
name,node_id,node_type,risk_score
AccountCategory.CURRENT,,DE,2023-01-01 00:00:00,EUR,,b1,True,,account_1,NodeType.ACCOUNT,
,AgeGroup.ADULT,DE,,,female,,True,Jane,person_1,NodeType.INDIVIDUAL,0.9
"""


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, "utf-8")
    return folder


SAMPLES = {
    "amlsim": {"transactions__csv": AMLSIM, "alert_transactions__csv": ALERTS},
    "amlworld": {
        "HI-Small_Trans__csv": AMLWORLD,
        "HI-Small_Patterns__txt": PATTERNS,
        "HI-Small_accounts__csv": ACCOUNTS,
    },
    "elliptic": {
        "elliptic_txs_edgelist__csv": "txId1,txId2\n11,12\n12,13\n13,14\n",
        "elliptic_txs_classes__csv": "txId,class\n11,unknown\n12,2\n13,1\n14,unknown\n",
        "elliptic_txs_features__csv": "11,1,0.5,0.1\n12,1,0.2,0.3\n13,2,0.7,0.1\n14,2,0.7,0.2\n",
    },
    "handbook": {"handbook__csv": HANDBOOK},
    "ieee-cis": {"train_transaction__csv": IEEE},
    "paysim": {"PS_1_log__csv": PAYSIM},
    "samld": {"SAML-D__csv": SAMLD},
    "tide": {
        "generated_transactions__csv": TIDE,
        "generated_nodes__csv": NODES,
        "generated_patterns__json": json.dumps(
            {
                "patterns": [
                    {
                        "pattern_id": "Rapid_1",
                        "pattern_type": "RapidFundMovement",
                        "transactions": [
                            {"src": "account_2", "dest": "account_3", "timestamp": "2023-03-07 16:23:53.764759"}
                        ],
                    }
                ]
            }
        ),
    },
    "ulb-cards": {"creditcard__csv": ULB},
}


def run(*arguments: object) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(root, ["datasets", *map(str, arguments)], standalone_mode=False)
    return result.exit_code, result.stdout, result.exception


def converted(tmp_path: Path, name: str, **changed: str) -> Dataset:
    raw = write(tmp_path / "raw", **{**SAMPLES[name], **changed})
    code, _, error = run("convert", name, raw, tmp_path / "out")
    if error is not None:
        raise error
    assert code == 0
    return read_dataset(tmp_path / "out")


def payments(tmp_path: Path) -> dict[str, list[object]]:
    return dict(pq.read_table(tmp_path / "out" / "transactions.parquet").to_pydict())


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_each_raw_format_becomes_a_dataset_folder_without_a_telling_column(name: str, tmp_path: Path) -> None:
    dataset = converted(tmp_path, name)
    assert dataset.payments >= 2
    assert set(dataset.labels.values()) == {0, 1}
    assert telling_columns(pq.read_schema(tmp_path / "out" / "transactions.parquet").names) == ()
    assert dataset.set_apart == ()


def test_all_that_are_listed_are_tried_here_and_in_the_docs() -> None:
    names = [of.name for of in public_sets()]
    assert names == sorted(SAMPLES)
    page = (Path(__file__).parents[2] / "docs" / "reference" / "public-datasets.md").read_text("utf-8")
    assert [of.name for of in public_sets() if f"`{of.name}`" not in page or of.licence not in page] == []


def test_amlworld_pays_in_its_own_currency_and_knows_its_patterns(tmp_path: Path) -> None:
    dataset = converted(tmp_path, "amlworld")
    rows = payments(tmp_path)
    assert rows["payer"] == ["10-A1", "20-B1", "30-C1", "30-C1"]
    assert rows["amount"] == [100.0, 5250.0, 70.1, 1.0]
    assert rows["currency"] == ["USD", "XXX", "EUR", "EUR"]
    kinds = [dataset.schemes[str(tx)] for tx in rows["tx_id"][1:]]
    assert kinds == [("fan-out-1", "fan-out")] * 2 + [(None, "outside a listed pattern")]
    assert dict(zip(*pq.read_table(tmp_path / "out" / "accounts.parquet").to_pydict().values(), strict=True)) == {
        "10-A1": "E1",
        "20-B1": "E2",
    }


def test_what_cannot_be_a_payment_is_left_out_and_counted(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", **SAMPLES["amlworld"])
    code, told, _ = run("convert", "amlworld", raw, tmp_path / "out", "--json")
    assert code == 0
    answer = json.loads(told)
    assert answer["rows_read"] == 6 == answer["payments"] + sum(answer["left_out"].values())
    assert sorted(answer["left_out"]) == [
        "payer and payee are the same account",
        "the amount is beyond the limit of a reference amount",
    ]


def test_a_cash_in_moves_money_to_the_customer_and_hours_keep_the_order_of_the_file(tmp_path: Path) -> None:
    converted(tmp_path, "paysim")
    rows = payments(tmp_path)
    assert rows["payer"] == ["C1", "C3", "C4"]
    assert rows["payee"] == ["M1", "C2", "C5"]
    assert rows["ts"] == sorted(rows["ts"], key=str)


def test_a_typology_is_kept_for_measuring_and_for_laundering_only(tmp_path: Path) -> None:
    dataset = converted(tmp_path, "samld")
    assert list(dataset.schemes.values()) == [(None, "Smurfing")]


def test_terminals_and_cards_are_the_schemes_of_the_handbook(tmp_path: Path) -> None:
    dataset = converted(tmp_path, "handbook")
    assert dataset.schemes == {
        "H1": (None, "scenario 1"),
        "H2": ("T1365", "scenario 2"),
        "H3": ("C4128", "scenario 3"),
    }


def test_a_flow_of_elliptic_has_the_label_of_the_transaction_that_receives_it(tmp_path: Path) -> None:
    dataset = converted(tmp_path, "elliptic")
    rows = payments(tmp_path)
    assert [dataset.labels.get(str(tx)) for tx in rows["tx_id"]] == [0, 1, None]


def test_alerts_have_their_typology_and_packed_files_are_read(tmp_path: Path) -> None:
    raw = write(tmp_path / "raw", alert_transactions__csv=ALERTS)
    (raw / "transactions.csv.gz").write_bytes(gzip.compress(AMLSIM.encode()))
    assert run("convert", "amlsim", raw, tmp_path / "out")[0] == 0
    assert list(read_dataset(tmp_path / "out").schemes.values()) == [("alert-7", "cycle")] * 2


def test_tide_keeps_accounts_but_nothing_about_persons(tmp_path: Path) -> None:
    dataset = converted(tmp_path, "tide")
    assert list(dataset.schemes.values()) == [("Rapid_1", "RapidFundMovement")]
    accounts = pq.read_table(tmp_path / "out" / "accounts.parquet")
    assert accounts.column_names == ["account_id", "account_type", "country_code", "opened_at"]
    assert accounts.column("account_id").to_pylist() == ["account_1"]


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "kind", "says", "place"),
    [
        ("paysim", "PS_1_log__csv", "nameDest", "destination", DatasetError, "'nameDest' is missing", "PS_1_log.csv"),
        ("paysim", "PS_1_log__csv", ",C5,", ",", FileError, "10 fields instead of 11", "line 4"),
        ("paysim", "PS_1_log__csv", "181.00", "NaN", FieldError, "'NaN' is not a number", "line 4, column 'amount'"),
        ("paysim", "PS_1_log__csv", "181.00", "-1", FieldError, "'-1' is negative", "line 4, column 'amount'"),
        ("paysim", "PS_1_log__csv", "TRANSFER", "GIFT", FieldError, "'GIFT' is no known type", "line 4"),
        ("paysim", "PS_1_log__csv", "0.0,0.0,1,1", "0.0,0.0,2,1", FieldError, "is not one of", "line 4"),
        ("amlworld", "HI-Small_Trans__csv", "Euro,70.10,Euro", "Euro,70.10,Gold", FieldError, "'Gold'", "line 5"),
        ("amlworld", "HI-Small_Trans__csv", "2022/09/02 11:00", "yesterday", FieldError, "'yesterday'", "line 5"),
        ("amlworld", "HI-Small_Patterns__txt", "70.10,Euro,ACH", "71.10,Euro,ACH", DatasetError, "pattern", "line 3"),
        ("samld", "SAML-D__csv", "Albanian lek", "Lek", FieldError, "'Lek' is no known currency", "line 3"),
        ("tide", "generated_transactions__csv", "HKD", "HKX", FieldError, "'HKX' is no ISO 4217", "line 3"),
        ("tide", "generated_patterns__json", "Rapid_1", '"', DatasetError, "cannot be read", "patterns.json"),
        ("handbook", "handbook__csv", "4128", "", FieldError, "is empty", "line 5, column 'CUSTOMER_ID'"),
        ("elliptic", "elliptic_txs_classes__csv", "14,unknown\n", "", FieldError, "'14' has no row", "line 4"),
        ("ulb-cards", "creditcard__csv", "Amount", "Class", FileError, "more than once", "line 1"),
    ],
)
def test_a_damaged_file_is_refused_with_line_and_repair_and_nothing_is_written(
    name: str, file: str, old: str, new: str, kind: type[HeadgateError], says: str, place: str, tmp_path: Path
) -> None:
    assert old in SAMPLES[name][file]
    with pytest.raises(kind) as caught:
        converted(tmp_path, name, **{file: SAMPLES[name][file].replace(old, new)})
    assert says in caught.value.what
    assert place in caught.value.where
    assert caught.value.repair
    assert not (tmp_path / "out").exists()


def test_an_id_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="'1' comes 2 times"):
        converted(tmp_path, "amlsim", transactions__csv=AMLSIM.replace("3,30", "1,30"))


def test_pickles_are_not_read_and_the_repair_says_how_to_write_a_csv(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "2018-04-01.pkl").write_bytes(b"\x80\x04N.")
    error = run("convert", "handbook", folder, tmp_path / "out")[2]
    assert isinstance(error, FileError)
    assert "to_csv" in error.repair


def test_a_missing_file_an_unknown_name_and_a_full_folder_are_refused(tmp_path: Path) -> None:
    for arguments, says in (
        (("convert", "paysim", tmp_path / "none.csv", tmp_path / "out"), "does not exist"),
        (("convert", "paysym", tmp_path, tmp_path / "out"), "no public dataset 'paysym'"),
        (("convert", "paysim", write(tmp_path / "empty"), tmp_path / "out"), "has no PS_"),
    ):
        error = run(*arguments)[2]
        assert isinstance(error, HeadgateError)
        assert says in error.what
    full = write(tmp_path / "full", notes__txt="mine")
    error = run("convert", "paysim", write(tmp_path / "raw", **SAMPLES["paysim"]), full)[2]
    assert isinstance(error, FileError)
    assert (full / "notes.txt").read_text() == "mine"


def test_the_list_and_one_dataset_are_shown(tmp_path: Path) -> None:
    code, told, _ = run("list", "--json")
    assert code == 0
    assert [of["name"] for of in json.loads(told)] == sorted(SAMPLES)
    code, told, _ = run("show", "paysim")
    assert code == 0
    assert "isFlaggedFraud" in told
    assert converter("paysim")
