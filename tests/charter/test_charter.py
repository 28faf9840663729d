"""What the charter refuses and allows, by table of names."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from headgate.charter.charter import load_charter, packaged_text
from headgate.charter.words import form_pattern
from headgate.errors import CharterError, FileError, RefusedFieldError
from headgate.facts.grammar import specs
from headgate.journal.entries import KINDS

CHARTER = load_charter()

REFUSED = {
    "health": "health_status medicalRecord patient-id disabilities is_pregnant",
    "religion": "religion ReligiousBeliefs church_tax",
    "political opinion": "political_party politicalOpinion PEPFlag is_pep party_membership votes",
    "ethnic origin": "ethnicity ethnic_group race skinColour caste",
    "union membership": "trade_union union_member unionMembership union",
    "sexual orientation": "sexual_orientation lgbtq",
    "biometrics": "fingerprint faceId face_embedding iris_scan voice_print biometrics",
    "genetic data": "dna genetic_marker",
    "gender": "gender owner_gender ownergender customerSex is_female sexe GENDER_CODE",
    "age": "age owner_age_group AgeGroup customerage payer_age birth_date dateofbirth DOB year_of_birth ages",
    "nationality": "nationality owner_country_code customer_country citizenship citizens country_of_birth",
    "names and contact data": "owner_name username first last email_address phone_number zipcodeOri street ssn",
    "civil and economic status": "owner_occupation job income marital_status employment_status",
    "location trail": "location Location terminal_location gps lat merch_long geoHash cell_id ip_address clientip",
    "messages": "message messageText sms chat_log memo description remittance_information narrative",
    "call records": "call_duration callRecords cdr caller",
    "browsing and search history": "browsing_history searchHistory search_queries url visited_pages cookies",
    "cameras and pictures": "camera_id cctv selfie photo_url license_plate",
    "criminal records": "criminal_record convictions arrests",
    "scores of persons": "owner_risk_score is_high_risk riskScore social_score credit_score creditScore risk_rating",
    "label leaks": "alert_id alertType pattern_id modelType isFlaggedFraud is_sar isFraud Is_Laundering "
    "label Labels label_raw Class TX_FRAUD_SCENARIO mule_flag suspicious",
}

NOT_REFUSED = """
    package language percentage average usage manager engagement message_id msgType select latency late relate recall
    trace status racecourse western_union credit_union card_scheme nameOrig nameDest
    merchant_name bank_name Sender_bank_location device_fingerprint account_age payer_age_days payee_age_days
    payer_country account_country wallet_address step oldbalanceOrig owner_business_category institution_id
    payer_sent_count_24h payee_received_distinct_7d scatter_gather_6h_strength same_party cross_border
    payee_confirmed_rate_28d sim_swapped_72h device_new remote_access amount_is_round selection cellar ipsum
""".split()


@pytest.mark.parametrize(("category", "name"), [(c, n) for c, names in REFUSED.items() for n in names.split()])
def test_a_refused_field_is_named_by_its_category(category: str, name: str) -> None:
    refused = CHARTER.refused(name)
    assert refused is not None
    assert refused.category == category
    assert CHARTER.refusal(name) == refused.why


@pytest.mark.parametrize("name", NOT_REFUSED)
def test_a_word_that_only_contains_a_refused_one_is_not_refused(name: str) -> None:
    assert CHARTER.refusal(name) is None


def test_every_field_of_the_journal_and_of_the_dataset_folder_may_enter_its_table() -> None:
    for table, names in CHARTER.allowed.items():
        assert [name for name in names if not CHARTER.is_allowed(name, table)] == []
    for kind, entry in KINDS.items():
        fields = {*entry.__struct_fields__} - {"seq", "clock_us"}
        assert fields - set(CHARTER.allowed[kind]) == set()


def test_each_category_has_words_and_one_sentence_that_says_why() -> None:
    for refusal in CHARTER.refusals:
        assert refusal.words
        assert refusal.why.endswith(".")


def test_label_columns_are_refused_except_in_their_own_tables() -> None:
    assert CHARTER.refusal("label")
    assert CHARTER.refusal("label", table="payment")
    assert CHARTER.refusal("label", table="labels") is None
    assert CHARTER.refusal("pattern_type", table="patterns") is None
    assert CHARTER.refusal("owner_gender", table="labels")


def test_an_unlisted_field_is_neither_allowed_nor_refused() -> None:
    assert not CHARTER.is_allowed("oldbalanceOrig")
    assert CHARTER.refusal("oldbalanceOrig") is None
    assert CHARTER.is_allowed("Amount", "payment")
    assert not CHARTER.is_allowed("amount", "session")


def test_the_owner_columns_of_an_account_table_are_set_apart_with_a_sentence_each() -> None:
    columns = ["account_id", "country_code", "owner_gender", "owner_country_code", "owner_risk_score"]
    apart = CHARTER.check(columns, "accounts.parquet", "account")
    assert [each.field for each in apart] == columns[2:]
    assert all(each.where == "accounts.parquet" and each.sentence for each in apart)


def test_requiring_a_refused_field_is_an_error_that_says_why() -> None:
    CHARTER.require(["amount", "payer_sent_count_24h"], "model")
    with pytest.raises(RefusedFieldError, match="gender") as caught:
        CHARTER.require(["amount", "payer_gender"], "model")
    assert "never reaches a fact" in caught.value.repair


def test_a_purpose_outside_the_charter_is_an_error() -> None:
    CHARTER.require_purpose("money-laundering")
    with pytest.raises(CharterError, match="marketing"):
        CHARTER.require_purpose("marketing")


def write(folder: Path, text: str) -> Path:
    path = folder / "charter.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_adopters_charter_adds_refusals_and_narrows(tmp_path: Path) -> None:
    own = load_charter(
        write(
            tmp_path,
            """
            [[purpose]]
            id = "payment-fraud"
            [allow]
            payment = ["terminal_id"]
            [[refuse]]
            category = "consented signals"
            words = ["device new", "remote access"]
            why = "We hold no consent for signals of the device."
            [[refuse]]
            category = "age"
            words = ["lebensalter"]
            """,
        )
    )
    assert list(own.purposes) == ["payment-fraud"]
    assert own.is_allowed("terminal_id", "payment")
    assert own.refusal("device_new") == "We hold no consent for signals of the device."
    assert not own.is_allowed("device_new", "payment")
    assert own.refusal("Lebensalter") == own.refusal("age") == CHARTER.refusal("age")
    assert own.content_hash != CHARTER.content_hash


def test_a_copy_of_the_packaged_charter_changes_nothing(tmp_path: Path) -> None:
    own = load_charter(write(tmp_path, packaged_text()))
    assert own.content_hash == CHARTER.content_hash


def test_removing_a_refusal_from_a_copy_has_no_effect(tmp_path: Path) -> None:
    text = packaged_text()
    own = load_charter(write(tmp_path, text[: text.index("[[refuse]]")]))
    assert own.refusal("gender") == CHARTER.refusal("gender")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[allow]\naccount = ["owner_gender"]', "never allows"),
        ('[allow]\naccuont = ["account_id"]', "Did you mean 'account'"),
        ('[[refuse]]\ncategory = "age"\nunless = ["customer age"]', "exempts customer age"),
        ('[[refuse]]\ncategory = "age"\nfacts = ["customer_age"]', "exempts customer_age"),
        ('[[refuse]]\ncategory = "age"\nexcept_in = ["account"]', "exempts account"),
        ('[[refuse]]\ncategory = "ours"\nwords = ["terminal"]', "says why"),
        ('[[purpose]]\nid = "marketing"', "not made for"),
        ("purposes = 1", "cannot be read"),
        ("[[", "cannot be read"),
    ],
)
def test_a_charter_that_is_malformed_or_too_wide_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CharterError, match=message):
        load_charter(write(tmp_path, text))


def test_a_charter_that_cannot_be_read_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        load_charter(tmp_path / "none.toml")


def test_what_is_set_apart_can_be_written_as_json() -> None:
    apart = CHARTER.check(["gender"], "a.csv")
    assert msgspec.json.decode(msgspec.json.encode(apart))[0]["field"] == "gender"


def test_every_fact_of_the_grammar_may_be_and_columns_like_them_may_not() -> None:
    assert [name for name in specs() if CHARTER.refusal(name)] == []
    for name in ("fraud_count", "is_fraud", "fraud_gap", "chain_of_age", "chain_age_7d", "customer_age", "fraud_ratio"):
        assert CHARTER.refusal(name), name


def test_each_exception_for_facts_is_a_form_of_their_grammar() -> None:
    forms = [form_pattern(form) for refusal in CHARTER.refusals for form in refusal.facts]
    assert forms
    for form in forms:
        assert any(form.fullmatch(name) for name in specs()), form.pattern


@pytest.mark.parametrize(
    "name",
    [
        "owner_payer_age_days", "payer_age_days_of_birth", "payer_age_days2", "payer_age", "PayerAgeDays",
        "payer age days", "payer_age_days\n", "payer_sent_fraud_count", "payer_sent_fraud_count_90d_label",
        "is_payer_sent_fraud_count_90d", "payer_sent_fraud_count_91d", "payer_sent_fraud_gap_7d", "sent_fraud_gap",
        "payee_payers_fraud_ratio_7d_final", "x_payee_payers_fraud_ratio_7d", "payers_fraud_ratio",
    ],
)  # fmt: skip
def test_a_name_that_only_contains_an_exception_for_facts_is_refused(name: str) -> None:
    refused = CHARTER.refused(name)
    assert refused is not None
    assert refused.category in ("age", "label leaks")
