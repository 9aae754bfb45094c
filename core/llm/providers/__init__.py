"""Where models run, one file or folder each."""
