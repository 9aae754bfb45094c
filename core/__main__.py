"""The command line: `python -m core VERB ...`."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # before anything loads LiteLLM, which otherwise asks the internet for prices

import sys

from core.cli.main import main

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a name in another encoding must not end a listing
    sys.exit(main(sys.argv[1:]))
