"""Words saved as text — mails, chats, interviews — and tables whose cells hold more than words."""

from __future__ import annotations

from tests.vocloop.intake.exports import Export, voice

TALKS = [
    Export(
        "line_talk.txt",
        "interview",
        [
            voice(
                "お客様: お世話になっております。CSVの出力が途中で止まります。\n"
                "聞き手: ご不便をおかけします。何行目でしょうか。\n"
                "お客様: 500行目です。毎月困っています。",
                "2024-10-04T15:00:00+00:00",
                names=("佐藤", "山本"),
            )
        ],
    ),
    Export(
        "mail_ja.txt",
        "interview",
        [
            voice(
                "いつもお世話になっております。大和商事の佐藤です。\n"
                "先月分の請求書がまだ届いていません。\n至急ご確認をお願いいたします。\n\n"
                "--\n大和商事株式会社 経理部\n佐藤 恵\nTEL 03-1234-5678",
                "2024-10-05T06:12:00+00:00",
                title="請求書の件",
                channel="mail",
                email="megumi@yamato.example",
                names=("佐藤 恵",),
            )
        ],
    ),
    Export(
        "qa_ja.txt",
        "interview",
        [
            voice(
                "聞き手: 一番困っていることは何ですか？\n"
                "お客様: 検索が遅いことです。毎朝十分は待ちます。\n"
                "聞き手: 他にはありますか？\n"
                "お客様: 帳票の出力で日付がずれます。",
                "2024-10-04T15:00:00+00:00",
                title="インタビュー 2024/10/05",
            )
        ],
    ),
    Export(
        "interview_host.vtt",
        "interview",
        [
            voice(
                "聞き手: 困っていることはありますか。\n"
                "お客様: 承認が遅くて、 締めに間に合いません。",
                names=("司会 太郎", "佐藤 恵"),
            )
        ],
    ),
    Export(
        "interview_numbered.txt",
        "interview",
        [
            voice(
                "聞き手: 普段、経費精算で困っていることはありますか。\n"
                "お客様: 承認に三日かかるので、締めに間に合いません。\n"
                "お客様: スマホで領収書を撮っても読み取れないことが多いです。\n"
                "聞き手: どのくらいの頻度ですか。\n"
                "お客様: 毎月あります。",
                "2024-10-05T05:00:00+00:00",
            )
        ],
    ),
    Export(
        "minutes_table.docx",
        "interview",
        [
            voice(
                "聞き手: 一番困っていることは何ですか。\n"
                "お客様: 検索が遅いです。 毎朝十分は待ちます。\n"
                "聞き手: 他にありますか。\n"
                "お客様: 帳票の日付がずれます。",
                "2024-10-05T05:00:00+00:00",
                customer_name="青葉商店",
                title="利用者インタビュー",
            )
        ],
    ),
    Export(
        "jira_cloud.csv",
        "jira",
        [
            voice(
                "Since Monday nobody can log in.\n\nerror 500\n\nChrome and Edge, both fail.",
                "2024-10-25T06:42:00+00:00",
                external_id="SUP-12",
                customer_name="Aoba Inc.",
                contact="5b2",
                priority="high",
                tags=("login", "sso"),
            )
        ],
    ),
    Export(
        "hubspot_company_ja.csv",
        "hubspot",
        [
            voice(
                "先月分の請求書が届いていません。",
                "2024-10-05T06:12:00+00:00",
                customer="8801",
                customer_name="大和商事",
                email="megumi@yamato.example",
                priority="high",
            )
        ],
    ),
    Export(
        "freshdesk_faces_ja.csv",
        "freshdesk",
        [
            voice(
                "ログアウトされる",
                "2024-10-05T06:12:45+00:00",
                contact="900",
                rating=1 + 2 / 3,
                rating_scale="csat",
                priority="urgent",
                tags=("ログイン", "至急"),
            )
        ],
    ),
    Export(
        "zendesk_incremental.json",
        "zendesk",
        [
            voice(
                "It smokes whenever I print two pages.\n\nGreat support!",
                "2024-07-20T22:55:29+00:00",
                customer="509974",
                customer_name="みずほ商事",
                rating=5,
                priority="high",
            )
        ],
        ["ticket 35437 is deleted"],
    ),
    Export(
        "typeform_lines.csv",
        "typeform",
        [
            voice(
                "Search, then\nexports.",
                "2024-10-05T06:12:45+00:00",
                customer_name="Aoba",
                rating=7,
                rating_scale="nps",
            )
        ],
        ["no open question is answered"],
    ),
]
