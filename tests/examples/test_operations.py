"""What examples/operations names exists: metrics, settings, commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from typer.main import get_command

from vocloop import metrics
from vocloop.cli.app import app
from vocloop.config import PREFIX, Settings
from vocloop_models.database import open_database, upgrade

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "operations"


def test_every_metric_of_the_dashboard_is_there(tmp_path: Path) -> None:
    dashboard = json.loads((EXAMPLES / "grafana-dashboard.json").read_text("utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"vocloop_\w+", target["expr"])
    }
    engine = open_database(f"sqlite:///{tmp_path / 'own.db'}")
    upgrade(engine)
    told = {
        family.name
        for source in (metrics.PROCESS, metrics.registry(engine))
        for family in source.collect()
    }
    engine.dispose()
    endings = r"_(bucket|sum|count|total)$"
    assert {re.sub(endings, "", name) for name in asked} <= told
    # And nothing is measured that no one looks at.
    assert {name for name in told if name.startswith("vocloop")} == {
        re.sub(endings, "", name) for name in asked
    }


def test_settings_and_commands_of_the_manifests_are_there() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    commands = set(get_command(app).commands)  # type: ignore[attr-defined]
    files = [EXAMPLES / "kubernetes.yaml", ROOT / "compose.yaml", ROOT / "Dockerfile"]
    for file in files:
        text = file.read_text("utf-8")
        assert (
            set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)) - {"VOCLOOP_POSTGRES_PASSWORD"} <= known
        )
        assert set(re.findall(r'\["?vocloop"?, "?([a-z]+)', text)) <= commands
    items = yaml.safe_load(files[0].read_text("utf-8"))["items"]
    kinds = [item["kind"] for item in items]
    assert kinds == ["ConfigMap", "Job", "Deployment", "Deployment", "Service", "CronJob"]
    for item in items:
        template = item["spec"].get("template") if "spec" in item else None
        if template:
            [container] = template["spec"]["containers"]
            assert container["securityContext"]["readOnlyRootFilesystem"]
            assert template["spec"]["securityContext"]["runAsNonRoot"]
