"""Page frame and navigation; the pages themselves are in pages/."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # `streamlit run app/main.py` puts only app/ there
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from app import errors, resources  # noqa: E402
from app.navigation import pages  # noqa: E402

st.set_page_config(page_title="Domainsmith", page_icon=str(ROOT / "app" / "favicon.png"), layout="wide", initial_sidebar_state=190)
st.html(ROOT / "app" / "style.css")
current = st.navigation(pages())
with errors.shown():
    current.run()
    resources.embedder_state()  # begins to load behind the first page
