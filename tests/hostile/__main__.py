from pathlib import Path

from tests.hostile import page

(Path(__file__).parents[2] / "docs" / "hostile.md").write_text(page(), encoding="utf-8")
