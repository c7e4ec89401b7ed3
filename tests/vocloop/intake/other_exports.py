"""Other exports of the same tools: tables where exports.py has the API, other headers, footers."""

from __future__ import annotations

from tests.vocloop.intake.exports import Export, voice

OTHER_EXPORTS = [
    Export(
        "zendesk_report.csv",
        "zendesk",
        [
            voice(
                "CSV export stops at 500 rows",
                "2024-03-05T00:12:00+00:00",
                external_id="4711",
                channel="mail",
                customer_name="Minato Trading",
                contact="900",
                email="hana@minato.example",
                rating=1,
                rating_scale="csat",
                priority="high",
                tags=("export", "csv", "vip"),
            ),
            voice("Cannot log in", "2024-03-15T02:40:00+00:00", rating=None, priority="urgent"),
        ],
    ),
    Export(
        "zendesk_view_ja.csv",
        "zendesk",
        [
            voice(
                "請求書がダウンロードできません",
                "2024-03-05T00:12:00+00:00",
                external_id="5123",
                customer_name="みなと物産",
                priority="high",
            ),
            voice("検索が遅い", "2024-03-06T01:12:00+00:00", priority="normal"),
        ],
    ),
    Export(
        "zendesk_ticket_events.json",
        "zendesk",
        [
            voice(
                "The search got slower after the update.",
                "2024-03-05T00:12:00+00:00",
                customer="501",
                contact="7001",
                channel="mail",
            )
        ],
        ["audit 10 changes fields only"],
    ),
    Export(
        "zendesk_satisfaction.json",
        "zendesk",
        [
            voice(
                "Nobody answered for three days.",
                "2024-03-05T00:12:00+00:00",
                contact="7001",
                channel="survey",
                rating=1,
                rating_scale="csat",
            )
        ],
        ["rating 63 has a score but no words", "is not like the others"],
    ),
    Export(
        "freshdesk.csv",
        "freshdesk",
        [
            voice(
                "Scanner reads 8 as 3",
                "2024-03-05T00:12:33+00:00",
                external_id="41",
                channel="mail",
                customer="71",
                customer_name="Minato Trading",
                contact="61",
                email="hana@minato.example",
                rating=1,
                rating_scale="csat",
                priority="urgent",
                tags=("ocr", "scanner"),
                product="Scanner",
                language="ja",
            )
        ],
    ),
    Export(
        "freshdesk_ja.csv",
        "freshdesk",
        [
            voice(
                "印刷がずれます",
                "2024-03-05T00:12:33+00:00",
                external_id="42",
                customer_name="みなと物産",
                email="hana@minato.example",
                priority="high",
                tags=("印刷",),
            )
        ],
    ),
    Export(
        "freshdesk_account.json",
        "freshdesk",
        [
            voice(
                "We can't add seats\n\nStill not",
                "2024-03-05T00:12:33+00:00",
                external_id="43",
                customer="71",
                priority="high",
            )
        ],
    ),
    Export(
        "hubspot_ja.csv",
        "hubspot",
        [
            voice(
                "席数を追加できません。至急対応をお願いします。",
                "2024-03-05T00:12:00+00:00",
                external_id="8801",
                channel="mail",
                customer="3301",
                customer_name="みなと物産",
                email="hana@minato.example",
                names=("佐藤花子",),
                priority="high",
                tags=("請求に関する問題",),
            )
        ],
    ),
    Export(
        "salesforce_footer.csv",
        "salesforce",
        [
            voice("The invoice shows the wrong tax.", "2024-03-25T05:30:00+00:00", channel="mail"),
            voice("We can't add seats.", "2024-03-05T00:12:00+00:00", channel="call"),
        ],
        ["is a line of the report's own"] * 5,
    ),
    Export(
        "salesforce_report_ja.csv",
        "salesforce",
        [
            voice(
                "請求書の税額が間違っています。",
                "2024-03-05T00:12:00+00:00",
                external_id="00001028",
                channel="call",
                customer_name="みなと物産",
                priority="high",
            )
        ],
    ),
    Export(
        "jira_ja.csv",
        "jira",
        [
            voice("検索に一分以上かかります。", "2024-03-05T00:12:00+00:00", priority="high"),
            voice("出力が止まります。", "2024-03-25T06:12:00+00:00", external_id="DESK-14"),
        ],
    ),
    Export(
        "jira_requests.json",
        "jira",
        [
            voice(
                "The printer jams twice a day.",
                "2024-03-05T00:12:00+00:00",
                external_id="HELPDESK-1",
                title="Printer broken",
                contact="qm:a",
                url="https://aoba.atlassian.net/servicedesk/customer/portal/10/HELPDESK-1",
            )
        ],
    ),
    Export(
        "qualtrics_utf16.csv",
        "qualtrics",
        [
            voice(
                "設定に一週間かかりました。",
                "2024-03-05T00:12:33+00:00",
                external_id="R_2",
                rating=3,
                rating_scale="nps",
                language="ja",
            )
        ],
        ["response R_3 is a preview"],
    ),
    Export(
        "qualtrics.json",
        "qualtrics",
        [
            voice(
                "Setup took a week.",
                "2024-03-05T00:12:33.123000+00:00",
                external_id="R_4",
                rating=3,
                rating_scale="nps",
                language="en",
            )
        ],
    ),
    Export(
        "google_forms_ja_zone.csv",
        "google-forms",
        [
            voice(
                "検索が遅いので改善してほしいです。",
                "2024-03-05T00:12:33+00:00",
                customer_name="みなと物産",
                rating=2,
                rating_scale="csat",
            )
        ],
        ["no open question is answered"],
    ),
    Export(
        "minutes_ja.txt",
        "interview",
        [
            voice(
                "聞き手: 本日はよろしくお願いします。検索はいかがですか。\n"
                "お客様: 検索は遅いです。毎日困っています。\n"
                "聞き手: 承知しました。\n"
                "お客様: 出力を自動にしてほしいです。",
                "2024-03-04T15:00:00+00:00",
                customer_name="北商事",
            )
        ],
    ),
    Export(
        "stamped.txt",
        "interview",
        [
            voice(
                "Ken Mori: How do you use the export today?\n"
                "Hana Sato: We export every morning. It stops at five hundred rows."
            )
        ],
    ),
    Export(
        "interview_two.vtt",
        "interview",
        [
            voice(
                "Interviewer: How do you use the export today?\n"
                "Customer: We export every morning. It stops at five hundred rows."
            )
        ],
    ),
]
