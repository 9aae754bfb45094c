"""The ASGI app: Streamlit's pages behind host check and security headers. Serve it with `python -m app`."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from streamlit.web.bootstrap import load_config_options

from app import chosen
from app.security import SecurityHeaders, bare_host
from core.settings import Settings

MAIN = Path(__file__).with_name("main.py")


def build(settings: Settings) -> st.App:
    """The app for these settings; Streamlit allows one per process."""
    hosts = sorted({*settings.allowed_hosts, *(bare_host(host) for host in settings.allowed_hosts)})  # both ways to write IPv6
    load_config_options({"server_allowedHosts": hosts, "server_address": settings.host, "server_port": settings.port})
    return st.App(
        MAIN,
        middleware=[Middleware(SecurityHeaders), Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)],
    )


app = build(chosen.settings())
