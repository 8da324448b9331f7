"""Services: rate, errors and duration of what callers get, and what the processes need for it."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import Panel, VariableRefresh

from ..panels import SOURCE, About, Series, board, lines, numbers, quantiles

ONE = '{service=~"$service"}'
RATE = "[$__rate_interval]"


def services() -> Dashboard:
    """The dashboard, with a variable to choose services."""
    choice = QueryVariable("service").label("Service").datasource(SOURCE).multi(True).include_all(True)
    choice.query("label_values(magpie_build_info, service)").all_value(".+").refresh(
        VariableRefresh.ON_TIME_RANGE_CHANGED
    )
    about = "Rate, errors and duration of requests by service and route; commits, loops, memory and processor."
    return board("Services", about, (*_requests(), *_routes(), *_commits(), *_processes(), *_state())).with_variable(
        choice
    )


def _requests() -> Iterator[Builder[Panel]]:
    requests = Series(f"sum by (service) (rate(magpie_http_requests_total{ONE}{RATE}))", "{{service}}")
    about = "Requests a second, without those for health and metrics."
    yield lines(About("Requests", "reqps", about), requests)
    about = "The part of the requests that failed by our fault (5xx). 0.1 % may in 30 days."
    errors = Series(f"service:api_errors:ratio_rate5m{ONE}", "{{service}}")
    yield lines(About("Errors, last 5 minutes", "percentunit", about), errors)
    about = "Time until an answer began. Above 1 s counts against the promise: 1 % may."
    where = '{service=~"$service"}'
    yield lines(About("Duration", "s", about), *quantiles("magpie_http_request_seconds", "service", where=where))


def _routes() -> Iterator[Builder[Panel]]:
    about = "The ten routes that are asked most."
    by_route = f"topk(10, sum by (method, route) (rate(magpie_http_requests_total{ONE}{RATE})) > 0)"
    yield lines(About("Requests by route", "reqps", about), Series(by_route, "{{method}} {{route}}"))
    about = "Answers by status. 4xx are refusals by a rule, 503 says to come again, 0 is a caller who hung up."
    by_status = f"sum by (status) (rate(magpie_http_requests_total{ONE}{RATE})) > 0"
    yield lines(About("Answers by status", "reqps", about), Series(by_status, "{{status}}"))
    about = "The 95th percentile of the ten slowest routes."
    rate = f"sum by (le, method, route) (rate(magpie_http_request_seconds_bucket{ONE}{RATE}))"
    slow = f"topk(10, histogram_quantile(0.95, {rate}) > 0)"
    yield lines(About("Slowest routes, p95", "s", about), Series(slow, "{{method}} {{route}}"))


def _commits() -> Iterator[Builder[Panel]]:
    about = "One transaction, from its first write to its commit. Slow here and nowhere else: MongoDB or its disk."
    where = '{service=~"$service"}'
    yield lines(About("Commits", "s", about, width=6), *quantiles("magpie_commit_seconds", "service", where=where))
    about = "Commands that wait for their commit. They grow where the processor is busy."
    waiting = Series(f"sum by (service) (magpie_commands_waiting{ONE})", "{{service}}")
    yield lines(About("Commands that wait", "short", about, width=6), waiting)


def _processes() -> Iterator[Builder[Panel]]:
    about = "Since the slowest loop of a replica has made progress; after 90 s its process ends itself."
    beats = Series(f"max by (service, instance) (magpie_loop_beat_age_seconds{ONE})", "{{service}} {{instance}}")
    yield lines(About("Loops", "s", about, width=6), beats)
    about = "1 while a server answers: Kafka and MongoDB, as each service sees them."
    up = Series(f"min by (service, dependency) (magpie_dependency_up{ONE})", "{{service}} {{dependency}}")
    yield lines(About("Servers", "short", about, width=6), up)
    about = "Resident memory of each replica."
    memory = Series('process_resident_memory_bytes{job="magpie", service=~"$service"}', "{{service}} {{instance}}")
    yield lines(About("Memory", "decbytes", about, width=6), memory)
    about = "Processor time a second of each replica; 1 is one core."
    cpu = Series(
        f'rate(process_cpu_seconds_total{{job="magpie", service=~"$service"}}{RATE})', "{{service}} {{instance}}"
    )
    yield lines(About("Processor", "short", about, width=6), cpu)


def _state() -> Iterator[Builder[Panel]]:
    about = "Profiles in the index of each replica of matching, and how many seconds it is behind the database."
    profiles = Series("magpie_index_profiles", "{{instance}} profiles")
    yield lines(
        About("Index", "short", about, width=6), profiles, Series("magpie_index_lag_seconds", "{{instance}} s behind")
    )
    about = "Replicas by version and revision. More than one line of a service: an upgrade is under way."
    build = Series(
        f"sum by (service, version, revision) (magpie_build_info{ONE})", "{{service}} {{version}} {{revision}}"
    )
    yield numbers(About("Replicas", "short", about, width=6), build)
    about = "1 while a part says that it does not do its work; /readyz and the log say why. Zero is good."
    parts = Series(f"max by (service, part) (magpie_degraded{ONE})", "{{service}} {{part}}")
    yield lines(About("Degraded parts", "short", about, width=12), parts)
    about = (
        "Open files of each replica: connections, streams and index. Streams are refused before the limit is reached."
    )
    files = Series('process_open_fds{job="magpie", service=~"$service"}', "{{service}} {{instance}}")
    yield lines(About("Open files", "short", about, width=12), files)
