"""Links are judged where they lead, as a browser reads them, and by what their own parts say."""

from __future__ import annotations

import random
import uuid

import pytest

from schemas.screening import find_personal

CHATS = [
    "https://w%61.me/821012345678",
    "https://t.me:443/kimminsu",
    "http://t.me:80/kimminsu",
    "https://t.me:8443/kimminsu",
    "https://t.me:/kimminsu",
    "https://t%2eme/kimminsu",
    "https://t%E3%80%82me/kimminsu",
    "https://t.me./kimminsu",
    "문의 line.me.:443/ti/p/abc",
    "https:\\\\t.me\\kimminsu",
    "https://open.kakao.com/./o/sAbCd",
    "https://open.kakao.com//o/sAbCd",
    "https://open.kakao.com/x/../o/sAbCd",
    "https://open.kakao.com/%2e/o/sAbCd",
    "https://open.k%61kao.com/o/sAbCd",
    "https://open.kakao.com/%6f/sAbCd",
    "https://pf.kakao.com/_abc/x/../chat",
    "line.me/./ti/p/abc",
    "weixin.qq.com/x/../r/abc",
    "u.wech%61t.com/abc",
    "wa.me:443",
    "lin.ee:443/AbCdEf",
    "문의: https://t.me:443/kimminsu",
    "상담은 t.me:443/kimminsu 로",
    "联系 https://w%61.me/8613800138000",
    "문의 https://open.kakao.com/x/../o/sAbCdE",
    "https://hanbit.com/redirect?to=https%3A%2F%2Ft.me%2Fkimminsu",
    "https://hanbit.com/redirect?to=https%253A%252F%252Fwa.me%252F821012345678",
    "https://hanbit.com/go?url=tg://resolve?domain=kimminsu",
]
NUMBERS = [
    "https://hanbit.com/900101-1234568",
    "https://hanbit.com/9001011234568",
    "https://hanbit.com/11010519491231002X",
    "https://hanbit.com/?idcard=11010519491231002X",
    "https://hanbit.com/view?rrn=9001011234567",
    "담당자 hanbit.com/900101-1234568",
    "자료는 https://hanbit.com/?no=900101-1234568 참고",
    "https://hanbit.com/①③⑧00138000",
    "https://hanbit.com/%E2%91%A0③⑧00138000",
    "https://hanbit.com/?q=공일공일이삼사오육칠팔",
    "https://hanbit.com/문의010-4827-3916",
    "https://hanbit.com/#tel-010-4827-3916",
    "https://01012345678.kr",
    "https://13800138000.com/",
    "https://www.13800138000.com/about",
]
MAILS = [
    "https://hanbit.com/kim(at)hanbit.com",
    "https://hanbit.com/kim[at]hanbit.com",
    "https://hanbit.com/kim%5Bat%5Dhanbit.com",
    "https://hanbit.com/kim골뱅이hanbit.com",
    "https://hanbit.com/kim＠hanbit.com",
    "https://hanbit.com/l/chat?users=kim@hanbit.com",
    "https://hanbit.com/?m=kim.minsu%2540hanbit.co.kr&x=1",
    "자료 https://hanbit.com/kim(at)hanbit.com 참고",
]
ORDINARY = [
    "https://hanbit.co.kr/",
    "http://www.hanbit.co.kr:8080/product/list.do?cate=12&page=3",
    "https://hanbit.com/products/13-digit/4006381333931",
    "https://hanbit.com/news/2026/11/30/",
    "https://hanbit.com/news/2026-11-30-new-sensor",
    "https://www.thelec.kr/news/articleView.html?idxno=10234",
    "https://n.news.naver.com/mnews/article/015/0005012345",
    "https://blog.naver.com/hanbit/223456789012",
    "https://smartstore.naver.com/hanbit/products/10012345678",
    "https://brand.naver.com/hanbit",
    "https://map.naver.com/p/entry/place/11621812?c=15.00,0,0,0,dh",
    "https://place.map.kakao.com/26338954",
    "https://map.kakao.com/link/map/한빛센서,37.402056,127.108212",
    "https://pf.kakao.com/_abcd",
    "https://www.google.com/maps/place/Pangyo/@37.402056,127.108212,17z",
    "https://item.taobao.com/item.htm?id=672812345678",
    "https://store.taobao.com/shop/view_shop.htm?user_number_id=2208123456789",
    "https://detail.tmall.com/item.htm?id=6728123456789&skuId=5012345678901",
    "https://detail.1688.com/offer/612345678901.html",
    "https://item.jd.com/100012043978.html",
    "https://zhuanlan.zhihu.com/p/13938347898",
    "https://mp.weixin.qq.com/s/Ab3dE5fGhIjKlMnOpQrStU",
    "https://weibo.com/1891234567/OaBcDeFgH",
    "https://hanbit.com/download?file=a.pdf&t=1711185602618",
    "https://unpkg.com/react@18.2.0/umd/react.production.min.js",
]


@pytest.mark.parametrize("text", CHATS)
def test_a_link_is_judged_where_it_leads(text: str) -> None:
    found = find_personal(text)

    assert found is not None
    assert (found.kind, found.certainty) == ("link to a person", "certain")


@pytest.mark.parametrize("text", [*NUMBERS, *MAILS])
def test_what_is_sure_in_a_text_is_sure_in_a_link(text: str) -> None:
    found = find_personal(text)

    assert found is not None
    assert found.certainty == "certain"


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_links_pass(text: str) -> None:
    assert find_personal(text) is None
    assert find_personal(f"자세한 내용은 {text} 참고") is None


def test_a_birth_date_with_a_hyphen_and_no_check_digit_is_asked_about() -> None:
    found = find_personal("https://hanbit.com/doc/900101-1234567")

    assert found is not None
    assert found.certainty == "likely"


def test_ids_of_pages_pass() -> None:
    chance = random.Random(7)
    ids = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(300)]
    ids += [f"{chance.getrandbits(160):040x}" for _ in range(300)]
    ids += [f"1{chance.randrange(10**12, 9 * 10**12)}" for _ in range(300)]
    ids += [str(chance.randrange(10**11, 10**12)) for _ in range(300)]

    assert not [one for one in ids if find_personal(f"https://hanbit.com/view/{one}?from={one}")]
