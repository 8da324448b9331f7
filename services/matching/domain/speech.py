"""What a statement does: it asks for something, or may say that something is not offered or needed (any more)."""

from __future__ import annotations

import re

_DEALING = (
    "이전|양도|공개|판매|공급|제공|대여|임대|허여|라이선스|라이센스|계약|거래|도입|구매|구입|수입|모집|수출|협력|제휴|접수|신청|투자|유치|검토"
    "|채용|입주|문의|위탁|의뢰|생산|취급|응하|받|구하|찾|팔|사(?![용라고후])|내놓|맡기|맺|원하|희망하"
)
_ENDING = "마감|종료|완료|끝났|마쳤|마무리|중단|중지|청산"
_DENIALS = re.compile(
    rf"(?:{_DEALING})\S{{0,4}}(?:지(?:는|도)?\s?(?:않|아니|못)|\s?(?:계획|예정|의향|생각|뜻)(?:이|은|도)?\s?(?:더\s?이상\s?)?없)"
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
_DEALS = (
    r"s[eo]l[dl]|sale|offer|licen|transfer|suppl|export|import|avail|provid|deliver|ship|buy|purchas|accept|take|seek|look|deal"
    r"|trad|distribut|make|produce|manufactur|work with|exist|operat|continue|respond|answer|contact|apply"
    r"|send|call|market|be(?:en)? market"
    r"|(?:need|require|want) (?:\w+ ){0,3}?(?:partner|distribut|agent|invest|fund|supplier|order)"
)
_DEALS_ZH = "售|卖|供|提供|转让|授权|合作|招|采购|购买|引进|进口|出口|承接|代理|接单|接受"
_OF_GOODS = re.compile(
    # What goods do not do or need, before the noun: 끊김 없는 전송, 녹슬지 않는 소재. Plans and deals are no goods.
    rf"(?<!\S)(?!\S{{0,8}}(?:계획|의향|예정|생각|권리|뜻|의사|여력|{_DEALING}))\S{{1,10}}(?:\s?없(?:는|이)|지\s?않(?:는|은|고도|고(?!\s?있)|으면서|아도))\s(?=\S)"
    r"|(?:영향|간섭|방해|제약|제한|구애)[을를]?\s?받지\s?않(?:는|고|아)\s"
    r"|(?:중단|정지|멈춤)\s?없(?:는|이)\s|(?:비상|긴급)\s?정지|무정전"
    # What a firm has reached, before the noun.
    r"|(?:이미|현재)\s(?=\S{1,12}\s?(?:중인|한|하는|된|받은)\s\S)|(?<=\s)(?:확보|획득|취득|보유)한\s(?=\S)"
    # What is made for goods that others have given up.
    r"|단종(?:된|되는)?\s?(?=\S{0,6}\s?\S{0,6}\s?(?:대체|대안|재생산|호환|부품|수리|유지))"
    r"|(?:已|已经)?停产(?:的)?(?=\S{0,8}(?:替|代用|零部件|配件|备件|维修|兼容))"
    r"|(?:紧急)?停止(?=按钮|开关|装置|阀|键|信号)|急停"
    r"|不(?:停机|停产|间断|中断|断电|粘|锈|燃|掉色|变形|接触|拆卸)|(?:免|无需|无须)(?!采购|购买|引进|代理|合作|谈)(?=\S{1,8}的)"
    r"|不(?:仅|只|但|光|单)(?!\S{0,2}[不无未])"
    r"|(?<![a-z])not (?:only|just|merely)(?![a-z])"
    r"|(?<![a-z])(?:that|which) (?:(?:do|does|can|will|need|must) ?(?:not|n't)|cannot|can't|never)"
    r"(?! (?:be |for |get )?(?:s[eo]l[dl]|sale|offer|licen|transfer|suppl|export|import|avail))(?![a-z])"
    # Goods that do not: neither the firm itself, nor a verb of dealing.
    r"|(?<=[a-z] )(?<!we )(?<!we still )(?<!firm )(?<!company )(?<!\bi )(?<!please )"
    r"(?:(?:do|does|can|will|would|must|need) ?(?:not|n't)|cannot|can't|won't|never)"
    rf"(?! (?:\w+ ){{0,2}}?(?:{_DEALS}))(?! \w+ (?:any ?more|any longer))(?![a-z])"
    # 不…的N after the verb of dealing: what comes before 的 is of the goods.
    r"|(?<=供应|提供|销售|出售|生产|制造|转让|推出|研发|开发|供货|出口)"
    rf"(?:不|无需|无须|不需要|免)(?!再|对外|打算)(?!\S{{0,3}}(?:{_DEALS_ZH}))[^，。；,;\s]{{1,12}}的(?=\S)"
    r"|(?<![a-z])(?:replacements?|substitutes?|alternatives?|(?:spare )?parts|repairs?|service) (?:for|of) "
    r"(?:\w+ )?(?:discontinued|obsolete|closed|stopped)(?![a-z])"
    r"|(?<![a-z])(?:before|when|if|while|unless) (?:\w+ ){1,4}(?:is|are|gets?|has been) "
    r"(?:closed|stopped|ended|sold out|shut|discontinued)(?![a-z])"
    r"|(?<![a-z])without (?:stopping|interruption|downtime)(?![a-z])",
    re.IGNORECASE,
)
"""Words of a denial that say what goods are like. What is left without them decides whether it is one."""
_ENDED = re.compile(
    r"(?:판매|생산|공급|수출|취급|제공)\s?안\s?(?:함|합니다|해요|하)|까지만?\s?(?:판매|생산|공급|수출|제공|취급|제조|운영|납품)(?:했|하였|함)"
    r"|(?:잠정|현재|당분간|일시)\s?(?:중단|보류)(?:되었|됐|했|하였|함|중입|합니다|\.|$)|보류\s?(?:되었|됐|중|상태|했|하였)|(?:재고|물량)\S{0,4}\s(?:\S{2}\s)?(?:소진|품절)(?:되|됐|으로|입|\.|$)"
    r"|품절(?:입니다|되었|됐|\.|$)|(?:사업|라인|부문|부|제품군)\S{0,3}\s(?:\S{1,8}\s){0,2}"
    r"(?:(?:양도|매각)(?:했|하였|됐|되었|하여|한\s상태)|넘겼|정리\s?단계|정리했|정리하였)"
    r"|(?:판매|생산|사업|제조|조립|영업|수출|공급)\S{0,2}\s(?:\S{1,8}\s){0,2}(?:접었|그만두|그만뒀|멈췄|관뒀)"
    r"|[을를]\s끝으로\s|예전에는?\s\S{1,12}\s(?:만들|팔|생산|판매)"
    r"|(?:业务|产品线|生产线|部门|事业部|产线)(?:均|都)?(?:已经?|现已)\S{0,8}(?:剥离|出售|转让|关停|关闭|卖|停)"
    r"|(?:已|被)\S{0,4}(?:出售|转让|剥离|卖)给"
    r"|(?:现|已|现已)(?:经)?(?:转行|转型|改行)|现(?:在)?(?:改做|不做)|目前不做"
    r"|(?<!\S)(?:\S{0,8}(?:公司|我们|我司|厂))?(?:曾经?|以前|过去|原来|原先)(?:经营|生产|做|从事|销售|供应)"
    r"(?!\S{0,30}(?:现在?供应|提供|供应))"
    rf"|暂(?:不|无|停|缓)\S{{0,6}}(?:{_DEALS_ZH}|生产|销售|计划|意向|需求)|不打算再"
    r"|(?<![a-z])(?:(?:we|i|the company|our (?:firm|company)) used to |until (?:19|20)\d\d,? we |we formerly )"
    r"|(?<![a-z])(?:business|line|division|unit|factory|product line) (?:was|has been|were) "
    r"(?:sold|closed|shut|transferred|discontinued)"
    r"|(?<![a-z])we (?:have )?(?:sold|closed|stopped|ceased|exited|left) "
    r"(?:our|the|making|selling|producing|supplying)(?![a-z])"
    r"|(?<![a-z])no (?:more|further|new) (?:orders|inquiries|requests)"
    r"|(?<![a-z])(?:out of stock|not offered|sold out)(?=\s*(?:[.,;]|and |any |\Z))",
    re.IGNORECASE,
)
"""An end that needs no judge: it was dealt in, and no more."""
_TERMS = r"연\s|월\s|약\s|최소|최대|납기|수량|가격|예산|조건|단|\d"
WISH = re.compile(
    r"찾습니다|찾고\s?있|찾는다|찾아요|구합니다|구하고|구함|구해요|(?:구매|도입)(?:를|을|하고|하려)?\s?(?:희망|하려|하고자|원|검토)|희망합니다"
    r"|필요합니다|원합니다|부족(?:합|하)|求购|寻求|寻找|找寻|诚寻|急需|缺少|需要采购|希望(?:采购|引进|购买|找到)|拟(?:采购|引进|购)|征集|恳请"
    r"|(?<![a-z])(?:looking for|seeking|in search of|wanted|want to (?:buy|import|license))(?![a-z])",
    re.IGNORECASE,
)
"""It asks for something: under the offers of a product it offers nothing."""


_SOUGHT = re.compile(
    # Goods that look for something: 寻找漏点的检测仪现货供应; 최적 경로를 찾습니다, 물류 엔진.
    r"(?:寻找|找寻)[^，。；,;\s]{1,20}的[^，。；,;\s]{2,20}(?:现货|热卖|热销|有售|直销|厂家直销|批发|出售|上市)"
    rf"|(?:찾습니다|찾는다|찾아요|구합니다),\s(?!{_TERMS})(?=[^,]*[가-힣A-Za-z]{{2}}[.!]?\Z)"
    # Those who look for something are offered it: 为寻求融资的企业提供; for plants looking for gas leaks.
    r"|(?:찾고|구하고)\s?있는\s(?=[^,.]*(?:판매|공급|제공|납품|출시)(?:합|하|함|해|중))"
    r"|(?:为|供|帮助)[^，。；,;\s]{0,4}(?:寻找|寻求|求购|急需|缺少)[^，。；,;\s]{1,20}的"
    r"(?=\S{0,12}(?:提供|供应|定制|开发|打造|设计))"
    r"|(?<![a-z])(?:for|to|helps?) (?:\w+ ){1,4}(?:who are |that are )?(?:looking for|seeking|in search of)(?![a-z])",
    re.IGNORECASE,
)
"""Words of a wish that is not the firm's own."""


def cues(statement: str) -> list[float]:
    """Which cues of a denial the statement has, beside what it says of goods: 1 or 0 each. None of them alone decides:
    what does not rust is offered, what is not sold is not."""
    rest = _OF_GOODS.sub(" ", statement)
    return [float(cue.search(rest) is not None) for cue in _CUES]


def has_ended(statement: str) -> bool:
    """Whether it says of its matter that it was dealt in, and is no more."""
    return _ENDED.search(_OF_GOODS.sub(" ", statement)) is not None


def is_wish(statement: str) -> bool:
    """Whether the statement asks for something; not for what goods look for, or for those who look for it."""
    return WISH.search(_SOUGHT.sub(" ", statement)) is not None
