"""An agent brings in a table that nobody has seen before, and takes it out again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

TABLE = (
    "番号,入った日,相手,申し出,覚え書き\r\n"
    "1,2024/3/5,みなと物産,検索が遅いです。毎日困っています。,A\r\n"
    "2,2024/3/6,北商事,出力が途中で止まります。,B\r\n"
    "3,先週,北商事,日付が分かりません。,B\r\n"
)
COLUMNS = {"入った日": "発言日時", "相手": "顧客の会社名", "申し出": "お客様の言葉"}


def test_a_table_of_unknown_columns_is_looked_at_stored_and_undone(
    browser: Browser, importing: str, tmp_path: Path
) -> None:
    file = tmp_path / "窓口.csv"
    file.write_bytes(TABLE.encode("cp932"))
    context = browser.new_context(base_url=importing, locale="ja-JP")
    page = context.new_page()
    page.goto("/imports")
    page.get_by_label("ファイル", exact=False).first.set_input_files(file)
    page.get_by_role("button", name="まず内容を確認する").click()
    expect(page.get_by_role("alert").first).to_contain_text("お客様の言葉")
    for column, holds in COLUMNS.items():
        page.get_by_label(column, exact=True).select_option(holds)
    page.get_by_role("button", name="この設定でもう一度確認する").click()
    expect(page.get_by_text("cp932")).to_be_visible()
    expect(page.get_by_text("検索が遅いです。毎日困っています。").last).to_be_visible()
    expect(page.get_by_text("「先週」は日付ではありません。")).to_be_visible()
    with page.expect_download() as refused:
        page.get_by_role("link", name="CSVで保存").click()
    assert "先週" in Path(refused.value.path()).read_text("utf-8-sig")
    page.get_by_role("button", name="2行を取り込む").click()
    expect(page.get_by_role("heading", name="取り込みが終わりました")).to_be_visible()
    page.get_by_role("link", name="顧客", exact=True).click()
    expect(page.get_by_role("link", name="みなと物産")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="取り込みを元に戻す").click()
    expect(page.get_by_text("声2件、発言2件を取り除きました")).to_be_visible()
    page.get_by_role("link", name="顧客", exact=True).click()
    expect(page.get_by_text("顧客はまだ登録されていません")).to_be_visible()
    context.close()
