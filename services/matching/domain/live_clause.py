"""What a statement still offers or seeks when another part of it is denied or over: 老款停产，新款现货供应."""

from __future__ import annotations

import re

from services.chassis.model import fold

from .speech import cues, has_ended

_BREAK = re.compile(
    r"[,，;；]\s*|(?<=으나)\s|(?<=지만)\s|(?=但)|(?<=\S)(?=只(?:做|接|卖|供应))"
    r"|\s(?=(?:but|while|whereas)\s)|\sand\s(?=now\s|(?:\w+\s){1,6}?(?:is|are)\s)",
    re.IGNORECASE,
)
"""Where another matter may begin. Not at any `and`: what is not sold and distributed is neither."""
_DEALS = re.compile(
    r"(?:공급|판매|수출|납품|제공|양산|모집|생산|대여|임대|이전|도입|구매)(?:[은는을를도이가])?\s?(?:\S{1,4}\s)?"
    r"(?:계속|가능|합니다|하고\s?있|중입|중이|중\b|진행)|찾습니다|구합니다|받습니다|출시"
    r"|供应(?![商链])|现货|热销|有售|批发|征集|招募|招商|诚招|承接|销售|出口|提供|专注|主营|寻求|求购|接单|正在进行"
    r"|欢迎\S{0,6}(?:洽谈|采购|订购|投资|报名|代理)"
    r"|^(?:(?:but|while|whereas|and) )?(?:we |they )(?:now |still |currently |also )?"
    r"(?:are (?:now )?(?:raising|looking|seeking|accepting|selling|offering)|(?:suppl|sell|offer|provid|produc"
    r"|manufactur|make|export|ship|import|look|seek|accept|deliver))"
    r"|^(?:(?:but|and) )?(?:now |still )?(?:\b(?<=but )|\b(?<=now )|\b(?<=still ))(?:suppl|sell|offer|provid|produc"
    r"|manufactur|make|export|accept|deliver)"
    r"|(?<![a-z])(?:is|are) (?:now |still |always )?(?:available|in stock|open|for sale|offered|accepted)(?![a-z])"
)
"""Its verbs; of English ones those with a subject, or after `but` and `now`: in `we do not offer, license or sell` the
later ones are denied too."""
_OTHERS = re.compile(
    r"感谢|谢谢|[由曾仅]|售后|请勿|不(?![锈间断限])|已\S{0,3}[售转卖停结完让]|(?<![a-z])(?:were|was|only)(?![a-z])"
)
"""A clause about someone else, of the past, or of what is left."""
_OFTEN_LIVE = frozenset({5, 6, 9})
"""Cues that offers have as well: now, a verb of dealing, already."""


def live_clause(statement: str) -> str | None:
    """The clauses after the first that deal in something and have no cue of a denial or an end; None if there are
    none. Of clauses before it nothing is said: `we sold pumps, but stopped` offers no pumps."""
    later = [clause.strip() for clause in _BREAK.split(statement)[1:] if clause]
    return ", ".join(filter(_is_live, later)) or None


def _is_live(clause: str) -> bool:
    plain = fold(clause)
    heard = any(cue for n, cue in enumerate(cues(clause)) if n not in _OFTEN_LIVE)
    deals = len(plain) >= 4 and _DEALS.search(plain) and not _OTHERS.search(plain)
    return bool(deals) and not heard and not has_ended(clause)
