"""What an analyst does, one file per verb: the only thing that pages, API and command line call."""
