"""Words that speak for a way to reach a person, and words that speak for goods, in Korean, Chinese and English."""

from __future__ import annotations

import re


def _words(*lists: str) -> str:
    words = sorted({word for one in lists for word in one.split()}, key=len, reverse=True)
    return "|".join(re.escape(word) for word in words)


_LATIN_EDGE = r"(?<![a-z])(?:{})(?![a-z])"
CONTACT = re.compile(
    _words(
        "전화 휴대폰 핸드폰 폰번호 연락 문의 문자 통화 직통 상담 담당 담당자 대표 콜센터 고객센터 번호는 팩스 내선 주문"
        " 과장 부장 대리 사장 실장 이사 팀장 앞자리",
        "电话 電話 手机 手機 联系 聯繫 联络 聯絡 致电 拨打 请拨 窗口 来电 热线 熱線 咨询 諮詢"
        " 传真 傳真 经理 总监 老板"
        " 先生 女士 小姐 座机 短信 电联 打我 找我 客服 对接人 负责人 业务员 直线",
        "☎ ☏ 📞 📱 ✆",
    )
    + "|"
    + _LATIN_EDGE.format(
        "tel|office|phone|mobile|mob|cell|call|fax|contact|whatsapp|hotline|ph|hp|h\\.p|t|m|f|mr|ms|mrs|reach|dial|sms"
        "|ask for"
    ),
    re.IGNORECASE,
)
"""Before a number or an account: someone is to be reached."""
CONTACT_AFTER = re.compile(
    r"\s{0,2}[(,]?\s{0,2}(?:"
    + _words(
        "로 으로 에게 입니다 이에요 예요 으로요 연락 문의 문자 전화 상담 주세요 번으로 통화 가능",
        "微信 同号 联系 联络 欢迎 即可 先生 女士 小姐 经理 王 李 张 转 咨询 电话 请 与我们",
        "ask",
    )
    + ")",
    re.IGNORECASE,
)
"""Behind a number: particles, copulas and words that only a number to call has there."""
GOODS = re.compile(
    "(?:"
    + _words(
        "특허 출원 등록번호 등록증 허가 바코드 인증 면허 법인등록 법인번호 법인등기 사업자 통신판매 우편 품번"
        " 부품 도면 모델"
        "제품번호 코드 규격 로트 롯트 계좌 종목 번지 품목 관세 화물 운송장 컨테이너 일련번호 시리얼 호환 색상"
        " 송장 주문번호"
        " 관리번호 문서번호 좌표 위도 경도",
        "专利 專利 申请号 证书 證書 许可 条码 条形码 编码 编号 型号 货号 物料 批号 信用代码 执照 注册证 注册号"
        " 国条 备案 标准"
        "标號 规格 邮编 软著 登字 合同 订单 运单 箱号 海关 税号 股票 代码 序列号 色号 料号 图号 配件号 经度 纬度"
        " 坐标 箱码",
    )
    + "|"
    + _LATIN_EDGE.format(
        "isbn|issn|ean|upc|gtin|itf|cas|hs|hsk|no|p/n|pn|s/n|sn|sku|iso|iec|ieee|gb|gb/t|ks|kc|ccc|fda|ip|ipv4|ipv6|rev"
        "|model|part|lot|ref|code|doi|patent|pat|pct|po|id no|serial|zip|rfc|en|din|jis|astm|ansi|fcc|awb|b/l|uscc|brn"
        "|md5|sha|uuid|rs|type|item|order|invoice|batch|version|ver|us|ep|jp|cn|kr|zl|mil-std|ul"
    )
    + r")(?:번호|号码|号|號|코드|码|제|第|호|증|지|류|no\.?|[A-Z]{0,3}|[\s:#.\-/()=是为는은]){0,6}$",
    re.IGNORECASE,
)
"""Before a number: it names goods, a document or a firm."""
_HANGUL_EDGE = "(?![가-힣])|(?=[을를은는이가의에로도만과와까부])"
UNIT_AFTER = re.compile(
    r"\s?(?:[nmckμµu]?m\b|[kmμµ]?g\b|t\b|rpm|r/min|pp[mb]|dpi|px|m?ah\b|[kmgt]?hz\b|[km]?wh?\b|[km]?v\b|m?a\b|k\b|[kmg]?pa\b"
    r"|bar\b|units?\b|pcs|sets?\b|rows?\b|tokens?\b|users?\b|usd|krw|cny|rmb|eur|won\b|%|℃|°|㎡|㎥|m²|元|年|月|万|亿|億|萬|台|个|個"
    r"|件|套|只|片|吨|噸|平|米|人|家|次|条|袋|箱|盒|项|小时|户|辆|颗|张|根|千|美元|美金|韩元|欧元"
    r"|(?:평|원|년|년도|월|톤|매|대|장|개|건|회|명|호기|세트|부스|가구|세대|시간|킬로|리터|억|만|조|천|위안|달러|여|줄|행|개사|주)(?:"
    + _HANGUL_EDGE
    + "))",
    re.IGNORECASE,
)
"""Behind a number: it is an amount."""
