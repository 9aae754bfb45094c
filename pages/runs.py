"""Runs: did it get better, and is it real?"""

from app import errors, resources, state
from app.components import notice
from app.views import runs_compare, runs_list, runs_one
from core.workflows.runs import find_run

a, b = state.pair()
linked = state.linked("run")
run = find_run(resources.workbench(), linked) if linked else None

if message := state.take_flash():
    notice.show(message, level="done")
if a and b:
    with errors.shown():
        runs_compare.show(a, b)
elif run is not None:
    runs_one.show(run)
else:
    if linked:
        notice.show("There is no such run here.", "It may belong to another store.")
    runs_list.show()
