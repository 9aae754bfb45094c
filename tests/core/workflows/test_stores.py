from pathlib import Path

import pytest

from core.bootstrap import open_workbench
from core.errors import AlreadyExistsError
from core.records.domains import Domain
from core.records.prompts import Deployment, Stage
from core.settings import Settings
from core.store.base import Put
from core.workbench import Workbench
from core.workflows.domains import create_domain
from core.workflows.stores import backup, check


def test_a_sound_store_is_whole(bench: Workbench) -> None:
    create_domain(bench, "machines", "Reports about machines in a hall.")
    assert check(bench).ok


def test_a_reference_to_nothing_is_a_problem(bench: Workbench) -> None:
    bench.store.write([Put(record=Deployment(id="d1", domain="nowhere", version="nothing", stage=Stage.PRODUCTION))])
    found = check(bench)
    assert not found.ok
    assert {problem.id for problem in found.problems} == {"d1"}


def test_a_backup_opens_as_a_store_and_is_never_overwritten(bench: Workbench, workbench_settings: Settings, tmp_path: Path) -> None:
    create_domain(bench, "machines", "Reports about machines in a hall.")
    copy = tmp_path / "copy.db"
    assert backup(bench, copy).size_bytes == copy.stat().st_size
    assert copy.stat().st_mode & 0o077 == 0
    other = open_workbench(workbench_settings.model_copy(update={"store": f"sqlite:///{copy}"}))
    assert other.store.get(Domain, "machines") == bench.store.get(Domain, "machines")
    other.close()
    with pytest.raises(AlreadyExistsError):
        backup(bench, copy)
