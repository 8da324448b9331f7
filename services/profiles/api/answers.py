"""Bodies of answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from schemas.common import Certification, Entry
from schemas.profiles import Names
from services.chassis.commit import Answer
from services.chassis.http import Output

from .. import usecases
from ..domain.certifications import is_expired
from ..domain.members import Member, MemberRecord
from ..domain.own_warnings import own_warnings
from ..domain.profile import Profile
from ..domain.public_warnings import PublicWarning
from ..domain.summary import ProfileSummary


class BusinessIdOut(Output):
    """`value` is there for the owner and organisers only."""

    scheme: str
    verdict: str
    value: str | None = None


class CertificationOut(Certification):
    """`expired`: its last valid day is over in the organisation's country."""

    expired: bool


class OrganisationOut(Output):
    """Who the profile is about."""

    type: str
    country: str
    names: Names
    legal_name: str
    group: str | None = None
    business_id: BusinessIdOut | None = None
    website: str | None = None
    certifications: list[CertificationOut] = []


class ProfileOut(Output):
    """A profile. `revision` is also its ETag."""

    profile_id: str
    owner: str
    state: str
    revision: int
    organisation: OrganisationOut
    languages: list[str]
    offers: list[Entry]
    needs: list[Entry]


class WarningOut(Output):
    """Something that was taken, and is the owner's to look at: a place in a public text that may point to a person, a
    date that is over, or a text that is too long to be found by its end. `pointer` names the field, `character` the
    place in its text, from 1."""

    pointer: str
    character: int
    detail: str


class WrittenProfileOut(ProfileOut):
    """A profile that was just written."""

    warnings: list[WarningOut] = []


class ProfilePage(Output):
    """A page of a search. `next` is the `cursor` of the next page; absent on the last one."""

    items: list[ProfileSummary]
    next: str | None = None


class MemberOut(MemberRecord):
    """Your own record."""

    member_id: str
    profile_id: str


def profile_out(profile: Profile, *, to_owner: bool, now: dt.datetime) -> ProfileOut:
    """A profile as it is shown. `to_owner`: to its owner or an organiser, who see the identifier's value."""
    organisation = profile.organisation.model_dump()
    organisation["certifications"] = [
        {**c.model_dump(), "expired": is_expired(c, country=profile.organisation.country, now=now)}
        for c in profile.organisation.certifications
    ]
    if not to_owner and organisation["business_id"]:
        del organisation["business_id"]["value"]
    return ProfileOut(
        profile_id=profile.id,
        owner=profile.owner,
        state=profile.state,
        revision=profile.revision,
        organisation=OrganisationOut(**organisation),
        languages=profile.languages,
        offers=profile.offers,
        needs=profile.needs,
    )


def profile_answer(
    profile: Profile, *, now: dt.datetime, status: int = 200, warnings: Sequence[PublicWarning] = ()
) -> Answer:
    """The answer to a command of the owner. `warnings`: what was found in the texts that it brought; what of it no
    one will find is added."""
    said = [*warnings, *own_warnings(profile, now=now)]
    shown = profile_out(profile, to_owner=True, now=now)
    return Answer.of(
        WrittenProfileOut(**dict(shown), warnings=[WarningOut(**vars(warning)) for warning in said]),
        subject=profile.id,
        status=status,
        revision=profile.revision,
        location=f"/v1/profiles/{profile.id}" if status == 201 else None,
    )


def member_out(member: Member) -> MemberOut:
    """A member's record as it is shown to the member."""
    return MemberOut(member_id=member.member_id, profile_id=member.profile_id, **member.record.model_dump())


def member_answer(result: usecases.MemberResult) -> Answer:
    """201 if the record is new, otherwise 200."""
    member = result.member
    return Answer.of(
        member_out(member), subject=member.id, status=201 if result.is_new else 200, revision=member.revision
    )
