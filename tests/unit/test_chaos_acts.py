"""Which acts a chaos run has, and when it counts them as unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.cluster import Cluster
from deploy.local.system import System
from tests.chaos.acts import Acts, kinds
from tests.chaos.outages import broker_lost, election
from tests.chaos.seeing import Act

IN_TIME, SILENT, BROKEN = Act("a twin", 1.0, 2.0), Act("a twin", None, 2.0), Act("a twin", 1.0, None)


def test_only_a_cluster_loses_one_of_three(tmp_path: Path) -> None:
    alone = kinds(System(tmp_path, replicas={}))
    cluster = kinds(System.on_servers(Cluster(tmp_path), tmp_path, replicas={}))
    assert {election, broker_lost} & set(cluster) == {election, broker_lost}
    assert not {election, broker_lost} & set(alone) and len(cluster) == len(alone) + 2


@pytest.mark.parametrize(
    ("seconds", "done", "unseen"),
    [
        (60, [IN_TIME], []),
        (600, [IN_TIME, IN_TIME], []),
        (600, [IN_TIME], ["a twin was met once"]),
        (60, [SILENT], ["a twin: seen None, whole 2.0"]),
        (60, [BROKEN], ["a twin: seen 1.0, whole None"]),
    ],
)
def test_an_act_has_to_be_seen_and_whole_and_met_twice_in_a_long_run(
    tmp_path: Path, seconds: float, done: list[Act], unseen: list[str]
) -> None:
    acts = Acts(System(tmp_path, replicas={}), seconds)
    acts.done += done
    assert acts.unseen() == unseen


def test_a_long_run_owes_each_act_twice(tmp_path: Path) -> None:
    system = System(tmp_path, replicas={})
    acts = Acts(system, 600)
    assert acts.is_owed and not Acts(system, 60).is_owed
    acts.done += [IN_TIME] * 2 * len(kinds(system))
    assert not acts.is_owed
