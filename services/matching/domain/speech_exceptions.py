"""Words that sound like a denial, an end or a wish, and are none: what goods do not do, references, those who are
served."""

from __future__ import annotations

import re

DEALING = (
    "이전|양도|공개|판매|공급|제공|대여|임대|허여|라이선스|라이센스|계약|거래|도입|구매|구입|수입|모집|수출|협력|제휴|접수|신청|투자|유치|검토"
    "|채용|입주|문의|위탁|의뢰|생산|취급|응하|받|구하|찾|팔|사(?![용라고후])|내놓|맡기|맺|원하|희망하"
)
_DEALS = (
    r"s[eo]l[dl]|sale|offer|licen|transfer|suppl|export|import|avail|provid|deliver|ship|buy|purchas|accept|take|seek|look|deal"
    r"|trad|distribut|make|produce|manufactur|work with|exist|operat|continue|respond|answer|contact|apply"
    r"|send|call|market|be(?:en)? market"
    r"|(?:need|require|want) (?:\w+ ){0,3}?(?:partner|distribut|agent|invest|fund|supplier|order)"
)
DEALS_ZH = "售|卖|供|提供|转让|授权|合作|招|采购|购买|引进|进口|出口|承接|代理|接单|接受"
OF_GOODS = re.compile(
    # What goods do not do or need, before the noun: 끊김 없는 전송, 녹슬지 않는 소재. Plans and deals are no goods.
    rf"(?<!\S)(?!\S{{0,8}}(?:계획|의향|예정|생각|권리|뜻|의사|여력|{DEALING}))\S{{1,10}}(?:\s?없(?:는|이)|지\s?않(?:는|은|고도|고(?!\s?있)|으면서|아도))\s(?=\S)"
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
    rf"(?:不|无需|无须|不需要|免)(?!再|对外|打算)(?!\S{{0,3}}(?:{DEALS_ZH}))[^，。；,;\s]{{1,12}}的(?=\S)"
    r"|(?<![a-z])(?:replacements?|substitutes?|alternatives?|(?:spare )?parts|repairs?|service) (?:for|of) "
    r"(?:\w+ )?(?:discontinued|obsolete|closed|stopped)(?![a-z])"
    r"|(?<![a-z])(?:before|when|if|while|unless) (?:\w+ ){1,4}(?:is|are|gets?|has been) "
    r"(?:closed|stopped|ended|sold out|shut|discontinued)(?![a-z])"
    # What advertisements refuse: middlemen, worries, being beaten. Deals and plans are refused in earnest.
    rf"|(?:拒绝|没有|无需|告别)(?!\S{{0,6}}(?:{DEALS_ZH}|谈|来电|联系|计划|打算|意向|合作))[^,，。；;\s]{{1,8}}[,，](?![^。；;]{{0,40}}[不勿谢未停])(?=\S)"
    r"|(?<![a-z])(?:do not|don't) (?:miss|worry|wait|compromise|hesitate|settle)(?![a-z])"
    r"|(?<![a-z])(?:do not|don't|never) outsource(?=\s*[:;,.!]|\Z)"
    r"|(?<![a-z])(?:cannot|can't|can not|not|won't|never) be (?:beaten|matched|beat|rivalled)(?![a-z])"
    r"|(?<![a-z])discontinued (?:and \w+ )?(?:parts|components|chips|spares|models)"
    r"(?= (?:sourcing|supply|supplied|search|service|repair|stock|in stock|available))"
    # References and growth: sold to hospitals, the first hundred are sold, a round is closed, a line runs again.
    r"|(?:已|被)[^,，。；;\s]{0,4}(?:出售|转让|剥离|卖)给[^,，。；;\s]{1,20}的(?!一|某|另|公司|企业|客户|买)(?=\S)"
    r"|(?<![a-z])(?:sold|shipped|closed) (?:our|the) (?:first|series|seed|loop|gap)(?![a-z])"
    r"|(?<![a-z])transferred to (?:our|the) (?:new|own|larger|second)(?![a-z])"
    r"|\S{0,6}(?:[했췄였겼었]|하였)던\s(?:\S{1,10}\s)?\S{0,4}(?:재가동|재생산|재출시|재개|다시)"
    r"|(?<![a-z])no (?:more|further|new) (?:orders|inquiries|requests) (?:are )?(?:needed|necessary|required)(?![a-z])"
    r"|(?<![a-z])without (?:stopping|interruption|downtime)(?![a-z])",
    re.IGNORECASE,
)
"""Words of a denial that say what goods are like. What is left without them decides whether it is one."""
_TERMS = r"연\s|월\s|약\s|최소|최대|납기|수량|가격|예산|조건|단|\d"
SOUGHT = re.compile(
    # Goods that look for something: 寻找漏点的检测仪现货供应; 최적 경로를 찾습니다, 물류 엔진.
    r"(?:寻找|找寻)[^，。；,;\s]{1,20}的[^，。；,;\s]{2,20}(?:现货|热卖|热销|有售|直销|厂家直销|批发|出售|上市)"
    rf"|(?:찾습니다|찾는다|찾아요|구합니다),\s(?!{_TERMS})(?=[^,]*[가-힣A-Za-z]{{2}}[.!]?\Z)"
    r"|(?:急需|缺少|紧缺)的[^，。；,;\s]{1,20}(?:现货|热卖|热销|有售|直销|批发|供应|上市)|征集到的"
    r"|(?<![a-z])(?:robots?|drones?|vehicles?|cars?|missiles?|devices?|sensors?) seeking(?![a-z])"
    r"|(?<![a-z])most wanted(?![a-z])|(?<![a-z])wanted to (?!(?:buy|import|license|purchase|find|source)(?![a-z]))"
    r"|\d\s?(?:시간|분|일|개월|회)\S{0,2}\s\S{1,6}[이가]\s필요합니다|(?:충전|예열|건조|숙성|주의|확인)[이가]\s필요합니다"
    # What readers look for.
    r"|(?:찾고\s?있|구하고\s?있)(?:으신|으십|나요|습니까|으세요)|(?:부족|필요|원|희망)(?:합니까|하신|하십|하세요)"
    r"|고객(?:님|사|들|분들)?(?:이|가|께서)\s(?:\S{1,8}\s){0,3}(?:원합니다|필요합니다|찾습니다|희망합니다)"
    r"|[您你][^，。；,;\s]{0,6}(?:寻找|找寻|寻求|求购|急需|缺少)"
    r"|(?<![a-z])you(?:'re| are|’re)? (?:\w+ ){0,2}(?:looking for|seeking|in search of|want to (?:buy|import))(?![a-z])"
    # Those who look for something are offered it: 为寻求融资的企业提供; for plants looking for gas leaks.
    r"|(?:찾고|구하고)\s?있는\s(?=[^,.]*(?:판매|공급|제공|납품|출시)(?:합|하|함|해|중))"
    r"|(?:为|供|帮助)[^，。；,;\s]{0,4}(?:寻找|寻求|求购|急需|缺少)[^，。；,;\s]{1,20}的"
    r"(?=\S{0,12}(?:提供|供应|定制|开发|打造|设计))"
    r"|(?<![a-z])(?:for|to|helps?) (?:\w+ ){1,4}(?:who are |that are )?(?:looking for|seeking|in search of)(?![a-z])",
    re.IGNORECASE,
)
"""Words of a wish that is not the firm's own."""
