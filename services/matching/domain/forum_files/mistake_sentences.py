"""All sentences about mistakes in files, in Korean, Chinese and English: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..advice_sentences import Lang
from .mistakes import Mistake
from .sheet_sentences import SHEET_SENTENCES

SENTENCES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    **SHEET_SENTENCES,
    # -- a cell
    "empty": {
        "ko": ("칸이 비어 있습니다.", "값을 적거나 줄 전체를 지워 주세요."),
        "zh": ("单元格为空。", "请填写内容，或删除整行。"),
        "en": ("The cell is empty.", "Fill it, or remove the whole line."),
    },
    "formula": {
        "ko": ("칸에 수식이 들어 있습니다.", "수식 대신 값을 붙여 넣어 주세요(붙여넣기 옵션: 값)."),
        "zh": ("单元格中含有公式。", "请改为粘贴数值（选择性粘贴：值）。"),
        "en": ("The cell holds a formula.", "Paste its value instead (Paste Special: Values)."),
    },
    "too_long": {
        "ko": ("내용이 {most}자를 넘습니다.", "줄여서 적어 주세요."),
        "zh": ("内容超过 {most} 个字符。", "请缩短内容。"),
        "en": ("It has more than {most} characters.", "Shorten it."),
    },
    "not_an_id": {
        "ko": (
            "번호로 쓸 수 없는 글자가 있습니다.",
            "영문자, 숫자, 하이픈(-)만 쓰고, 사람 이름이나 연락처는 적지 마세요.",
        ),
        "zh": ("编号中含有不可使用的字符。", "只能使用英文字母、数字和连字符（-），请勿填写姓名或联系方式。"),
        "en": (
            "It is not an id.",
            "Use Latin letters, digits and hyphens only; write no names and no contact details.",
        ),
    },
    "not_a_member": {
        "ko": (
            "담당자 ID로 쓸 수 없는 값입니다.",
            "담당자가 로그인할 때 쓰는 ID를 그대로 적어 주세요(영문 소문자, 숫자, 하이픈 3~64자).",
        ),
        "zh": (
            "该内容不能用作代表编号。",
            "请填写代表登录时使用的编号（小写英文字母、数字和连字符，3 至 64 个字符）。",
        ),
        "en": (
            "No member can have this id.",
            "Write the id with which they sign in: 3 to 64 small Latin letters, digits and hyphens.",
        ),
    },
    "lost_zeros": {
        "ko": (
            "앞자리 0을 빼면 다른 번호와 같습니다.",
            "엑셀이 앞자리 0을 지웠을 수 있습니다. 열의 표시 형식을 '텍스트'로 바꾸고 번호를 다시 적어 주세요.",
        ),
        "zh": (
            "除开头的 0 以外，与另一个编号相同。",
            "可能是 Excel 去掉了开头的 0。请将该列的格式设为“文本”，再重新填写编号。",
        ),
        "en": (
            "But for zeros at the beginning it is the same as another id.",
            "Excel may have taken the zeros away: format the column as text, and write the ids again.",
        ),
    },
    "lost_digits": {
        "ko": (
            "숫자가 너무 길어 엑셀이 뒷자리를 바꾸었습니다.",
            "엑셀은 숫자를 15자리까지만 저장합니다. 열의 표시 형식을 '텍스트'로 바꾸고 원래 번호를 다시 적어 주세요.",
        ),
        "zh": (
            "数字过长，末尾几位已被 Excel 改动。",
            "Excel 最多保留 15 位数字。请将该列的格式设为“文本”，再重新填写原编号。",
        ),
        "en": (
            "The number is so long that Excel has changed its last digits.",
            "Excel keeps 15 digits of a number: format the column as text, and write the ids again.",
        ),
    },
    "a_date": {
        "ko": (
            "번호가 아니라 날짜입니다.",
            "엑셀이 1-2 같은 번호를 날짜로 바꾸었을 수 있습니다. 열의 표시 형식을 '텍스트'로 바꾸고 다시 적어 주세요.",
        ),
        "zh": (
            "这是日期，不是编号。",
            "可能是 Excel 把 1-2 之类的编号改成了日期。请将该列的格式设为“文本”，再重新填写编号。",
        ),
        "en": (
            "It is a date, and no id.",
            "Excel may have made it of an id such as 1-2: format the column as text, and write the ids again.",
        ),
    },
    "other_case": {
        "ko": (
            "대소문자만 다른 이름의 테이블이나 룸이 이미 있습니다.",
            "같은 곳이면 이름을 똑같이, 아니면 다르게 적어 주세요.",
        ),
        "zh": ("已有仅大小写不同的桌号或房间。", "若为同一处，请写法一致；否则请另取编号。"),
        "en": (
            "A table or room is called the same but for small and capital letters.",
            "Write it as it stands there, or give it another name.",
        ),
    },
    "not_one_of": {
        "ko": ("알 수 없는 값입니다.", "다음 중 하나를 적어 주세요: {values}."),
        "zh": ("无法识别该值。", "请填写以下之一：{values}。"),
        "en": ("The value is unknown.", "Write one of these: {values}."),
    },
    "not_a_number": {
        "ko": ("{low}에서 {high} 사이의 정수가 아닙니다.", "숫자를 고쳐 주세요."),
        "zh": ("不是 {low} 到 {high} 之间的整数。", "请更正数字。"),
        "en": ("It is no whole number from {low} to {high}.", "Correct the number."),
    },
    "not_a_time": {
        "ko": ("날짜와 시각으로 읽을 수 없습니다.", "행사장 현지 시각으로 2027-03-04 09:00처럼 적어 주세요."),
        "zh": ("无法识别为日期和时间。", "请按会场当地时间填写，例如 2027-03-04 09:00。"),
        "en": ("It is no date with a time.", "Write it by the local time of the forum: 2027-03-04 09:00."),
    },
    "not_hours": {
        "ko": (
            "근무 시간으로 읽을 수 없습니다.",
            "2027-03-04 09:00-12:00처럼 적고, 여러 개는 세미콜론(;)으로 나누어 주세요.",
        ),
        "zh": ("无法识别为工作时间。", "请按 2027-03-04 09:00-12:00 填写，多段时间用分号（;）分隔。"),
        "en": ("These are no hours.", "Write them as 2027-03-04 09:00-12:00, with a semicolon between several."),
    },
    "on_no_date": {
        "ko": ("포럼이 열리지 않는 날짜의 근무 시간이 있습니다.", "연도를 포함해 날짜를 확인해 주세요."),
        "zh": ("部分工作时间不在论坛举办日期内。", "请检查日期，包括年份。"),
        "en": ("Some hours are on no date of the forum.", "Check the dates, the year too."),
    },
    "ends_before_it_starts": {
        "ko": ("끝나는 시각이 시작보다 빠릅니다.", "두 시각을 확인해 주세요."),
        "zh": ("结束时间早于开始时间。", "请检查这两个时间。"),
        "en": ("It ends before it starts.", "Check the two times."),
    },
    "too_many_values": {
        "ko": ("값이 {most}개보다 많습니다.", "{most}개 이하로 줄여 주세요."),
        "zh": ("值的个数超过 {most} 个。", "请减少到 {most} 个以内。"),
        "en": ("There are more than {most} values.", "Leave {most} at most."),
    },
    "not_a_pair": {
        "ko": ("서로 다른 두 언어의 조합이 아닙니다.", "ko-zh처럼 적어 주세요."),
        "zh": ("不是两种不同语言的组合。", "请按 ko-zh 的形式填写。"),
        "en": ("It is no pair of two languages.", "Write it as ko-zh."),
    },
    # -- a line among others
    "twice": {
        "ko": ("같은 항목이 앞줄에 이미 있습니다.", "둘 중 하나를 지워 주세요."),
        "zh": ("前面的行中已有相同的项目。", "请删除其中一行。"),
        "en": ("An earlier line has the same one.", "Remove one of the two lines."),
    },
    "contradicts": {
        "ko": ("같은 프로필의 {line}번째 줄과 값이 다릅니다.", "같은 프로필의 모든 줄에 같은 값을 적어 주세요."),
        "zh": ("与同一档案第 {line} 行的值不一致。", "同一档案的各行请填写相同的值。"),
        "en": ("It differs from line {line} of the same profile.", "Write the same in all lines of a profile."),
    },
    "minimum_above_maximum": {
        "ko": ("최소가 최대보다 큽니다.", "두 숫자를 확인해 주세요."),
        "zh": ("最少次数大于最多次数。", "请检查这两个数字。"),
        "en": ("The minimum is above the maximum.", "Check the two numbers."),
    },
    "more_must_meets_than_maximum": {
        "ko": ("필수 미팅이 최대 미팅 수보다 많습니다.", "최대를 늘리거나 필수 미팅을 줄여 주세요."),
        "zh": ("必须会面的数量超过最多会面数。", "请提高上限或减少必须会面。"),
        "en": ("There are more must-meets than meetings at most.", "Raise the maximum, or name fewer."),
    },
    "itself": {
        "ko": ("자기 자신을 필수 미팅으로 적었습니다.", "지워 주세요."),
        "zh": ("必须会面中填写了自身。", "请将其删除。"),
        "en": ("A profile does not meet itself.", "Leave it out."),
    },
    "too_many_delegates": {
        "ko": ("한 프로필의 담당자가 {most}명을 넘습니다.", "{most}명까지만 남겨 주세요."),
        "zh": ("同一档案的代表超过 {most} 人。", "请最多保留 {most} 人。"),
        "en": ("The profile has more than {most} delegates.", "Leave {most} at most."),
    },
    "too_many_with_stored": {
        "ko": (
            "이미 등록된 담당자까지 합하면 한 프로필의 담당자가 {most}명을 넘습니다.",
            "파일로는 담당자를 삭제할 수 없습니다. 해당 기업에 변경을 요청하거나 등록을 취소한 뒤 다시 올려 주세요.",
        ),
        "zh": (
            "加上已登记的代表，同一档案的代表超过 {most} 人。",
            "导入文件不会删除代表。请联系该企业修改代表，或取消其报名后重新上传。",
        ),
        "en": (
            "With those who are registered already, the profile has more than {most} delegates.",
            "A file removes no one: ask the firm to change its delegates, or withdraw it and send the file again.",
        ),
    },
    # -- the forum
    "too_many_profiles": {
        "ko": ("프로필이 {most}개를 넘습니다.", "한 포럼에는 {most}개까지 참가할 수 있습니다. 줄여 주세요."),
        "zh": ("档案超过 {most} 个。", "一场论坛最多 {most} 个档案参加，请减少。"),
        "en": ("There are more than {most} profiles.", "A forum takes {most}; leave some out."),
    },
    "too_many_tables": {
        "ko": ("테이블이 {most}개를 넘게 됩니다.", "{most}개 이하로 줄여 주세요."),
        "zh": ("桌子将超过 {most} 张。", "请减少到 {most} 张以内。"),
        "en": ("There would be more than {most} tables.", "Leave {most} at most."),
    },
    "too_many_rooms": {
        "ko": ("룸이 {most}개를 넘게 됩니다.", "{most}개 이하로 줄여 주세요."),
        "zh": ("房间将超过 {most} 间。", "请减少到 {most} 间以内。"),
        "en": ("There would be more than {most} rooms.", "Leave {most} at most."),
    },
    "too_many_interpreters": {
        "ko": ("통역사가 {most}명을 넘게 됩니다.", "{most}명 이하로 줄여 주세요."),
        "zh": ("译员将超过 {most} 名。", "请减少到 {most} 名以内。"),
        "en": ("There would be more than {most} interpreters.", "Leave {most} at most."),
    },
    "room_of_a_talk": {
        "ko": (
            "강연이 잡혀 있는 룸 {room}을(를) 테이블로 바꿀 수 없습니다.",
            "종류를 룸으로 두거나 강연을 먼저 옮겨 주세요.",
        ),
        "zh": ("房间 {room} 已安排演讲，不能改为桌子。", "请保留类型“房间”，或先调整演讲。"),
        "en": ("Room {room} has talks, and cannot become a table.", "Leave it a room, or move its talks first."),
    },
    "no_such_hall": {
        "ko": ("이 포럼에 없는 홀입니다.", "포럼 설정에 홀을 먼저 추가하거나 다음 중에서 골라 주세요: {halls}."),
        "zh": ("本论坛没有这个展厅。", "请先在论坛设置中添加，或从以下选择：{halls}。"),
        "en": ("The forum has no such hall.", "Add it to the forum first, or take one of these: {halls}."),
    },
    "not_at_this_forum": {
        "ko": ("이 포럼에서는 이 방식으로 참가할 수 없습니다(포럼: {mode}).", "참가 방식을 고쳐 주세요."),
        "zh": ("本论坛不支持这种参加方式（论坛：{mode}）。", "请更正参加方式。"),
        "en": ("The forum is {mode}; no one takes part like this.", "Correct how they take part."),
    },
    "not_on_a_day": {
        "ko": ("포럼이 열리는 동안 참석하는 시간이 없습니다.", "도착과 출발 시각을 확인해 주세요."),
        "zh": ("论坛期间没有在场的时间。", "请检查到达和离开时间。"),
        "en": ("They are never there while the forum lasts.", "Check when they arrive and leave."),
    },
    "no_such_profile": {
        "ko": (
            "공개된 프로필이 아닙니다.",
            "프로필 ID를 확인하거나, 해당 기업에 먼저 프로필을 공개해 달라고 요청해 주세요.",
        ),
        "zh": ("该档案不存在或未公开。", "请核对档案编号，或请对方先公开档案。"),
        "en": ("There is no published profile of this id.", "Check the id, or ask the firm to publish first."),
    },
    "at_too_many_forums": {
        "ko": ("이 프로필은 이미 한도만큼 많은 포럼에 등록되어 있습니다.", "다른 포럼의 등록을 먼저 취소해 주세요."),
        "zh": ("该档案报名的论坛数量已达上限。", "请先取消其他论坛的报名。"),
        "en": ("The profile is registered at as many forums as may be.", "Withdraw it from another one first."),
    },
}


@dataclass(frozen=True)
class Said:
    """A mistake in words."""

    what: str
    todo: str


def said(mistake: Mistake, lang: Lang) -> Said:
    """The sentences of a mistake in a language."""
    what, todo = SENTENCES[mistake.code][lang]
    return Said(what.format(**mistake.values), todo.format(**mistake.values))
