"""The gallery behind the workbench's own middleware."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app.security import SecurityHeaders

app = st.App(Path(__file__).with_name("gallery.py"), middleware=[Middleware(SecurityHeaders)])
