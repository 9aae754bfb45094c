"""One thin file per page: layout and calls into core.workflows."""
