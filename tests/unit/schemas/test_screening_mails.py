"""Mail addresses with any ending of a domain; a website behind the English word "at" is none."""

from __future__ import annotations

import pytest

from schemas.screening import find_personal


@pytest.mark.parametrize(
    "text",
    [
        "kim.chulsoo@hanbit.technology",
        "anna.kim@ethz.ch 로 연락",
        "wang@huaqiao.wang",
        "ceo@hanbit.bio",
        "kim@xn--3e0b707e.xn--3e0b707e",
        *(
            f"문의 sales_2@moru-lab.{end}로 주세요"
            for end in "energy solutions systems studio space company digital global world health capital se dk pl"
            " be at kz ae ee museum photography xn--fiqs8s".split()
        ),
        "영업@hanbit.energy",
        "询价请发li.wei@lanjing.ventures谢谢",
        "Write to J.PARK@MORU.SOLUTIONS.",
        "010-1234-5678/kim@m.hanbit.health",
        "＜ceo＠hanbit．bio＞",
        "kim+expo@sub.lab.hanbit.academy, lee@hanbit.com",
        "dev@notion.so",
        "mike@21cc.finance",
        "kim@hanbit.bio.",
        "(kim@hanbit.bio)",
        "kim@360.cn",
        "kim@a.bio",
        "문의: kim@한빛.서울로 연락",
        "kim@한빛.한국",
        "kim@mail.한빛.서울",
        "kim＠한빛．서울",
        "kim@hanbit.삼성",
        "联系wang@华信.商城即可",
        "wang@中文网.中国",
        "li.wei@例子.集团",
        "tanaka@例え.みんな",
        "ivan@пример.рф",
    ],
)
def test_an_at_between_a_name_and_a_domain_is_an_address_whatever_its_ending(text: str) -> None:
    found = find_personal(text)
    assert found and found.certainty == "certain"


@pytest.mark.parametrize(
    "text",
    [
        "voice-core@2.4.1",
        "mAP@0.5",
        "npm install @magpie/core",
        "npm i @magpie/core@2.x.latest",
        "ssh user@host",
        "login as root@server.local or admin@db.internal",
        "pip install torch@2.3.1.post",
        "vite@5.0.0-beta.rc",
        "actions/checkout@v4.beta",
        "아이콘 logo@2x.png, banner@3x.webp",
        "config@prod.yaml, data@train.csv",
        "nDCG@k.mean 0.71, Recall@top.mean 0.9",
        "core@2024.beta",
        "1.2A@5V.max 보호 회로",
        "3000mAh@cell.min",
        "Smart Factory @ Edge. It works offline.",
        "Meet us @ KINTEX. In March we show it.",
        "Serving at scale.Our team runs user@host.Then it stops",
        "인스타그램 @hanbit.official",
        "@Transactional.class, {@link Foo.bar}",
        "3@1.5",
        "사과 3@개당.가격",
        "pass@k.mean, Hits@n.max",
        "V@I.max",
        "mAP@0.5.최대, Recall@top.평균",
        "보호 회로 5V@2.최대, 95%@85.고온",
        "电流3A@25.常温",
        "核心@2.最新版",
        "오늘@서울.행사",
        "인스타 @한빛.공식, @한빛.서울",
        "torch@v2.베타",
        "git@github.com:nordlicht-labs/bms.git",
    ],
)
def test_versions_files_and_conditions_are_no_addresses(text: str) -> None:
    assert find_personal(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "We exhibit at semicon.org in Shanghai; visit us at hanbit.com.",
        "Learn more at hanbit.io",
        "Please apply at www.kic.cn before May.",
        "Details at kicchina.org",
        "Our team at hanbit.ai builds lidar.",
        "available at arxiv.org",
        "Researchers at MIT.edu",
        "Register at https://forum.example.org/2027 now",
        "Hall 7.1 at semicon.org, booth12 at ces.tech, in 2027 at mwc.live",
        "Meet hanbit.ai at semicon.org",
        "ISO9001 certificates at moru.co.kr",
        "Our plant at Ulsan. In 2024 we opened a line at Wuxi. It runs.",
        "good at scale. My team is at home.",
        "Demo at www.gmail-addons.example and at www.hanbit.co.kr",
        "Our blog at naver.com, our shop at kakao.com",
        "Former engineers at Naver and Yahoo Japan",
        "Look at Gmail integration and at Outlook add-ins",
        "Papers at hanbit.com/papers?id=2024",
        "Kim AT HANBIT.COM",
    ],
)
def test_a_website_behind_at_is_no_address(text: str) -> None:
    assert find_personal(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "kim at hanbit dot com",
        "kim at hanbit [dot] com",
        "kim at hanbit . com",
        "kim at 한빛 점 com",
        "lihua at qinghe点com",
        "minsu at gmail.com",
        "kim at naver.com",
        "wang at qq.com or 163.com",
        "wangwei at 163.com",
        "LEE AT HANMAIL.NET",
        "kim.cs at hanbit.com",
        "kim_cs at hanbit.io",
        "hanbit77 at moru.kr",
        "E-mail: sales at hanbit.com",
        "kim [at] hanbit.com",
        "kim (at) hanbit.io",
        "jinwoo dot kim at gmail",
        "moru2019 at naver",
        "kim 골뱅이 hanbit.com",
        "kim앳hanbit.com",
        "kim 앳 hanbit.com",
    ],
)
def test_at_is_a_sign_where_the_rest_is_spelt_or_a_mailbox(text: str) -> None:
    found = find_personal(text)
    assert found and (found.kind, found.certainty) == ("mail address", "certain")


@pytest.mark.parametrize(
    "text",
    [
        "Details at hanbit.com/contact?wechat=hanbit77",
        "Call page at hanbit.com/tel/010-4827-3916",
        "Stock list at t.me/laser_parts_zoe",
    ],
)
def test_a_link_behind_at_is_judged_as_a_link(text: str) -> None:
    assert find_personal(text)
