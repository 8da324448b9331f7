"""What makes an attack red. Pure, so that a test can show that it goes red."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What others may notice of an attack."""

    livez_ms: float
    growth_mib: float = 150


@dataclass(frozen=True)
class Observation:
    """What was seen of an attack. `complaints` are the expectations of the attack itself that failed."""

    name: str
    sent: str
    seen: str
    complaints: tuple[str, ...]
    asked: int
    """Answers of `/livez` that the watcher waited for, all replicas together."""
    refused: int
    """Those that were not 200."""
    longest_ms: float
    longest_at: str
    """The replica that took so long."""
    growth_mib: float
    """Of the service process that grew most."""
    errors: int
    """Answers 5xx of all replicas, as their own metrics count them."""
    memory_counts: bool = False
    """Whether growth is judged. Elsewhere it is only shown: there a process may load its model of languages."""
    watcher_late_ms: float = 0.0
    """How late the watcher itself ran at most: about so much of `longest_ms` may be the machine's."""


def judge(seen: Observation, limits: Limits) -> list[str]:
    """Why an attack is red; empty where it is green."""
    reasons = list(seen.complaints)
    if not seen.asked:
        reasons.append("/livez was not asked")
    if seen.refused:
        reasons.append(f"{seen.refused} of {seen.asked} /livez were not 200")
    # On a machine that is full, who asks is late, too, and that is no fault of the service.
    if seen.longest_ms - seen.watcher_late_ms > limits.livez_ms:
        reasons.append(f"/livez took {seen.longest_ms:.0f} ms, more than {limits.livez_ms:.0f}")
    if seen.errors:
        reasons.append(f"{seen.errors} answers 5xx")
    if seen.memory_counts and seen.growth_mib > limits.growth_mib:
        reasons.append(f"memory grew by {seen.growth_mib:.0f} MiB, more than {limits.growth_mib:.0f}")
    return reasons


def line(seen: Observation, reasons: list[str]) -> str:
    """One line for people."""
    others = (
        f"/livez {seen.longest_ms:.0f} ms at most ({seen.longest_at}) of {seen.asked} "
        f"(watcher late {seen.watcher_late_ms:.0f} ms), "
        f"memory {seen.growth_mib:+.0f} MiB, 5xx {seen.errors}"
    )
    colour = f"red: {'; '.join(reasons)}" if reasons else "green"
    return f"{seen.name:10} | {seen.sent} | {seen.seen} | {others} | {colour}"


def p95(seconds: list[float]) -> float:
    """The 95th percentile; 0 of none."""
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.95))] if seconds else 0.0
