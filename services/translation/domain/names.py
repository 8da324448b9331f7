"""Names of firms and products in Latin letters, which a translation keeps, and the words that look like names."""

from __future__ import annotations

import re

# Firms write their names in mixed case. An English text has ordinary capitals too, so there the pattern is narrower.
_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z][a-z]+[A-Za-z0-9]*|(?=[A-Za-z])[A-Za-z0-9]*[a-z][A-Z][A-Za-z0-9]*)(?![A-Za-z0-9])"
)
_NAME_IN_ENGLISH = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]*[a-z]{2}[A-Z][a-z][A-Za-z0-9]*(?![A-Za-z0-9])")
_FIRM = re.compile(r"(?<![A-Za-z0-9&-])([A-Z][A-Za-z0-9&-]++),? (?:Co\.?,? ?Ltd|Inc|Ltd|Corp|LLC|GmbH)\b")
_MIXED = re.compile(r"[a-z][A-Z]|\d")

# Words of brochures that are written with a capital and are translated like any other word.
_ORDINARY = """
a about accelerator access account accuracy actuator adapter additive advanced aerospace age agency agent agriculture
air alarm algorithm alliance alloy ambient amp analog analysis analytics and angel annual antenna anode app
application approach april arm array art artificial asia assembly asset assistant association augmented august auto
automated automatic automation automotive autonomous avatar aviation award back bank bar base basic battery beauty
beijing best big bio biology biomarker biotech black block blockchain blue board body book boost bot brain brand
bridge broadband building built business cabin cable calendar camera capital car carbon card care case cast catalyst
cathode cell center central centre ceramic certificate chain challenge channel charge charger charging chat chemical
chemistry china chinese chip circuit city class clean clinic clinical cloud club cluster coating code cold
collaboration color commerce commercial communication community company compact competition compiler component
composite compound computer computing concept conference connect connected connector consortium construction
consulting consumer content contract control controller conversion converter cooling core corporation cosmetics cost
council cover create creative credit crm custom customer cutting cyber cycle daily dashboard data database day
december deep defense delivery demo department design desk detection detector developer development device diagnosis
diagnostics diesel digital direct discovery display distribution division diode document door double drive driver
driverless driving drone drug dual dynamic early earth east eco economy edge edition education efficiency electric
electrical electrode electrolyte electronic electronics embedded emission encoder energy engine engineer engineering
enterprise environment equipment equity error ethernet europe event exchange exhibition expert export express extended
eye fabric facility factory fan farm fashion fast february federated fiber field film filter finance financial fine
fintech fire firmware first flat fleet flexible flow fluid foam food force forum foundation foundry frame free front
fuel full function fund fusion future gallery game garden gas gateway gene general generation generative generator
glass global gold golden gps grade graphics green grid group growth guide hand hardware harness health healthcare heat
heavy high hole home hospital host hot hotel house hub human hybrid hydrogen image imaging impact import in incubator
index industrial industry inertial information infrastructure infra initiative injection ink innovation input
inspection institute insulation insurance integrated integration intelligence intelligent interface international
internet inverter investment investor invest iron island january japan joint journal july june jumbo kit kitchen
knowledge korea korean lab label laboratory land language laptop large laser launch layer leader leadership leading
learning leather led lens level license life lifestyle light lighting line link liquid list lithium live load local
lock logic logistics long loop low machine machinery magnet magnetic maintenance major make management manager
manufacturer manufacturing march marine market marketing master material matrix may measurement media medical medicine
medium member membrane memory metal metaverse meter methane micro middle mini mixed mobile mobility model modular
module molecular monitor monitoring motion motor mountain multi museum nano national native natural navigation net
network neural new news next north note november nuclear number object ocean october of off office oil on one online
open operation operator optical optics optimization order organic original outdoor oxide pack package packaging pad
page paint panel paper park part partner partnership party pass patch patent path patient pay payment performance
personal pharma phase phone photo photonics physical pilot pipe pitch pixel plan plant plasma plastic platform play
player plus point policy polymer pool port portable portal power precision premium press pressure prevention price
prime print printer printing private pro process processing processor product production professional program
programme project proof protection protein protocol prototype public pulse pump quality quantum quick radar radio rail
rain range rapid rate raw reactor reader reality real recognition recycling red reference region registration
reinforcement remote renewable report research resin resource response retail review ride ring river road robot
robotic robotics roll roof room round router safe safety sale sales satellite scale scanner school science scientific
screen sea season second security seed semi semiconductor semiconductors sense sensing sensor sensors seoul separator
september series server service services set shanghai share ship shop show side signal silicon silver simulation
simulator single site skin small smart snow social society software solar solid solution solutions sound source south
space special spectrum speech speed spin sports spring stack stage standard star start startup startups state station
steel storage store strategy stream street strong structure student studio style sub summit super supercapacitor
supplier supply support surface surgery sustainability sustainable switch synthetic system systems table tablet tank
target tax team tech technical technologies technology telecom temperature terminal test testing text textile the
thermal thin third time tool top total touch tour town toy track trade trading traffic train training transfer
transformation transformer transit translation transport travel treatment tree trend trial truck trust tube turbine
turbo tv twin type ultra unicorn union unit united universal university update urban use user utility vaccine vacuum
value valve vehicle vehicles venture version vessel vice video view virtual virtue vision visit voice voltage volume
wafer wall ware warehouse washer waste watch water wave wealth wearable weather web wedding week weight welding
wellness west wet wheel white wide wind window wire wireless wood word work workflow workshop world year yearly yield
zero zone ai ml hr it
Co Ltd Inc Corp GmbH IoT SaaS PaaS IaaS WiFi WeChat LiDAR Lidar MHz GHz kHz Hz Pa kPa MPa Wh kWh MWh GWh mAh Ah Mbps
Gbps Tbps kVA Nm PoC DevOps PhD No Vol Ver Rev pH mL dB dBm vs etc
"""
# Names that Korean and Chinese write in their own script: 三星, 블루투스.
_KNOWN = """
Samsung Hyundai Apple Google Microsoft Amazon Tesla Bluetooth Android Windows Intel Nvidia Qualcomm Huawei Alibaba
Tencent Baidu Xiaomi Toyota Honda Sony Panasonic Siemens Bosch Volkswagen Boeing Airbus Walmart Starbucks Nasdaq Kosdaq
Kospi Fortune Forbes Incheon Busan Daejeon Daegu Gwangju Ulsan Suwon Pangyo Gangnam Shenzhen Guangzhou Hangzhou Suzhou
Nanjing Chengdu Chongqing Tianjin Wuhan Xian Qingdao Dalian Hong Kong Taiwan Singapore Vietnam Thailand India Germany
France London Paris Tokyo Osaka America American European Japanese Silicon Valley Naver Kakao Alipay Coupang
"""
_WORDS = frozenset(word.lower() for word in (_ORDINARY + _KNOWN).split())
_EXACT = frozenset((_ORDINARY + _KNOWN).split())
_ENDINGS = tuple("ing tion sion ment ness ity ance ence able ible ology graphy ware ical tional ized ised ysis".split())
_SHORTEST = 6
"""A shorter word with such an ending may be a name (Ming)."""


def names_in(text: str, lang: str) -> set[str]:
    """The names of a text that a translation must keep, letter by letter."""
    pattern = _NAME_IN_ENGLISH if lang == "en" else _NAME
    return {name for name in (*pattern.findall(text), *_FIRM.findall(text)) if not is_ordinary(name)}


def is_ordinary(word: str) -> bool:
    """Whether a word with a capital is an ordinary word (Deep Learning). Capitals inside or digits make a name."""
    if word in _EXACT:
        return True
    if _MIXED.search(word):
        return False
    lower = word.lower()
    singular = lower.removesuffix("s")
    return lower in _WORDS or singular in _WORDS or (len(lower) >= _SHORTEST and singular.endswith(_ENDINGS))
