"""A whole workspace as rows that are the same on every database: archived, restored, copied."""

from vocloop.backup.archive import Archive, write_archive
from vocloop.backup.load import copy_workspace, restore
from vocloop.backup.snapshot import snapshot

__all__ = ["Archive", "copy_workspace", "restore", "snapshot", "write_archive"]
