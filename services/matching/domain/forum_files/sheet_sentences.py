"""Sentences about a file as a whole, its sheets and its columns: what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

SHEET_SENTENCES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    # -- the file
    "not_readable": {
        "ko": (
            "엑셀(XLSX) 파일로 열 수 없습니다.",
            "암호 없이 'Excel 통합 문서(.xlsx)'로 다시 저장해 올려 주세요('Strict Open XML' 형식은 제외).",
        ),
        "zh": (
            "无法作为 Excel（XLSX）文件打开。",
            "请在 Excel 中不设密码，另存为“Excel 工作簿（.xlsx）”后重新上传，不要选择“Strict Open XML”格式。",
        ),
        "en": (
            "The file cannot be opened as XLSX.",
            "Save it without a password as an Excel workbook (.xlsx), not as “Strict Open XML”, and send that.",
        ),
    },
    "not_utf8": {
        "ko": ("CSV 파일의 문자 인코딩을 읽을 수 없습니다.", "'CSV UTF-8'로 저장하거나 XLSX 파일로 올려 주세요."),
        "zh": ("无法识别 CSV 文件的字符编码。", "请另存为“CSV UTF-8”，或改用 XLSX 文件。"),
        "en": ("The characters of the CSV file cannot be read.", "Save it as “CSV UTF-8”, or send an XLSX file."),
    },
    "broken_csv": {
        "ko": ("CSV로 읽을 수 없습니다. 따옴표가 맞지 않습니다.", "엑셀에서 다시 저장하거나 XLSX 파일로 올려 주세요."),
        "zh": ("无法作为 CSV 读取，引号不配对。", "请在 Excel 中重新保存，或改用 XLSX 文件。"),
        "en": ("It cannot be read as CSV: quotation marks do not match.", "Save it again, or send an XLSX file."),
    },
    "too_large_inside": {
        "ko": ("파일을 풀면 크기가 한도를 넘습니다.", "그림과 쓰지 않는 시트를 지우고 다시 저장해 주세요."),
        "zh": ("文件解压后超过大小上限。", "请删除图片和不用的工作表后重新保存。"),
        "en": ("The file is too large when it is unpacked.", "Remove pictures and unused sheets, and save it again."),
    },
    "takes_too_long": {
        "ko": ("파일을 읽는 데 시간이 너무 오래 걸립니다.", "빈 줄과 쓰지 않는 시트를 지우거나 CSV로 올려 주세요."),
        "zh": ("读取文件耗时过长。", "请删除空行和不用的工作表，或改用 CSV 文件。"),
        "en": ("The file takes too long to read.", "Remove empty lines and unused sheets, or send it as CSV."),
    },
    "no_sheet": {
        "ko": (
            "읽을 수 있는 시트가 없습니다.",
            "시트 이름을 participants, tables, interpreters 중 하나로 하거나 주소에 kind를 지정해 주세요.",
        ),
        "zh": (
            "没有可读取的工作表。",
            "请将工作表命名为 participants、tables 或 interpreters，或在地址中指定 kind。",
        ),
        "en": (
            "There is no sheet that can be read.",
            "Name a sheet participants, tables or interpreters, or say the kind in the address.",
        ),
    },
    "unknown_sheet": {
        "ko": (
            "어떤 내용의 시트인지 알 수 없습니다.",
            "participants, tables, interpreters 중 하나로 이름을 바꾸거나 지워 주세요.",
        ),
        "zh": ("无法判断该工作表的内容。", "请改名为 participants、tables 或 interpreters，或将其删除。"),
        "en": ("It is unknown what this sheet holds.", "Name it participants, tables or interpreters, or remove it."),
    },
    "sheet_twice": {
        "ko": ("같은 내용을 담는 시트가 둘 이상입니다.", "한 시트로 합치고 나머지 시트는 지워 주세요."),
        "zh": ("有多个工作表存放同一类内容。", "请合并到一个工作表中，并删除其余工作表。"),
        "en": ("More than one sheet is of this kind.", "Put everything into one of them, and remove the others."),
    },
    # -- a sheet and its columns
    "no_lines": {
        "ko": ("시트가 비어 있습니다.", "첫 줄에 열 이름을, 그 아래에 내용을 적어 주세요."),
        "zh": ("工作表为空。", "请在第一行填写列名，在其下方填写内容。"),
        "en": ("The sheet is empty.", "Write the names of the columns in the first line, and the lines below."),
    },
    "too_many_lines": {
        "ko": ("줄이 너무 많습니다. 한도는 {most}줄입니다.", "여러 파일로 나누어 올려 주세요."),
        "zh": ("行数过多，上限为 {most} 行。", "请拆分成多个文件上传。"),
        "en": ("There are too many lines; {most} are read.", "Divide them between several files."),
    },
    "unknown_column": {
        "ko": (
            "{place}번째 열의 이름을 알 수 없습니다.",
            "열을 지우거나 이름을 고쳐 주세요. 쓸 수 있는 이름: {columns}.",
        ),
        "zh": ("第 {place} 列的列名无法识别。", "请删除该列或更正列名。可用列名：{columns}。"),
        "en": ("The name of column {place} is unknown.", "Remove the column, or use one of these names: {columns}."),
    },
    "column_twice": {
        "ko": ("같은 열이 두 번 있습니다.", "하나를 지워 주세요."),
        "zh": ("同一列出现了两次。", "请删除其中一列。"),
        "en": ("The column is there twice.", "Remove one of the two."),
    },
    "column_missing": {
        "ko": ("꼭 필요한 열이 없습니다.", "이 이름으로 열을 추가하고 모든 줄을 채워 주세요."),
        "zh": ("缺少必需的列。", "请添加此列，并填写每一行。"),
        "en": ("A column is missing that is needed.", "Add a column of this name and fill it in every line."),
    },
    "no_title": {
        "ko": (
            "{cell} 칸에 내용이 있지만 그 열에는 이름이 없습니다.",
            "첫 줄에 열 이름을 적거나 칸을 비워 주세요. 쉼표가 든 값이라면 따옴표로 묶어 주세요.",
        ),
        "zh": (
            "单元格 {cell} 有内容，但该列没有列名。",
            "请在第一行填写列名，或清空该单元格；内容中含逗号时，请用引号括起来。",
        ),
        "en": (
            "Cell {cell} is filled, and its column has no name.",
            "Name the column in the first line, or clear the cell; a value with commas needs quotation marks.",
        ),
    },
    "beyond_columns": {
        "ko": ("{cell} 칸은 읽을 수 있는 열의 범위를 벗어났습니다.", "내용을 앞쪽 열로 옮기거나 칸을 비워 주세요."),
        "zh": ("单元格 {cell} 超出了可读取的列范围。", "请将内容移到前面的列中，或清空该单元格。"),
        "en": (
            "Cell {cell} is beyond the columns that are read.",
            "Move it into one of the first columns, or clear it.",
        ),
    },
}
