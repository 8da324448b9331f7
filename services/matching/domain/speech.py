"""What a statement does: it asks for something, or may say that something is not offered or needed (any more)."""

from __future__ import annotations

import re

from services.chassis.model import fold

from .speech_exceptions import DEALING, DEALS_ZH, OF_GOODS, SOUGHT

_ENDING = "마감|종료|완료|끝났|마쳤|마무리|중단|중지|청산"
_DENIALS = re.compile(
    rf"(?:{DEALING})\S{{0,4}}(?:지(?:는|도)?\s?(?:않|아니|못)|\s?(?:계획|예정|의향|생각|뜻)(?:이|은|도)?\s?(?:더\s?이상\s?)?없)"
    r"|(?:계획|예정|의향|생각|권리)(?:이|은|도|가)?\s?(?:더는|전혀|현재|아직)?\s?없|더\s?이상\s\S{0,12}(?:않|없)|불가(?:합니다|$)"
    r"|사절|(?<![가-힣])안\s(?:합|해|받|팝|팔|삽|사)"
    rf"|단종|(?:생산|판매|공급|사업|서비스)(?:을|를|은|는)?\s?(?:{_ENDING})|사업을?\s?(?:접|정리)|철수(?:했|하였|함|완료)|문을\s?닫(?:았|습|음|$)|폐업|청산이?\s?(?:완료|종료)|(?:[를을]|더\s?이상)\s?(?:하|진행하|진행되)지\s?않|열지\s?않"
    rf"|(?:모집|접수|신청|공모|유치|선정|투자|입찰|구매|도입|채용|계약|분양|라운드|펀드)\S{{0,6}}\s?\S{{0,8}}\s?(?:{_ENDING})(?:되|됐|했|하였|함|$|\.|습|돼)"
    r"|이미\s?\S{0,6}\s?(?:확보|도입|마감|종료|선정|계약|구매|판매|매각|이전|채용)|매각(?:했|하였|됐|되었)"
    r"|恕?不(?:对外|再|予|接受|提供|转让|出售|销售|供应|考虑|需要|寻求|招|开放|收购|采购|授权|承接|接|参与|打算|计划|外售|外卖|合作|引进|进口)"
    r"|勿扰|免谈|谢绝|拒绝|暂停|停止|停产|停售|停办|终止|无(?:需|意)|没有\S{0,10}(?:计划|打算|需求|意向)|非卖|下架|仅供?(?:内部|自用|自有)|自用"
    r"|已(?:经)?(?:圆满)?(?:结束|停|售罄|售完|截止|终止|关闭|满|退出|转让|出让|注销|招满|倒闭)"
    r"|(?:报名|招募|招标|征集|融资)\S{0,6}(?:已|关闭|结束|完成)"
    r"|不\S{0,4}(?:外售|出售|转让|引进|招商|授权)"
    r"|(?<![볼올])(?<!비교할)(?<!구할)\s수\s?없(?:습|음|다)|(?:물량|일정|주문|생산|자리)\S{0,2}\s(?:\S{1,4}\s)?(?:꽉\s?차|찼)|쉽니다"
    r"|卖掉|名额\S{0,2}已?满|只供\S{0,4}内部"
    r"|(?<![a-z])(?:(?:been|are|is|were) (?:filled|booked|awarded|fully booked)|internal use only|no capacity)(?![a-z])"
    r"|(?<![a-z])(?:no longer|discontinued|(?:is|are|has been|have been|now) (?:closed|ended|sold out)"
    r"|(?:do(?:es)?|will|can) ?not"
    r"|don't|cannot|not (?:for sale|available|open))(?![a-z])",
    re.IGNORECASE,
)
"""Verbs of dealing with a negation, and words for an end."""
_CUES = (
    _DENIALS,
    *(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            r"(?:않|없|못|아님|아니|아닙)\S{0,9}\s?\.?$",
            r"않|없|못하|불가|불허|안\s",
            r"지\s?(?:않습니다|않음|않는다|않고|못)",
            r"(?:중단|종료|마감|철수|폐지|취소|매각|처분|청산|중지|소멸|포기|제외|접었|접은|끝났|끝|결렬|멈추|넘겼|만실|소진|철회|해지"
            r"|폐업|단종|사양|사절|전용)\S{0,6}\s?\S{0,5}\.?$",
            r"더는|더\s?이상|이제|일절|당분간|현재|이미|모두|지난|작년|부로",
            r"이전|양도|판매|공급|제공|임대|라이선스|계약|도입|구매|모집|접수|투자|유치|매각|대행|위탁|취급|문의|연락|파트너|협력사",
            r"不(?:再|对外|予|向|单|做|卖|售|接|需|招|收|供|缺|跟|谈|考虑|授权|转让|出售|采购)|概不|恕不|从未|未(?:授权|开展|曾)"
            r"|没有|暂无|并不|无(?:法|货|需|意)|勿|谢绝|拒",
            r"售罄|停(?:产|售|止|办|业)|关(?:停|闭|门)|撤(?:销|回)|取消|注销|清算|退出|倒闭|下线|歇业|作罢|终止|截止|结束|收回|租满"
            r"|招满|收摊|自用|专用|自产",
            r"已(?:经|全部|于|被|签|选定|确定|转|完成)",
            r"(?<![a-z])(?:not|no|never|nothing|none|neither|n't|without)(?![a-z])",
            r"(?<![a-z])(?:sold|withdrew|withdrawn|liquidated|suspended|cancell?ed|closed|shut|disposed|discontinued|ended"
            r"|ceased|stopped|exited|solely|no longer)(?![a-z])",
        )
    ),
)
CUES = len(_CUES)
_ENDED = re.compile(
    r"(?:판매|생산|공급|수출|취급|제공)\s?안\s?(?:함|합니다|해요|하)|까지만?\s?(?:판매|생산|공급|수출|제공|취급|제조|운영|납품)(?:했|하였|함)"
    r"|(?:잠정|현재|당분간|일시)\s?(?:중단|보류)(?:되었|됐|했|하였|함|중입|합니다|\.|$)|보류\s?(?:되었|됐|중|상태|했|하였)|(?:재고|물량)\S{0,4}\s(?:\S{2}\s)?(?:소진|품절)(?:되|됐|으로|입|\.|$)"
    r"|품절(?:입니다|되었|됐|\.|$)|(?:사업|라인|부문|부|제품군)\S{0,3}\s(?:\S{1,8}\s){0,2}"
    r"(?:(?:양도|매각)(?:했|하였|됐|되었|하여|한\s상태)|넘겼|정리\s?단계|정리했|정리하였)"
    r"|(?:판매|생산|사업|제조|조립|영업|수출|공급)\S{0,2}\s(?:\S{1,8}\s){0,2}(?:접었|그만두|그만뒀|멈췄|관뒀)"
    r"|[을를]\s끝으로\s|예전에는?\s\S{1,12}\s(?:만들|팔|생산|판매)"
    r"|(?:业务|产品线|生产线|部门|事业部|产线)(?:均|都)?(?:已经?|现已)\S{0,8}(?:剥离|出售|转让|关停|关闭|卖|停)"
    r"|(?:已|被)\S{0,4}(?:出售|转让|剥离|卖)给"
    r"|(?:现|已|现已)(?:经)?(?:转行|转型|改行)|现(?:在)?(?:改做(?!出口)|不做)|目前不做"
    r"|(?<!\S)(?:\S{0,8}(?:公司|我们|我司|厂))?(?:曾经?|以前|过去|原来|原先)(?:经营|生产|做|从事|销售|供应)"
    r"(?!\S{0,30}(?:现在?供应|提供|供应|(?:如今|现在?|目前)\S{0,6}(?:出口|生产|销售|自有)))"
    rf"|暂(?:不|无|停|缓)\S{{0,6}}(?:{DEALS_ZH}|生产|销售|计划|意向|需求)|不打算再"
    r"|(?<![a-z])we used to (?:make|sell|produce|supply|offer|provide|import|export|distribute)(?![a-z])"
    r"|(?<![a-z])(?:until (?:19|20)\d\d,? we |we formerly )"
    # After a noun it is what the noun was used for: the tool we used to measure.
    r"|(?:\A|[.,;:]\s|(?<![a-z])(?:and|but) )(?:we|i|the company|our (?:firm|company)) used to "
    r"|(?<![a-z])(?:business|line|division|unit|factory|product line) (?:was|has been|were) "
    r"(?:sold|closed|shut|transferred|discontinued)"
    r"|(?<![a-z])we (?:have )?(?:sold|closed|stopped|ceased|exited|left) "
    r"(?:our|the|making|selling|producing|supplying)(?![a-z])"
    r"|名额\S{0,2}已?满|(?<![a-z])(?:positions?|vacanc(?:y|ies)|places|slots) (?:\w+ ){0,3}"
    r"(?:been|are|is|were) (?:already |all |fully )?(?:filled|booked|taken)(?![a-z])"
    r"|(?<![a-z])no (?:more|further|new) (?:orders|inquiries|requests)"
    r"|(?<![a-z])(?:out of stock|not offered|sold out)(?=\s*(?:[.,;]|and |any |\Z))",
    re.IGNORECASE,
)
"""An end that needs no judge: it was dealt in, and no more."""
WISH = re.compile(
    r"찾습니다|찾고\s?있|찾는다|찾아요|구합니다|구하고|구함|구해요|(?:구매|도입)(?:를|을|하고|하려)?\s?(?:희망|하려|하고자|원|검토)|희망합니다"
    r"|필요합니다|원합니다|부족(?:합|하)|求购|征求|诚征|寻求|寻找|找寻|诚寻|急需|缺少|需要采购|希望(?:采购|引进|购买|找到)|拟(?:采购|引进|购)|征集|恳请"
    r"|(?<![a-z])(?:looking for|seeking|in search of|wanted|want to (?:buy|import|license))(?![a-z])",
    re.IGNORECASE,
)
"""It asks for something: under the offers of a product it offers nothing."""


_VACANCY = re.compile(
    r"\[채용\s?공고\]|채용\s?공고(?:\s*:|\Z)|4대\s?보험|연봉\s?(?:협의|\d)|(?:경력직|신입)\s[^,.]{0,30}모집"
    r"|(?:招聘|诚聘|急聘)(?::|[^,，。；;:\s]{1,12}(?:员|师|工|经理|\d名)(?!系统|平台|软件|服务|培训))|五险|底薪|岗位职责"
    r"|(?<![a-z])(?:job opening:|apply now for the position|(?:send|submit) (?:us )?your (?:cv|resume)|we are hiring)"
)
"""A job advertisement, not what is sold to those who write them."""
_OWN = re.compile(r"있습니다|있는데|[을할]까요|당사|저희|我们|我司|本公司|我公司|(?<![a-z])(?:we|our|us)(?![a-z])")
"""In a question: the firm speaks of itself, not of its reader."""


def cues(statement: str) -> list[float]:
    """Which cues of a denial the statement has, beside what it says of goods: 1 or 0 each. None of them alone decides:
    what does not rust is offered, what is not sold is not."""
    rest = OF_GOODS.sub(" ", fold(statement))
    return [float(cue.search(rest) is not None) for cue in _CUES]


def has_ended(statement: str) -> bool:
    """Whether it says of its matter that it was dealt in, and is no more."""
    return _ENDED.search(OF_GOODS.sub(" ", fold(statement))) is not None


def is_wish(statement: str) -> bool:
    """Whether the statement asks for something; not for what goods look for, or for those who look for it, and not
    where it asks its readers what they look for. A vacancy asks for staff."""
    said = fold(statement)
    if _VACANCY.search(said):
        return True
    return WISH.search(SOUGHT.sub(" ", said)) is not None and (not said.endswith("?") or _OWN.search(said) is not None)
