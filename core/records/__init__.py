"""What the workbench knows: frozen records, no I/O."""
