"""What a run has found: counts, the sentences behind them, the dangerous moments it met."""

from __future__ import annotations

import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from deploy.local.system import System

from .evidence import Evidence
from .faults import Faults
from .people import Crowd
from .seeing import Act
from .verdict import Verdict

TURNED_AWAY = {
    "records_known_by_cursor": ("magpie_records_repeated_total", {"known_by": "cursor"}),
    "records_known_by_inbox": ("magpie_records_repeated_total", {"known_by": "inbox"}),
    "leases_lost": ("magpie_leases_lost_total", {}),
    "jobs_superseded": ("magpie_jobs_total", {"outcome": "superseded"}),
    "batches_decided_again": ("magpie_batches_decided_again_total", {}),
}


class TurnedAway:
    """What the guards turned away, as each process counted it until it was last asked: a kill forgets the rest."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._known: dict[int, Counter[str]] = {}

    def look(self) -> None:
        for replicas in self._system.services.values():
            for service in replicas:
                if (found := _asked(f"{service.operations_url}/metrics")) is not None:
                    self._known[service.pid] = found

    def counts(self) -> dict[str, int]:
        total = sum(self._known.values(), Counter[str]())
        return {name: total[name] for name in TURNED_AWAY}


def _asked(url: str) -> Counter[str] | None:
    """None where nobody is there just now."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            text = answer.read().decode()
    except OSError:
        return None
    found = Counter[str]()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            for name, (metric, labels) in TURNED_AWAY.items():
                if sample.name == metric and labels.items() <= sample.labels.items():
                    found[name] += int(sample.value)
    return found


@dataclass
class Report:
    seconds: float
    seed: int
    kills: int
    faults: dict[str, int]
    commands: int
    refused: int
    asked_again: int
    recovery_p95_s: float
    """Of kills of services: from the kill until every firm's act is known everywhere again."""
    recovery_s: dict[str, list[float]]
    """By fault, from its end: how often, median, most."""
    windows: dict[str, int]
    """Dangerous moments that were met: where somebody was killed or stopped, and what the guards turned away."""
    lost: list[str]
    doubled: list[str]
    disordered: list[str]
    stuck: list[str]
    changed_by_rewind: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    """What operators did, with the seconds until it was seen and until all was whole."""

    @property
    def is_clean(self) -> bool:
        columns = (self.lost, self.doubled, self.disordered, self.stuck, self.changed_by_rewind, self.unseen)
        return not any(columns)

    def as_json(self) -> dict[str, Any]:
        """Counts first, and the sentences behind them."""
        found = asdict(self)
        named = ("lost", "doubled", "disordered", "stuck", "changed_by_rewind", "unseen")
        return {**found, **{name: len(found[name]) for name in named}, "what": {n: found[n][:50] for n in named}}


def is_kill_of_service(fault: str) -> bool:
    return fault.startswith("kill ") and fault not in ("kill kafka", "kill mongod")


def _share(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1) if ordered else 0.0


def report(
    people: Crowd,
    faults: Faults,
    recoveries: dict[str, list[float]],
    turned_away: TurnedAway,
    evidence: Evidence,
    verdict: Verdict,
    changed: list[str],
    seconds: float,
    seed: int,
    acts: list[Act],
) -> Report:
    history = people.firms[0].history
    kills = [took for name, all_ in recoveries.items() if is_kill_of_service(name) for took in all_]
    repeats = sum(len(events) - len({e.id for e in events}) for events in evidence.events.values())
    posted = len(evidence.mails) - len({mail.id for mail in evidence.mails})
    again = sum(len(caller.repeats) for firm in people.firms for caller in firm.callers.values())
    return Report(
        seconds=seconds,
        seed=seed,
        kills=faults.kills + sum(act.kills for act in acts),
        faults=dict(sorted(faults.done.items())),
        commands=history.commands,
        refused=history.refused,
        asked_again=again,
        recovery_p95_s=_share(kills, 95),
        recovery_s={
            name: [len(all_), _share(all_, 50), _share(all_, 100)] for name, all_ in sorted(recoveries.items())
        },
        windows={**faults.windows, "republished": repeats, "mails_repeated": posted, **turned_away.counts()},
        lost=verdict.lost,
        doubled=verdict.doubled,
        disordered=verdict.disordered,
        stuck=verdict.stuck,
        changed_by_rewind=changed,
        unseen=verdict.unseen,
        acts=acts,
    )
