"""Overview: what needs me?"""

from app import state
from app.components import heading, notice
from app.resources import workbench
from app.views import overview_blocks as blocks
from core.workflows.overview import overview

seen = overview(workbench())
heading.show(blocks.title(seen), blocks.under(seen))
if said := state.take_flash():
    notice.show(said, level="done")
if seen.fresh:
    blocks.start()
if seen.untrained:
    blocks.train_one(seen.domains)
if seen.going:
    blocks.going(seen.going)
if seen.decisions:
    blocks.decisions(seen.decisions)
if seen.failed:
    blocks.failed(seen.failed)
if not seen.fresh:
    blocks.domains(seen.domains)
