"""Models: one gateway, several providers."""
