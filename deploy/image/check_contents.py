"""Run while the image is built: what was left out is not missed. Both encoders' weights are inside, load, and bring
together what belongs together; every service can be imported; dates are written in the languages of the product."""

import datetime as dt
import importlib

import numkong
import numpy as np
import uvloop
from babel.dates import format_datetime

from services.matching.embedders import TwoEncoders

TEXTS = ["차량용 라이다 기술을 이전합니다.", "转让车载激光雷达技术。", "우리는 김치를 만듭니다."]
encoder = TwoEncoders()
vectors = encoder.embed(TEXTS)
assert vectors.shape == (len(TEXTS), encoder.dimensions), vectors.shape
for start, width in ((0, 512), (512, 384)):
    same, other = (float(vectors[0, start : start + width] @ vectors[n, start : start + width]) for n in (1, 2))
    assert same > other, f"an encoder of {width} dimensions takes strangers for partners: {same:.2f} <= {other:.2f}"

codes = np.ones((2, 64), dtype=np.int8)
assert np.asarray(numkong.cdist(codes, codes, metric="dot")).shape == (2, 2)
for name in ("profiles", "matching", "notifications", "translation"):
    importlib.import_module(f"services.{name}.app")
at = dt.datetime(2026, 8, 4, 9)
written = {lang: format_datetime(at, "full", locale=lang) for lang in ("ko", "zh", "en")}
assert "화요일" in written["ko"] and "星期二" in written["zh"] and "Tuesday" in written["en"], written
uvloop.new_event_loop().close()
print("nothing is missing, without a network and as this user")
