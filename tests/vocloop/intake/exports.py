"""What is in the fixtures, read by eye: the voices of each export, and how many rows are refused.

Every value stands in the file next to it; ``None`` says that the export does not tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Export:
    file: str
    format: str
    voices: list[dict[str, Any]]
    refused: list[str] = field(default_factory=list)
    beside: tuple[str, ...] = ()


def voice(text: str, said_at: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"text": text, "said_at": said_at, **fields}


EXPORTS = [
    Export(
        "zendesk_tickets.json",
        "zendesk",
        [
            voice(
                "検索に一分以上かかります。\n\n一覧の画面も同じように遅いです。\n\nまだ直っていません。",
                "2026-03-02T01:15:00+00:00",
                external_id="101",
                title="検索が遅い",
                channel="mail",
                customer="501",
                customer_name="みなと物産",
                contact="7001",
                email="hana@minato.example",
                rating=1,
                rating_scale="csat",
                priority="high",
                tags=("search", "vip"),
                language="ja",
                url="https://aoba.zendesk.com/agent/tickets/101",
            ),
            voice("Export stops", "2026-03-04T09:00:00+00:00", external_id="102", customer=None),
        ],
        ["ticket 103 has neither subject nor description"],
    ),
    Export(
        "zendesk_comments.json",
        "zendesk",
        [voice("The invoice is wrong.", "2026-03-02T01:15:00+00:00", contact="7001")],
        ["comment 12 is an agent's answer", "comment 13 is private"],
    ),
    Export(
        "zendesk_audits.json",
        "zendesk",
        [voice("It is slow again.", "2026-03-03T00:00:00+00:00", contact="7001")],
        ["audit 22 changes fields only"],
    ),
    Export(
        "intercom_conversations.json",
        "intercom",
        [
            voice(
                "Labels come out upside down.\n\nAlso the margins are off.\n\nIt took three days.",
                "2026-03-02T01:00:00+00:00",
                external_id="900",
                customer="co-7",
                contact="c1",
                rating=2,
                rating_scale="csat",
                priority="high",
                tags=("printing",),
                language="en",
                url="https://app.shop.example/labels",
            )
        ],
        ["conversation 901 has no words of the customer"],
    ),
    Export(
        "freshdesk_tickets.json",
        "freshdesk",
        [
            voice(
                "The scanner reads 8 as 3.\n\nThe small one, since the update.",
                "2026-02-01T01:00:00+00:00",
                external_id="41",
                channel="mail",
                customer="71",
                customer_name="北商事",
                contact="61",
                priority="urgent",
                tags=("ocr",),
            )
        ],
        ["ticket 42 is marked as spam"],
    ),
    Export(
        "freshdesk_conversations.json",
        "freshdesk",
        [voice("The small one.", "2026-02-01T12:00:00+00:00", contact="61")],
        ["conversation 1 is the team's answer"],
    ),
    Export(
        "hubspot_tickets.json",
        "hubspot",
        [
            voice(
                "We can't add more seats.",
                "2026-01-09T08:00:00.123000+00:00",
                external_id="8801",
                title="Seats",
                customer="3301",
                contact="3401",
                priority="normal",
                tags=("BILLING_ISSUE", "PRODUCT_ISSUE"),
            )
        ],
        ["ticket 8802 has neither subject nor content"],
    ),
    Export(
        "hubspot_tickets.csv",
        "hubspot",
        [
            voice(
                "We can't add more seats.",
                "2026-01-09T08:00:00+00:00",
                external_id="8801",
                channel="mail",
                customer_name="Kita Trading",
                priority="high",
            )
        ],
    ),
    Export(
        "salesforce_cases.json",
        "salesforce",
        [
            voice(
                "Contacts vanish after the sync.\n\nIt happened again.",
                "2026-02-10T03:04:05+00:00",
                external_id="5001",
                channel="call",
                customer="0011",
                customer_name="Higashi Co",
                contact="0031",
                priority="high",
            )
        ],
        ["case 00001027 has neither Subject nor Description"],
    ),
    Export(
        "salesforce_export.csv",
        "salesforce",
        [
            voice(
                "Contacts vanish.",
                "2026-02-10T03:04:05+00:00",  # the data export writes UTC
                external_id="5001",
                customer="0011",
                contact="0031",
                channel="mail",
            )
        ],
        ["case 00001028 is deleted"],
    ),
    Export(
        "salesforce_report.csv",
        "salesforce",
        [
            voice(
                "連絡先が消えます。",
                "2026-02-10T03:04:00+00:00",
                external_id="00001026",
                customer_name="東商店",
                priority="high",
            )
        ],
    ),
    Export(
        "gorgias_ticket.json",
        "gorgias",
        [
            voice(
                "I got somebody else's parcel.\n\nNobody called back.",
                "2026-02-03T04:05:06+00:00",
                external_id="77",
                title="Wrong parcel",
                channel="mail",
                contact="301",
                rating=2,
                rating_scale="csat",
                priority="high",
                tags=("shipping",),
                language="en",
            )
        ],
    ),
    Export(
        "front_conversations.json",
        "front",
        [
            voice(
                "The link in your manual is dead.",
                "2026-02-03T04:05:06+00:00",
                external_id="cnv_1",
                title="Broken link",
                channel="mail",
                contact="crd_5",
                email="ann@minami.example",
                tags=("docs",),
            )
        ],
        ["conversation cnv_2 shows no words of the customer"],
    ),
    Export(
        "jira_search.json",
        "jira",
        [
            voice(
                "The monthly report is empty.\nIt worked in May.\n\nStill empty today.",
                "2026-04-28T13:33:15.438000+00:00",
                external_id="HD-7",
                customer="12",
                customer_name="Nishi KK",
                contact="u1",
                priority="urgent",
                tags=("report",),
                product="Helpdesk",
                url="https://nishi.atlassian.net/browse/HD-7",
            )
        ],
        ["issue HD-8 has neither summary nor description"],
    ),
    Export(
        "jira.csv",
        "jira",
        [
            voice(
                "The report is empty.\n\nStill empty today.",
                "2025-07-14T06:42:00+00:00",
                external_id="HD-7",
                contact="u1",
                priority="normal",
                tags=("report", "monthly"),
            )
        ],
    ),
    Export(
        "linear.csv",
        "linear",
        [
            voice(
                "Night staff asks for it.",
                "2024-11-22T10:12:03+00:00",
                external_id="ENG-5",
                title="Dark mode",
                priority="high",
                tags=("Feature", "UI"),
                product="Web",
                submitted_by="Ito",
            )
        ],
    ),
    Export(
        "github_issues.json",
        "github",
        [
            voice(
                "It crashes when the disk is full.",
                "2026-05-01T00:00:00+00:00",
                external_id="kita/app#12",
                contact="octo",
                priority="high",
                tags=("bug", "priority: high"),
                product="kita/app",
            )
        ],
        ["issue 13 is a pull request"],
    ),
    Export(
        "google_play.csv",
        "google-play",
        [
            voice(
                "起動が遅い 😢",
                "2026-06-15T10:00:00+00:00",
                external_id="gp:ABC-1",
                channel="review",
                rating=2,
                rating_scale="stars",
                language="ja",
                product="com.kita.app",
            )
        ],
        ["has stars but no words"],
    ),
    Export(
        "app_store_connect.json",
        "app-store",
        [
            voice(
                "It logs me out every day.",
                "2026-01-05T20:01:34+00:00",
                external_id="0000-1",
                title="Logged out",
                rating=1,
                rating_scale="stars",
                product="55",
            )
        ],
    ),
    Export(
        "app_store_feed.json",
        "app-store",
        [
            voice(
                "毎日使っています。",
                "2026-01-05T20:01:34+00:00",
                external_id="771",
                title="使いやすい",
                rating=5,
                product="Kita App",
            )
        ],
    ),
    Export(
        "app_store_feed.xml",
        "app-store",
        [
            voice(
                "写真を選ぶと落ちます。",
                "2026-01-05T20:01:34+00:00",
                external_id="772",
                title="落ちます",
                rating=1,
                rating_scale="stars",
            )
        ],
    ),
    Export(
        "surveymonkey.csv",
        "surveymonkey",
        [
            voice(
                "The reports take too long to open on Mondays.",
                # 05/13 in the next row settles that the month stands first.
                "2026-05-06T01:25:00+00:00",
                external_id="114001",
                title="What should we improve?",
                channel="survey",
                contact="cust-3",
                customer_name="Minami Ltd",
                rating=9,
                rating_scale="nps",
            )
        ],
        ["no open question is answered"],
    ),
    Export(
        "surveymonkey_responses.json",
        "surveymonkey",
        [
            voice(
                "Search takes ages.",
                "2026-03-05T18:05:46+00:00",
                external_id="771",
                title="What should we improve?",
                customer_name="Minami Ltd",
                contact="c-1",
                rating=4,
                rating_scale="csat",
                language="en",
            )
        ],
        beside=("surveymonkey_details.json",),
    ),
    Export("surveymonkey_details.json", "surveymonkey", [], ["holds the questions of a survey"]),
    Export(
        "typeform.csv",
        "typeform",
        [
            voice(
                "Because the export keeps failing.",
                "2026-02-03T04:06:07+00:00",
                external_id="tok1",
                rating=4,
                rating_scale="nps",
                tags=("spring",),
                names=("Ann",),
            )
        ],
    ),
    Export(
        "typeform_webhook.json",
        "typeform",
        [
            voice(
                "A calendar view.",
                "2026-02-03T04:06:07+00:00",
                external_id="tok2",
                title="What is missing?",
                customer_name="Minami Ltd",
                email="ann@minami.example",
                rating=8,
                rating_scale="nps",
            )
        ],
    ),
    Export(
        "google_forms_en.csv",
        "google-forms",
        [
            voice(
                "Let us rename the columns ourselves.",
                "2026-05-13T00:00:00+00:00",
                customer_name="Minami Ltd",
                email="ann@minami.example",
                rating=4,
                rating_scale="csat",
            ),
            voice("Faster search on phones, please.", "2026-05-07T12:30:00+00:00", rating=5),
        ],
        ["no open question is answered"],
    ),
    Export(
        "google_forms_ja.csv",
        "google-forms",
        [
            voice(
                "印刷の余白を変えたいです。",
                "2026-05-13T00:00:00+00:00",
                customer_name="南商会",
                rating=4,
                rating_scale="csat",
            ),
            voice("スマートフォンで文字が小さい。", "2026-05-14T04:15:30+00:00", rating=2),
        ],
    ),
    Export(
        "qualtrics.csv",
        "qualtrics",
        [
            voice(
                "変えなくてよい",
                "2026-01-01T18:05:06+00:00",
                external_id="R_1",
                title="What would you change?",
                customer_name="南商会",
                contact="ref-9",
                rating=10,
                rating_scale="nps",
                language="ja",
            )
        ],
        ["response R_2 is a preview"],
    ),
    Export(
        "qualtrics_legacy.csv",
        "qualtrics",
        [voice("Too slow", "2026-01-01T18:05:05+00:00", external_id="R_3", rating=2)],
    ),
    Export(
        "generic.xlsx",
        "xlsx",
        [
            voice(
                "検索が遅い",
                "2026-03-02T00:30:00+00:00",
                external_id="1",
                customer_name="南商会",
                rating=4,
                rating_scale="csat",
            )
        ],
        ["text is empty", "sheet '集計' has another header"],
    ),
    Export(
        "interview_ja.txt",
        "interview",
        [
            voice(
                "聞き手: 本日はよろしくお願いします。月末の作業で困ることは何ですか。\n"
                "お客様: 請求書を一枚ずつ開いて確かめるので、半日かかります。"
                "まとめて見られると助かります。\n"
                "聞き手: 検索はお使いですか。\n"
                "お客様: 使いますが、古い伝票が出てきません。仕方なく紙で探しています。",
                "2026-03-02T04:00:00+00:00",
                channel="interview",
                customer_name="南商会",
                names=("高橋", "井上", "佐藤"),
            )
        ],
    ),
    Export(
        "visit_note.md",
        "interview",
        [
            voice(
                "## 聞いたこと\n検索が遅い。CSVの出力が毎回止まる。",
                "2026-03-01T15:00:00+00:00",
                title="訪問記録",
                customer_name="みなと物産",
                names=("山田", "佐藤", "鈴木"),
            )
        ],
    ),
    Export(
        "interview_en.vtt",
        "interview",
        [
            voice(
                "Interviewer: What slows you down most?\n"
                "Customer: Copying addresses by hand, it takes me an hour every day.\n"
                "Interviewer: And when you are on the road?\n"
                "Customer: The phone app logs me out between two customers.",
                "2026-03-02T01:00:00+00:00",
                customer_name="Minami Ltd",
                names=("Joe Doe", "Ann Lee"),
            )
        ],
    ),
    Export(
        "call.srt",
        "interview",
        [
            voice(
                "Interviewer: How can I help?\n"
                "Customer: The printer page shows an error since Friday.",
                channel="interview",
            )
        ],
    ),
    Export(
        "interview.docx",
        "interview",
        [
            voice(
                "Interviewer: What do you miss?\n"
                "Customer: A list of open orders on my phone. I call the office for it every"
                " morning.",
                "2026-03-01T15:00:00+00:00",
                customer_name="Minami Ltd",
            )
        ],
    ),
]
