"""The names that exports in English and Japanese give to columns, and the words in them.

Adding a name here is all it takes to read one more export. Case, width, spaces and punctuation do
not count.
"""

from __future__ import annotations

from vocloop_models import Channel, Priority, TouchTier

# Of several columns that a field may have, the first name here that the file has is taken.
FEEDBACK = {
    "text": "text, body, comment, comments, feedback, message, content, description,"
    " verbatim, review text, review, answer, response, transcript, note, 本文, 内容,"
    " コメント, 自由記述, 自由回答, 問い合わせ内容, お問い合わせ内容, お問合せ内容,"
    " 問合せ内容, ご意見, 意見, ご要望, 要望, フィードバック, メッセージ, 回答, レビュー,"
    " 口コミ, 詳細, 説明, お客様の声, 顧客の声, VOC, 相談内容, 申告内容, 申出内容,"
    " follow-up response",
    "external_id": "external id, id, ticket id, response id, review id, case id,"
    " case number, number, key, 番号, 管理番号, チケット番号, チケットID, 受付番号,"
    " お問い合わせ番号, 回答ID",
    "title": "title, subject, summary, headline, review title, 件名, タイトル, 題名, 表題",
    "said_at": "said at, date, created at, created, timestamp, datetime,"
    " submitted at, received at, recorded date, created date, opened at, created time, requested,"
    " submission date, date opened, time, 日時, 日付,"
    " 受付日時, 受付日, タイムスタンプ, 作成日時, 作成日, 登録日時, 登録日, 回答日時, 回答日,"
    " 投稿日時, 投稿日, 発生日, 作成時刻, リクエスト日時, オープン日時, 受信日時, 受信日,"
    " 入電日時, 入電日, 問い合わせ日時, 問い合わせ日, お問い合わせ日時, お問い合わせ日",
    "customer_id": "customer id, company id, account id, organization id, 顧客ID,"
    " 顧客コード, 顧客番号, 取引先コード, 会社ID, 会社コード",
    "customer": "customer, company, account, organization, organisation,"
    " customer name, company name, account name, organization name, client, 会社, 会社名,"
    " 顧客, 顧客名, 企業名, 企業, 取引先, 取引先名, 法人名, 組織, お客様名, 貴社名, 御社名,"
    " 得意先, 得意先名, 契約先, 契約先名",
    "contact": "contact, contact id, requester id, requester, respondent id,"
    " respondent, user id, reporter, 担当者ID, 連絡先, 回答者ID, 回答者, 利用者ID,"
    " ユーザーID, 依頼者",
    "channel": "channel, via, チャネル, チャンネル, 受付経路, 経路, 媒体",
    "language": "language, lang, locale, user language, reviewer language, 言語",
    "rating_scale": "rating scale, 評価尺度, 尺度",
    "nps": "nps, nps score, recommend, 推奨度, NPSスコア",
    "ces": "ces, ces score, effort score, 顧客努力指標",
    "csat": "csat, csat score, satisfaction, 満足度, 顧客満足度",
    "stars": "stars, star rating, rating, 星, 星の数, 評価",
    "priority": "priority, urgency, 優先度, 緊急度, 優先順位",
    "severity_mark": "severity mark",
    "submitted_by": "submitted by, agent, 投稿者, 登録者, 入力者, 起票者",
    "tags": "tags, labels, tag, タグ, ラベル",
    "product": "product, product name, app, 製品, 製品名, 商品, 商品名, サービス, サービス名",
    "url": "url, link, permalink, リンク",
    "email": "email, e-mail, email address, requester email, customer email, メール,"
    " メールアドレス, Eメール",
    "names": "names, requester name, contact name, full name, 氏名, 名前, お名前, 担当者名,"
    " 担当者氏名",
}
# Only beside a column that says which scale it counts on; a bare score is ignored, not guessed.
SCALED_RATING = "rating, score, 評価, 点数, スコア"
CUSTOMERS = {
    "external_id": "external id, id, customer id, company id, account id, 顧客ID,"
    " 顧客コード, 顧客番号, 取引先コード, 会社ID, 会社コード",
    "name": "name, customer, customer name, company, company name, account,"
    " account name, organization, 会社名, 会社, 顧客名, 顧客, 企業名, 企業, 取引先名, 法人名,"
    " 名称",
    "industry": "industry, sector, 業種, 業界",
    "size": "size, company size, employees, 規模, 企業規模, 従業員規模, 従業員数",
    "region": "region, country, area, 地域, 地方, 国, エリア, 都道府県",
    "plan": "plan, product plan, プラン, 契約プラン",
    "touch_tier": "touch tier, touch, tier, タッチ, タッチ区分",
    "arr": "arr, annual recurring revenue, 年間契約額, 年間経常収益, 契約金額",
    "currency": "currency, 通貨",
    "since": "since, customer since, start date, started on, 契約開始日, 利用開始日, 開始日",
    "until": "until, end date, ended on, churned on, 解約日, 終了日",
    "renewal_on": "renewal on, renewal date, renewal, 更新日, 契約更新日",
}
CONTACTS = {
    "customer_id": FEEDBACK["customer_id"],
    "customer": FEEDBACK["customer"],
    "external_id": "external id, contact id, contact, user id, id, 担当者ID,"
    " 連絡先ID, 利用者ID, ユーザーID",
    "department": "department, division, 部署, 部門, 所属",
    "role": "role, job title, position, title, 役職, 役割, 職種",
    "champion": "champion, チャンピオン, 推進者",
}
DEPARTMENTS = {
    "key": "key, id, code, department key, 部署コード, 部門コード, コード",
    "name_ja": "name ja, 部署名, 部門名, 名称, 日本語名",
    "name_en": "name en, english name, 英語名",
    "description_ja": "description ja, 説明, 概要",
    "description_en": "description en, english description, 英語の説明",
}

WORDS: dict[str, dict[str, str]] = {
    "priority": {
        Priority.LOW: "low, minor, 低, 低い, 低め",
        Priority.NORMAL: "normal, medium, moderate, 中, 普通, 通常, 標準",
        Priority.HIGH: "high, 高, 高い, 高め",
        Priority.URGENT: "urgent, critical, 緊急, 至急, 最優先, 最高",
    },
    "channel": {
        Channel.TICKET: "ticket, チケット, 問い合わせ, お問い合わせ, web, webform, フォーム",
        Channel.SURVEY: "survey, アンケート, 調査",
        Channel.INTERVIEW: "interview, インタビュー, 面談, ヒアリング",
        Channel.REVIEW: "review, レビュー, 口コミ",
        Channel.CALL: "call, phone, voice, 電話, 架電, 入電",
        Channel.MEETING: "meeting, 会議, 打ち合わせ, 打合せ, 商談, 訪問",
        Channel.MAIL: "mail, email, e-mail, メール",
        Channel.OTHER: "other, その他",
    },
    "touch_tier": {
        TouchTier.HIGH: "high, high-touch, ハイタッチ, ハイ",
        TouchTier.LOW: "low, low-touch, ロータッチ, ロー",
        TouchTier.TECH: "tech, tech-touch, テックタッチ, テック",
    },
    "champion": {
        "true": "true, yes, 1, y, はい, ○, 〇, 有, あり",
        "false": "false, no, 0, n, いいえ, ×, 無, なし, -",
    },
}
