"""Where documents come from: files, a folder, or a folder on the machine that serves the page."""

import os
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from app import chosen, state
from app.__main__ import is_loopback
from app.components import heading, notice
from app.resources import workbench
from app.views.classify_rows import pile
from core.workflows.documents import Upload

FILES, FOLDER, HERE = "Files", "A folder", "On this machine"
_KINDS = "txt, md, html, pdf, docx, eml, csv (a document a row), jsonl, or zip of these. Recognition begins at once."


def show() -> None:
    """Draw the choice of a source and its field; whatever is given is taken over at once."""
    ways = [FILES, FOLDER, *([HERE] if is_loopback(chosen.settings().host) else [])]
    way = st.segmented_control("From", ways, default=FILES, required=True, key="classify.way", label_visibility="collapsed")
    if way == HERE:
        _here()
        return
    # a new field for every taking: what was taken is listed below and need not stand here as well
    key = f"classify.given.{way}.{state.remembered('classify.turn', 0)}"
    st.file_uploader(
        _KINDS, accept_multiple_files="directory" if way == FOLDER else True, key=key, on_change=_take, args=(key,), max_upload_size=200
    )


def _take(key: str) -> None:
    """Told twice of the same files where the run that was told first did not come to its end: each is taken once."""
    given: list[UploadedFile] = state.widget(key, [])
    taken: frozenset[str] = state.remembered("classify.taken", frozenset())
    new = [file for file in given if file.file_id not in taken]
    if new:
        state.remember("classify.taken", taken | {file.file_id for file in new})
        state.remember("classify.turn", state.remembered("classify.turn", 0) + 1)
        pile().add(workbench(), [Upload(name=file.name, content=file.getvalue()) for file in new])


def _here() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            "Folder or file on the machine that serves this page", key="classify.path", placeholder="/data/letters", autocomplete="off"
        )
        begin = st.button("Recognize", key="classify.begin", icon=":material/rule:", disabled=not (typed or "").strip())
    heading.note("Read where it lies, not uploaded: for what is too much for a browser.")
    if begin and typed:
        path = os.path.expanduser(typed.strip())
        if os.path.exists(path):
            pile().add(workbench(), [Path(path)])
            st.rerun()
        notice.show(f"there is no {path} on this machine", "give the whole path of a folder or file", level="error")
