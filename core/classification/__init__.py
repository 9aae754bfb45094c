"""Which domain a document belongs to."""
