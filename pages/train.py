"""Train: set a run up, or follow one."""

from app import resources, state
from app.components import heading, notice
from app.views import running, train_form, train_run
from core.workflows.live import running_now
from core.workflows.runs import find_run

bench = resources.workbench()
linked = state.linked("run")
run = find_run(bench, linked) if linked else None
others = [each for each in running_now(bench) if run is None or each.id != run.id]

if message := state.take_flash():
    notice.show(message, level="done")
if run is not None:
    running.show(others, key="train.running")
    train_run.show(run)
else:
    heading.show("Train a domain", "Finds instructions and worked examples that make a model read your documents better.")
    if linked:
        notice.show("There is no such run here.", "It may belong to another store.")
    running.show(others, key="train.running")
    train_form.show(others)
