"""Texts as customers write them: short and long, polite and curt, formatted and garbled."""

from __future__ import annotations

JAPANESE = """\
アプリが落ちる
設定画面を開くとアプリが強制終了します。iOS 17.4、iPhone 12です。
請求書をPDFでダウンロードできない。
請求書の宛名を会社名に変更したいのですが、どこから設定すればよいでしょうか。
ログインできません
パスワードを再設定したのに「認証に失敗しました」と表示されます。
シフト表のCSV出力が文字化けする（Excel 2019）
月末に申請が承認者の不在で止まってしまう。代理承認の機能がほしい。
とても使いやすいです！いつもありがとうございます。
サポートの対応が早くて助かりました。
電話が全然つながらない。30分待たされた。
解約したい
料金が高すぎる。他社なら半額。
２０ｋｍ／ｈ～３０ｋｍ／ｈの走行から減速しようとしたところ、突然エンジン回転が吹け上がった。
ｱﾌﾟﾘｶﾞ落ﾁﾏｽ
①ログイン ②請求 ③通知 の順に直してほしい
㈱みなも商事の山田です。納品が２週間遅れています。
㌔単位で表示してほしい
通知が来ない😢 何度も設定を見直したのに…
画面がまぶしい。ダークモードはありますか？
「保存」を押しても反応しない→再起動で直る
店舗ごとに在庫を見たい。今は全店舗の合計しか出ない。
検索結果が多すぎて目的の商品にたどり着けない
二重に課金されている！至急返金してください！！
入力フォームが途中で消えた。１時間分の作業が無駄になった。
操作マニュアルが古い。画面と違う。
API連携でHTTP 429が返る。上限を教えてください。
Slack通知とメール通知を別々に切り替えたい
他部署の人にも閲覧だけ許可したい（権限の細分化）
管理者が退職してしまい、誰もログインできない状態です。
スマホだとボタンが小さすぎて押せない。特に高齢のスタッフが困っている。
動作が重い
毎週月曜の朝にダッシュボードの表示が極端に遅くなる。
カレンダーの祝日が去年のまま。
領収書の日付を変えられますか
初期設定が難しくて、導入担当者が一人で対応できなかった。
チャットボットの回答が的外れ。結局、電話した。
配送状況の更新が遅い。
注文のキャンセルがマイページからできない
二段階認証のコードが届きません。迷惑メールも確認済みです。
商品の写真と実物の色が違った。返品したい。
予約の変更をすると前の予約も残ってしまい、二重予約になる。
アンケート：特になし
営業の方の説明は丁寧でしたが、見積もりが出るまでに三週間かかりました。
データの移行を手伝ってほしい。旧システムは20年前のもので、担当者ももういない。
英語表示に切り替えると日付の形式がYYYY/MM/DDのままになる。
使い方の動画がほしい。文字だけだと新人に教えられない。
バッテリーの減りが早くなった。先月の更新からだと思う。
この機能のおかげで、毎月の締め作業が三日から半日になりました。
特定の取引先だけ自動計算が合わない。消費税の端数処理が原因では？
""".splitlines()

ENGLISH = """\
The app crashes.
The app crashes whenever I open the settings page on my iPhone 12 (iOS 17.4).
I can't download my invoice as a PDF.
How do I change the company name on my invoice?
can't log in
I reset my password but it still says "authentication failed".
CSV export of the shift table is garbled in Excel 2019
Requests stall at the end of the month because the approver is away. Please add delegates.
Really easy to use, thank you!
Support answered within minutes. Impressive.
On hold for 30 minutes, nobody picked up.
CANCEL MY SUBSCRIPTION
Too expensive. Your competitor is half the price.
While slowing down from 20-30 km/h the engine suddenly revved up by itself.
Please fix: 1) login 2) billing 3) notifications, in that order.
Our delivery is two weeks late and no one has told us why.
I'd like distances in miles.
no notifications 😢 checked the settings three times already…
The screen is too bright. Is there a dark mode?
Clicking "Save" does nothing -> works again after a restart
We need stock levels per store; right now we only see the total.
Search returns far too many results to find anything.
I was charged TWICE!!! Refund me immediately!
The form lost everything I typed. An hour of work gone.
The manual is outdated and doesn't match the screens.
Your API returns HTTP 429 after 10 calls/min. What is the limit?
Let me turn Slack alerts and e-mail alerts on and off separately.
Read-only access for other departments, please (finer permissions).
Our only admin left the company and now nobody can sign in.
Buttons are too small on a phone, our older staff struggle with them.
slow
Every Monday morning the dashboard takes forever to load.
The calendar still shows last year's public holidays.
Could the date on a receipt be changed afterwards?
Onboarding was too hard for one person to manage alone.
The chatbot's answers miss the point; I ended up calling anyway.
Tracking information is always a day behind.
There is no way to cancel an order from my account page.
The two-factor code never arrives, not even in spam.
The colour of the product differs from the photo, I want to return it.
Changing a reservation keeps the old one too, so we get double bookings.
Survey answer: n/a
The salesman was polite, but the quote took three weeks.
We need help migrating data from a 20-year-old system that nobody here understands any more.
Dates stay in YYYY/MM/DD format after switching the language to English.
Video tutorials would help, new hires don't read the documentation.
Battery drains faster since last month's update.
Thanks to this feature our monthly closing went from three days to half a day.
Totals are off by one yen for a single client; rounding of the sales tax, perhaps?
Error 0x80070057 at C:\\Users\\me\\AppData\\Local\\app.log, see <b>attachment</b> & reply ASAP.
""".splitlines()

# What tokenisers disagree about: width, composition, joiners, spaces, controls, unknown letters.
AWKWARD = [
    "ﾄﾞﾗｲﾊﾞｰ ｶﾞ ﾊﾟ ｳﾞ",
    "か\u3099き\u3099 は\u309a (combining dakuten)",
    "Ａ\u0301 e\u0301 ½\u0301 ²\ufe0f ﬁ\u0323",
    "ＡＢＣ１２３％＆～〜－ー―‐‑",
    "①②③ ㈱ ㌔ ㎡ ℡ № ㍻ ㋿ Ⅲ ½ ﷺ",
    "👩\u200d🔧 👍🏽 🇯🇵 1\ufe0f\u20e3 ❤\ufe0f",
    "  two  spaces\t\ttabs\r\nand\u3000wide\u00a0spaces ",
    "\u0001\u0002control\u007f\u200bzero\ufeffwidth",
    "𠮷野家 髙島屋 﨑 葛󠄀城",
    "\U00013000\U00013001 unknown letters",
    "▁ literal ▁▁ marks",
    "กำลัง ທຳ नमस्ते مرحبا שָׁלוֹם",
    "<s> </s> <pad> <mask>",
]
