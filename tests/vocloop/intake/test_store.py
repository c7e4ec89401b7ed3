from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from vocloop.intake import merges
from vocloop.intake.companies import name_key
from vocloop.intake.customers import upsert_contacts, upsert_customers, upsert_departments
from vocloop.intake.privacy import Privacy
from vocloop.intake.records import (
    ContactIn,
    CustomerIn,
    CustomerRef,
    DepartmentIn,
    FeedbackIn,
    checked,
)
from vocloop.intake.store import content_digest, store, store_many
from vocloop_models import (
    Contact,
    Customer,
    Department,
    Feedback,
    FeedbackState,
    PersonalData,
    Record,
    Statement,
    TouchTier,
)
from vocloop_models.database import reading, transaction

GUARD = Privacy(b"key of the tests", PersonalData.REDACT, {})


def voice(text: str = "The search is slow", **values: Any) -> FeedbackIn:
    return checked(FeedbackIn, {"text": text, "source": "desk"} | values)


def count(session: Session, model: type[Record]) -> int:
    return session.exec(select(func.count()).select_from(model)).one()


def test_a_voice_is_kept_with_its_statements(session: Session) -> None:
    slow = "検索画面を開くたびに結果が出るまで一分以上待たされています。"
    text = f"{slow}また、領収書の金額が正しく読み取られないことがよくあります。"
    stored = store(session, voice(text, channel="ticket", customer="ABC", contact="c1"))
    kept = session.get_one(Feedback, stored.feedback_id)
    assert (stored.outcome, kept.state, kept.language) == ("stored", FeedbackState.RECEIVED, "ja")
    statements = session.exec(select(Statement).order_by(col(Statement.position))).all()
    assert "".join(statement.text for statement in statements) == text
    assert [statement.position for statement in statements] == [0, 1]
    assert session.get_one(Contact, kept.contact_id).customer_id == kept.customer_id


def test_the_same_voice_again_is_repeated(session: Session) -> None:
    first = store(session, voice(external_id="1"))
    again = store(session, voice("Other words", external_id="1"))
    assert (again.feedback_id, again.outcome) == (first.feedback_id, "repeated")
    assert store(session, voice(external_id="1", source="survey")).outcome == "stored"
    assert count(session, Feedback) == count(session, Statement) == 2


def test_one_batch_holds_each_id_once(session: Session) -> None:
    outcomes = store_many(session, [voice(external_id="1"), voice(external_id="1")])
    assert [each.outcome for each in outcomes] == ["stored", "repeated"]
    assert outcomes[0].feedback_id == outcomes[1].feedback_id


def test_rows_without_an_id_are_told_apart_by_content(session: Session) -> None:
    rows = [voice(), voice(), voice(customer="ABC"), voice(said_at="2024-05-13T00:00:00Z")]
    assert [each.outcome for each in store_many(session, rows)] == ["stored"] * 4
    assert [each.outcome for each in store_many(session, rows)] == ["repeated"] * 4


FIELDS = st.fixed_dictionaries(
    {"text": st.sampled_from(["a", "b", "あ"])},
    optional={
        "customer": st.sampled_from(["A", "B", {"external_id": "A"}]),
        "said_at": st.sampled_from(["2024-05-13T00:00:00Z", "2024-05-14T00:00:00Z"]),
        "channel": st.sampled_from(["mail", "call"]),
    },
)


@given(FIELDS, FIELDS)
def test_content_ids_are_equal_only_for_equal_content(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    digests = content_digest(voice(**one)), content_digest(voice(**other))
    assert (digests[0] == digests[1]) == (one == other)


def test_the_zone_a_time_is_written_in_does_not_change_the_content() -> None:
    tokyo, london = "2024-05-13T09:00:00+09:00", "2024-05-13T00:00:00Z"
    assert content_digest(voice(said_at=tokyo)) == content_digest(voice(said_at=london))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["1", "2", None])), max_size=6))
def test_storing_again_changes_nothing(engine: Engine, rows: list[tuple[str, str | None]]) -> None:
    voices = [voice(text, external_id=external_id) for text, external_id in rows]
    with transaction(engine) as session:
        first = store_many(session, voices)
    with transaction(engine) as session:
        before = count(session, Feedback), count(session, Statement)
        again = store_many(session, voices)
        assert (count(session, Feedback), count(session, Statement)) == before
    assert [each.feedback_id for each in again] == [each.feedback_id for each in first]
    assert {each.outcome for each in again} <= {"repeated"}


def test_two_writers_of_the_same_rows_store_each_once(engine: Engine) -> None:
    rows = [voice(f"voice {n}", external_id=str(n), customer=f"会社{n % 7}") for n in range(60)]
    gate = threading.Barrier(2)
    outcomes: list[list[str]] = []

    def write(mine: list[FeedbackIn]) -> None:
        gate.wait()
        with transaction(engine) as session:
            outcomes.append([each.outcome for each in store_many(session, mine)])

    writers = [threading.Thread(target=write, args=(order,)) for order in (rows, rows[::-1])]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=30)
    assert sum(each.count("stored") for each in outcomes) == 60
    assert sum(each.count("repeated") for each in outcomes) == 60
    with reading(engine) as session:
        assert count(session, Feedback) == count(session, Statement) == 60
        assert count(session, Customer) == 7


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("株式会社ABC", "ABC"),
        ("㈱ＡＢＣ", "abc"),
        ("ABC, Inc.", "abc inc"),
        ("ABC Co., Ltd.", "A B C"),
        ("ミナモ 株式会社", "ﾐﾅﾓ㈱"),
    ],
)
def test_one_company_is_known_however_it_is_written(session: Session, one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    store_many(session, [voice("a", customer=one), voice("b", customer=other)])
    assert [customer.name for customer in session.exec(select(Customer))] == [one]


@pytest.mark.parametrize("name", ["株式会社", "Inc.", "・", "Co"])
def test_a_name_of_nothing_but_a_legal_form_is_a_name(name: str) -> None:
    assert name_key(name)


def test_different_companies_stay_different() -> None:
    assert len({name_key(name) for name in ["ABC", "ABCD", "Incubate", "Costco", "コーポ"]}) == 5


def test_a_plain_string_finds_a_customer_by_id_before_name(session: Session) -> None:
    upsert_customers(session, [CustomerIn(external_id="C1", name="ミナモ")])
    kept = session.get_one(Feedback, store(session, voice(customer="C1")).feedback_id)
    assert session.get_one(Customer, kept.customer_id).name == "ミナモ"
    assert count(session, Customer) == 1


def test_master_data_completes_a_customer_known_by_name(session: Session) -> None:
    store(session, voice(customer="ミナモ"))
    row = CustomerIn(external_id="C1", name="ミナモ株式会社", touch_tier=TouchTier.HIGH)
    assert upsert_customers(session, [row]) == ["updated"]
    assert upsert_customers(session, [row]) == ["repeated"]
    assert upsert_customers(session, [CustomerIn(name="新しい会社")]) == ["stored"]
    customer = session.exec(select(Customer).where(Customer.external_id == "C1")).one()
    assert customer.touch_tier is TouchTier.HIGH


def test_what_a_row_leaves_out_stays(session: Session) -> None:
    upsert_customers(session, [CustomerIn(external_id="C1", name="A", plan="Pro", currency="USD")])
    upsert_customers(session, [CustomerIn(external_id="C1", name="A", region="Kanto")])
    customer = session.exec(select(Customer)).one()
    assert (customer.plan, customer.region, customer.currency) == ("Pro", "Kanto", "USD")


# Five letters that become nine or more, one that becomes eighteen.
MAILS, LIGATURE = "a@b.co ", "\ufdfa"


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        ("title", MAILS * 70, 500),
        ("product", MAILS * 28, 200),
        ("url", "https://desk.example/?to=" + "a@b.co," * 280, None),
    ],
)
def test_what_grows_as_personal_data_is_taken_out_still_fits(
    session: Session, field: str, given: str, kept: int | None
) -> None:
    stored = session.get_one(Feedback, store(session, voice(**{field: given})).feedback_id)
    value = getattr(stored, field)
    assert (None if value is None else len(value)) == kept
    assert "b.co" not in str(value)


@pytest.mark.parametrize(
    "values",
    [
        {"email": f"a@{'b' * 240}.example"},
        {"email": "a@...", "customer": "C"},
        {"customer": "a@..."},
        {"customer": {"domain": LIGATURE * 200, "name": "C"}},
        {"customer": {"domain": LIGATURE * 200}},
    ],
)
def test_an_address_that_tells_no_company_is_none_the_worse(
    session: Session, values: dict[str, Any]
) -> None:
    for _ in range(2):
        store(session, voice(**values))
    assert count(session, Feedback) == 1
    assert count(session, Customer) <= 1


def test_a_customer_with_a_name_that_grows_is_merged(session: Session) -> None:
    upsert_customers(session, [CustomerIn(name="A"), CustomerIn(name=LIGATURE * 300)])
    merge = merges.suggest_pair(session, *session.exec(select(Customer.id)).all())
    merges.accept(session, merge.id)
    assert count(session, Customer) == 1
    merges.undo(session, merge.id)
    assert count(session, Customer) == 2


def test_contacts_are_known_under_their_customer(session: Session) -> None:
    rows = [
        ContactIn(customer=CustomerRef(name=name), external_id="1", role="manager")
        for name in ("A", "B")
    ]
    assert upsert_contacts(session, rows, privacy=GUARD) == ["stored", "stored"]
    assert upsert_contacts(session, rows, privacy=GUARD) == ["repeated", "repeated"]
    champion = ContactIn(customer=CustomerRef(name="A"), external_id="1", champion=True)
    assert upsert_contacts(session, [champion], privacy=GUARD) == ["updated"]
    assert count(session, Contact) == 2


def test_departments_are_rewritten_by_key(session: Session) -> None:
    row = DepartmentIn(key="cs", name_ja="サポート", name_en="Support")
    assert upsert_departments(session, [row, row]) == ["stored", "repeated"]
    renamed = DepartmentIn(key="cs", name_ja="お客様相談室", name_en="Support")
    assert upsert_departments(session, [renamed]) == ["updated"]
    assert session.exec(select(Department)).one().name_ja == "お客様相談室"
