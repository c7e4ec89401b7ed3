"""Files brought in through the pages: look, say what the columns hold, store, undo."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import delete, select

from vocloop.intake import imports
from vocloop.intake.importing import work
from vocloop_models import Customer, Feedback, ImportState, Job, JobState, now
from vocloop_models.database import reading, transaction

ROWS = (
    "番号,入った日,相手,申し出,メモ\r\n"
    "1,2024/3/5,みなと物産,検索が遅いです。毎日困っています。,A\r\n"
    "2,2024/3/6,北商事,担当の佐藤花子様に出力の不具合を伝えました。,B\r\n"
    "3,先週,北商事,日付が変です。,B\r\n"
).encode("cp932")
HELD = {
    "kind": "feedback",
    "source": "voc",
    "timezone": "Asia/Tokyo",
    "column-0": "external_id",
    "column-1": "said_at",
    "column-2": "customer",
    "column-3": "text",
    "column-4": "",
}


def uploaded(client: TestClient, engine: Engine, content: bytes = ROWS, **form: str) -> uuid.UUID:
    answer = client.post("/imports", files={"file": ("voc.csv", content)}, data=form)
    assert answer.status_code == 303
    import_id = uuid.UUID(answer.headers["location"].rpartition("/")[2])
    work(engine, import_id)
    return import_id


def stepped(client: TestClient, engine: Engine, import_id: uuid.UUID, step: str) -> str:
    form = HELD if step == "check" else {}
    assert client.post(f"/imports/{import_id}/{step}", data=form).status_code == 303
    work(engine, import_id)
    return client.get(f"/imports/{import_id}").text


def texts(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return [each.text for each in session.exec(select(Feedback).order_by(Feedback.external_id))]


def test_columns_that_nothing_tells_are_asked_for_with_their_first_values(
    client: TestClient, engine: Engine
) -> None:
    page = client.get(f"/imports/{uploaded(client, engine)}").text
    assert "No column is known to hold: the customer&#39;s words" in page
    assert "検索が遅いです。毎日困っています。 / 担当の[PERSON-1]様に" in page
    assert "佐藤花子" not in page


def test_a_file_is_looked_at_stored_and_undone(client: TestClient, engine: Engine) -> None:
    import_id = uploaded(client, engine)
    checked = stepped(client, engine, import_id, "check")
    assert "read as csv (cp932)" in checked
    assert "Store 2 rows" in checked
    assert "5 Mar 2024 00:00" in checked
    assert "“先週” is not a date" not in checked  # English as the domain says it
    assert "date &#39;先週&#39; is not a date" in checked
    assert texts(engine) == []
    stored = stepped(client, engine, import_id, "start")
    assert "The rows are stored" in stored
    assert texts(engine) == [
        "検索が遅いです。毎日困っています。",
        "担当の[PERSON-1]様に出力の不具合を伝えました。",
    ]
    undone = stepped(client, engine, import_id, "undo")
    assert "The import is undone: 2 voices" in undone
    assert texts(engine) == []
    with reading(engine) as session:
        assert session.exec(select(Customer)).all() == []


def test_refused_rows_are_told_in_the_readers_language_and_as_a_file(
    client: TestClient, engine: Engine
) -> None:
    import_id = uploaded(client, engine)
    stepped(client, engine, import_id, "check")
    japanese = client.get(f"/imports/{import_id}", headers={"accept-language": "ja"}).text
    assert "「先週」は日付ではありません。" in japanese
    table = client.get(f"/imports/{import_id}/refused.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[1].startswith("4,\"date '先週' is not a date")


def test_what_no_voice_can_be_is_told_in_japanese_too(client: TestClient, engine: Engine) -> None:
    coming = now().date() + dt.timedelta(days=90)
    rows = f"id,text,date\n1,a,{coming}\n2,b,1950-01-31\n3,{'語' * 200_001},2026-01-31\n"
    import_id = uploaded(client, engine, rows.encode())
    page = client.get(f"/imports/{import_id}", headers={"accept-language": "ja"}).text
    assert f"{coming}は先の日付です。聞いた日を書くか、空にします。" in page
    assert "1950-01-31は1990年より前です。" in page
    assert "200,001文字あります。200,000文字まで取り込めます。" in page
    assert '<th scope="col" role="columnheader">内容</th>' in page


@pytest.mark.parametrize(
    ("content", "ja"),
    [
        (b"\x00\x94\xff\xfe" * 99, "文字として読めないファイルです。"),
        (b"\n\n\n", "中身のないファイルです。"),
    ],
)
def test_a_file_that_can_not_be_read_leads_on(
    client: TestClient, engine: Engine, content: bytes, ja: str
) -> None:
    import_id = uploaded(client, engine, content)
    page = client.get(f"/imports/{import_id}", headers={"accept-language": "ja"}).text
    assert ja in page
    assert f'action="/imports/{import_id}/cancel"' in page
    assert "このツールの列は分かっている" not in page


def test_the_next_file_with_the_same_columns_is_read_as_the_last(
    client: TestClient, engine: Engine
) -> None:
    first = uploaded(client, engine)
    stepped(client, engine, first, "check")
    stepped(client, engine, first, "start")
    second = uploaded(client, engine, ROWS.replace(b"\r\n1,", b"\r\n7,"), source="voc")
    page = client.get(f"/imports/{second}").text
    assert "held as in the last import of such a file" in page
    assert re.search(r'<option value="text" selected>', page)
    assert "Store 1 row<" in page


def test_a_column_that_is_not_used_stays_out_whatever_its_name(
    client: TestClient, engine: Engine
) -> None:
    content = b"id,comment,customer\n1,It is slow.,Minato\n"
    import_id = uploaded(client, engine, content)
    form = {"kind": "feedback", "column-0": "", "column-1": "text", "column-2": ""}
    client.post(f"/imports/{import_id}/check", data=form)
    work(engine, import_id)
    stepped(client, engine, import_id, "start")
    with reading(engine) as session:
        [voice] = session.exec(select(Feedback)).all()
        assert voice.customer_id is None
        assert voice.external_id.startswith("sha256:")


def test_a_list_of_customers_is_read_as_one_and_can_keep_segments(
    client: TestClient, engine: Engine
) -> None:
    content = b"name,industry,franchise\nMinato,retail,yes\n"
    import_id = uploaded(client, engine, content, kind="customers")
    form = {"kind": "customers", "column-0": "name", "column-1": "industry", "column-2": "segment"}
    client.post(f"/imports/{import_id}/check", data=form)
    work(engine, import_id)
    page = stepped(client, engine, import_id, "start")
    assert "See the customers" in page
    with reading(engine) as session:
        [customer] = session.exec(select(Customer)).all()
        assert (customer.industry, customer.segments) == ("retail", {"franchise": "yes"})


def test_a_waiting_import_can_be_thrown_away_and_says_so(
    client: TestClient, engine: Engine
) -> None:
    import_id = uploaded(client, engine)
    assert "The import was stopped" in stepped(client, engine, import_id, "cancel")
    with reading(engine) as session:
        assert imports.get(session, import_id).state is ImportState.CANCELLED


@pytest.mark.parametrize(
    ("language", "told"), [("en", "did not foresee (KeyError)"), ("ja", "想定していない失敗")]
)
def test_an_import_that_failed_unforeseen_says_what_to_do(
    client: TestClient, engine: Engine, language: str, told: str
) -> None:
    import_id = uploaded(client, engine)
    client.post(f"/imports/{import_id}/start")
    with transaction(engine) as session:
        imports.give_up(session, import_id, "KeyError")
    page = client.get(f"/imports/{import_id}", headers={"accept-language": language}).text
    assert told in page


def test_an_import_whose_worker_is_gone_is_cancelled(client: TestClient, engine: Engine) -> None:
    import_id = uploaded(client, engine)
    with transaction(engine) as session:
        imports.get(session, import_id).state = ImportState.RUNNING
        session.exec(delete(Job))
    stepped(client, engine, import_id, "cancel")
    with reading(engine) as session:
        assert session.exec(select(Job.state)).one() is JobState.QUEUED
        assert imports.get(session, import_id).state is ImportState.CANCELLED


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_list_shows_every_import_with_its_state(
    client: TestClient, engine: Engine, language: str
) -> None:
    empty = client.get("/imports", headers={"accept-language": language}).text
    assert ("取り込んだファイルはまだありません" in empty) == (language == "ja")
    import_id = uploaded(client, engine)
    page = client.get("/imports", headers={"accept-language": language}).text
    assert f'href="/imports/{import_id}"' in page
    assert {"ja": "確認待ち", "en": "waits for your word"}[language] in page


def test_a_form_without_a_file_and_an_unknown_import_are_told(client: TestClient) -> None:
    assert "Choose a file first." in client.post("/imports", data={"source": "x"}).text
    assert client.get("/imports/nothing").status_code == 404
    assert client.get(f"/imports/{uuid.uuid4()}").status_code == 404


def test_an_import_at_work_is_asked_for_again(client: TestClient, engine: Engine) -> None:
    answer = client.post("/imports", files={"file": ("voc.csv", ROWS)})
    page = client.get(answer.headers["location"]).text
    assert "The file is being looked at. Nothing is stored." in page
    assert f'hx-get="{answer.headers["location"]}/state"' in page
    assert f'action="{answer.headers["location"]}/cancel"' in page
