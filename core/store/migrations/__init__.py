"""Numbered steps from an empty store to today's; append only: a step that was ever released is never edited.

To change the store: declare it in `core.store.schema`, add `mNNNN_name.py` with the statements, and name it here.
"""

from core.store.migrations import m0001_first, m0002_documents

SQLITE: tuple[tuple[str, ...], ...] = (m0001_first.SQLITE, m0002_documents.SQLITE)
"""Position n - 1 holds the statements that lead from version n - 1 to version n."""

LATEST = len(SQLITE)
