"""Who may call which operation: a line for each that the services document."""

from __future__ import annotations

from collections.abc import Mapping

CALLERS: Mapping[str, tuple[str, str, str] | None] = {
    "nobody": None,
    "reader": ("other-firm", "reader", "read-1"),
    "stranger": ("other-firm", "participant", "other-1"),
    "partner": ("huaqiao", "participant", "wang-1"),
    "namesake": ("other-firm", "participant", "kim-1"),
    "colleague": ("hanbit", "participant", "lee-1"),
    "owner": ("hanbit", "participant", "kim-1"),
    "operator": ("platform", "operator", "ops-1"),
    "organiser": ("kic-office", "organiser", "kic-1"),
}
"""Org, role and sub. The things are hanbit's and its member kim-1's; huaqiao is the other side of the match."""
EVERYBODY = set(CALLERS)
KNOWN = EVERYBODY - {"nobody"}
MEMBERS = {"stranger", "partner", "namesake", "colleague", "owner"}
READERS = {"reader", "organiser"}
FIRM, PARTIES, SELF = {"colleague", "owner"}, {"partner", "colleague", "owner"}, {"owner"}
OPEN = {"GET /livez": EVERYBODY, "GET /readyz": EVERYBODY}
BY_LINK: set[str] = set()
"""The token in the link opens it, and a token of ours opens nothing."""
TABLE: Mapping[str, Mapping[str, set[str]]] = {
    "profiles": {
        "POST /v1/profiles": MEMBERS,
        "GET /v1/profiles": KNOWN,
        "GET /v1/profiles/{profile_id}": {*FIRM, "organiser"},  # a draft
        "PUT /v1/profiles/{profile_id}": FIRM,
        "DELETE /v1/profiles/{profile_id}": FIRM,
        "POST /v1/profiles/{profile_id}/publish": FIRM,
        "POST /v1/profiles/{profile_id}/withdraw": FIRM,
        "PUT /v1/profiles/{profile_id}/members/{member_id}": SELF,
        "GET /v1/profiles/{profile_id}/members/{member_id}": SELF,
        "DELETE /v1/profiles/{profile_id}/members/{member_id}": {*FIRM, "operator"},
        **OPEN,
    },
    "matching": {
        "GET /v1/matches": {*FIRM, "organiser"},
        "POST /v1/matches": FIRM,
        "GET /v1/matches/{match_id}": {*PARTIES, "organiser"},
        "POST /v1/matches/{match_id}/accept": PARTIES,
        "POST /v1/matches/{match_id}/decline": PARTIES,
        "GET /v1/slots": {*PARTIES, "organiser"},
        "GET /v1/holidays": KNOWN,
        "PUT /v1/holidays": {"organiser", "operator"},
        "GET /v1/meetings": {*FIRM, "organiser"},
        "POST /v1/meetings": PARTIES,
        "GET /v1/meetings/{meeting_id}": {*PARTIES, "organiser"},
        "POST /v1/meetings/{meeting_id}/confirm": PARTIES,
        "POST /v1/meetings/{meeting_id}/reschedule": PARTIES,
        "POST /v1/meetings/{meeting_id}/cancel": PARTIES,
        "POST /v1/meetings/{meeting_id}/check-in": PARTIES,
        "POST /v1/meetings/{meeting_id}/no-show": {*PARTIES, "organiser"},
        "POST /v1/meetings/{meeting_id}/held": {*PARTIES, "organiser"},
        "POST /v1/meetings/{meeting_id}/release": PARTIES,
        "GET /v1/meetings/{meeting_id}/attendance": {*PARTIES, "organiser"},
        "PUT /v1/meetings/{meeting_id}/debrief": PARTIES,
        "GET /v1/meetings/{meeting_id}/debrief": PARTIES,
        "GET /v1/forums/{forum_id}/report": {"organiser"},
        "GET /v1/forums/{forum_id}/report.csv": {"organiser"},
        "GET /v1/forums/{forum_id}/report.html": {"organiser"},
        "GET /v1/meeting-tools": KNOWN,
        "GET /v1/meetings/{meeting_id}/joining": {*PARTIES, "organiser"},
        "POST /v1/check-ins": set(),  # no meeting is at that table now
        "GET /v1/table-code": {"organiser"},
        "GET /v1/table-code.svg": {"organiser"},
        "PUT /v1/matches/{match_id}/outcome": PARTIES,
        "GET /v1/matches/{match_id}/outcome": {*PARTIES, "organiser"},
        "GET /v1/profiles/{profile_id}/follow-ups": FIRM,
        "GET /v1/profiles/{profile_id}/kept": {"organiser"},
        "GET /v1/members/{member_id}/schedule": {"namesake", "owner"},  # the namesake's own
        "GET /v1/members/{member_id}/schedule.html": {"namesake", "owner"},
        "GET /v1/members/{member_id}/schedule.pdf": {"namesake", "owner"},
        "GET /v1/table-schedule.html": {"organiser"},
        "GET /v1/table-schedule.pdf": {"organiser"},
        "GET /v1/interpreter-schedule.html": {"organiser"},
        "GET /v1/interpreter-schedule.pdf": {"organiser"},
        "PUT /v1/members/{member_id}/feeds/{kind}": {"namesake", "owner"},
        "GET /v1/members/{member_id}/feeds/{kind}": {"namesake", "owner"},
        "DELETE /v1/members/{member_id}/feeds/{kind}": {"namesake", "owner"},
        "GET /feeds/{token}": BY_LINK,
        "PUT /v1/members/{member_id}/busy": {"namesake", "owner"},  # the namesake's own busy times
        "GET /v1/members/{member_id}/busy": {"namesake", "owner"},
        "PUT /v1/members/{member_id}/linked-calendar": {"namesake", "owner"},
        "GET /v1/members/{member_id}/linked-calendar": {"owner"},  # the namesake's firm has no profile, so no link
        "DELETE /v1/members/{member_id}/linked-calendar": {"namesake", "owner"},
        "POST /v1/forums/{forum_id}/schedule": {"organiser"},
        "GET /v1/forums/{forum_id}/plans": {"organiser"},
        "POST /v1/forums/{forum_id}/changes": {"organiser"},
        "GET /v1/forums/{forum_id}/away": {"organiser"},
        "GET /v1/forums/{forum_id}/openings": {"organiser"},
        **dict.fromkeys(  # there is no such plan, and nothing is away, which organisers are told as everybody else
            (
                "GET /v1/forums/{forum_id}/plans/{number}",
                "GET /v1/forums/{forum_id}/plans/{number}/progress",
                "GET /v1/forums/{forum_id}/plans/{number}/meetings",
                "GET /v1/forums/{forum_id}/plans/{number}/left-out",
                "GET /v1/forums/{forum_id}/plans/{number}/changes",
                "POST /v1/forums/{forum_id}/plans/{number}/locks",
                "POST /v1/forums/{forum_id}/plans/{number}/publish",
                "DELETE /v1/forums/{forum_id}/away/{what}/{thing_id}",
                "GET /board/forums/{forum_id}/plans/{number}",
                "POST /board/forums/{forum_id}/plans/{number}/locks",
                "POST /board/forums/{forum_id}/plans/{number}/publish",
            ),
            BY_LINK,
        ),
        "GET /board/": MEMBERS | {"organiser"},
        "GET /board/board.css": EVERYBODY,
        "GET /board/sign-in": EVERYBODY,
        "GET /board/enter": EVERYBODY,  # a page with a button, which looks nothing up
        "POST /board/enter": KNOWN,  # from a page of ours; the code is a wrong one
        "POST /board/sign-in": BY_LINK,  # the token in the form opens it
        "POST /board/sign-out": KNOWN,
        "GET /board/day": MEMBERS,
        "GET /board/forums/{forum_id}": {"organiser"},
        "POST /board/matches/{match_id}/accept": PARTIES,
        "POST /board/matches/{match_id}/decline": PARTIES,
        "POST /board/meetings/{meeting_id}/confirm": PARTIES,
        "POST /board/meetings/{meeting_id}/accept": PARTIES,
        "POST /board/meetings/{meeting_id}/cancel": PARTIES,
        "POST /board/meetings/{meeting_id}/check-in": PARTIES,
        "GET /board/meetings/{meeting_id}/move": PARTIES,
        "POST /board/meetings/{meeting_id}/move": PARTIES,
        "POST /v1/rounds": {"organiser"},
        "GET /v1/rounds/{round_id}": {"organiser"},
        "GET /v1/rounds/{round_id}/fairness": {"organiser"},
        "POST /v1/forums": {"organiser"},
        "GET /v1/forums": KNOWN,
        "GET /v1/forums/{forum_id}": KNOWN,  # its people are shown to organisers
        "PUT /v1/forums/{forum_id}": {"organiser"},
        "POST /v1/forums/{forum_id}/open": {"organiser"},
        "POST /v1/forums/{forum_id}/ready": {"organiser"},
        "POST /v1/forums/{forum_id}/close": {"organiser"},
        "POST /v1/forums/{forum_id}/import": {"organiser"},
        "GET /v1/forums/{forum_id}/export": {"organiser"},
        "GET /v1/forums/{forum_id}/registrations": {"organiser"},
        "GET /v1/forums/{forum_id}/registrations/{profile_id}": {*FIRM, "organiser"},
        "PUT /v1/forums/{forum_id}/registrations/{profile_id}": FIRM,
        "DELETE /v1/forums/{forum_id}/registrations/{profile_id}": {*FIRM, "organiser"},
        "PUT /v1/forums/{forum_id}/registrations/{profile_id}/wishes": {"organiser"},
        "POST /v1/forums/{forum_id}/registrations/{profile_id}/passes": {*FIRM, "organiser"},
        "DELETE /v1/forums/{forum_id}/registrations/{profile_id}/passes": {*FIRM, "organiser"},
        "GET /v1/policies": {"organiser"},
        "GET /v1/policies/{name}": {"organiser"},
        "PUT /v1/policies/{name}": {"organiser"},
        "PUT /v1/profiles/{profile_id}/exclusions": FIRM,
        "GET /v1/profiles/{profile_id}/exclusions": FIRM,
        "GET /v1/profiles/{profile_id}/advice": FIRM,
        **OPEN,
    },
    "notifications": {
        "PUT /v1/recipients/{member_id}": SELF,
        "GET /v1/recipients/{member_id}": SELF,
        "DELETE /v1/recipients/{member_id}": SELF,
        "PUT /v1/recipients/{member_id}/preferences": SELF,
        "POST /v1/recipients/{member_id}/confirmation": SELF,
        "DELETE /v1/recipients/{member_id}/profiles/{profile_id}": SELF,
        "GET /v1/recipients/{member_id}/inbox": SELF,
        "GET /v1/recipients/{member_id}/inbox/stream": SELF,
        "POST /v1/webhooks": READERS,
        "GET /v1/webhooks": READERS,  # one's own
        "GET /v1/webhooks/{webhook_id}": {"organiser"},  # of kic-office
        "PATCH /v1/webhooks/{webhook_id}": {"organiser"},
        "DELETE /v1/webhooks/{webhook_id}": {"organiser"},
        "POST /v1/webhooks/{webhook_id}/rotate": {"organiser"},
        "POST /v1/webhooks/{webhook_id}/test": {"organiser"},
        "POST /v1/webhooks/{webhook_id}/replay": {"organiser"},
        "GET /v1/webhooks/{webhook_id}/deliveries": {"organiser"},
        "GET /unsubscribe/{token}": BY_LINK,
        "POST /unsubscribe/{token}": BY_LINK,
        "GET /confirm/{token}": BY_LINK,
        "POST /confirm/{token}": BY_LINK,
        **OPEN,
    },
    "translation": {
        "GET /v1/texts/{text_id}": KNOWN,  # of a published profile
        "PUT /v1/texts/{text_id}/{lang}": {"organiser"},
        "GET /v1/glossary": KNOWN,
        "PUT /v1/glossary": {"organiser"},
        **OPEN,
    },
}
