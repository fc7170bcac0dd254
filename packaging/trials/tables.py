"""Write the tables that a trial brings in: good ones, and one that is made to break its reader.

Nothing but the standard library: `python3 packaging/trials/tables.py FOLDER`.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

HEAD = ("ФИО", "Дата рождения", "Телефон", "Паспорт", "Карта")
ROWS = (
    ("Ильинский Арсений Глебович", "09.03.1987", "+79161234567", "45 10 123456", "2200 0001"),
    ("Рождественская Капитолина Львовна", "1990-01-02", "", "45 10 999999", "2200 0002"),
    ("Тридцать второе мая", "32.05.1990", "", "", ""),
)
PERSONS = (
    ("external_ref", "family", "given", "patronymic", "born"),
    ("T-1", "Преображенский", "Филимон", "Онуфриевич", "1961-04-12"),
)
CASES = (
    ("external_ref", "full_name", "born", "last_seen_on", "last_seen_at"),
    ("T-2", "Вознесенская Аполлинария Евграфовна", "1955-11-03", "2022-03-20", "Харьков"),
    ("T-3", "Voznesenskaya Apollinariya", "1955-11-03", "2022-03-20", "Kharkiv"),
)
QUERIES = "Преображенский Филимон\t1961\nPreobrazhensky Filimon\n"
_BOOK = {
    "[Content_Types].xml": """<Types xmlns="{package}/content-types">
<Default Extension="rels" ContentType="application/vnd.{kind}-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.{kind}-officedocument\
.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.{kind}-officedocument\
.spreadsheetml.worksheet+xml"/></Types>""",
    "_rels/.rels": """<Relationships xmlns="{package}/relationships"><Relationship Id="rId1"
Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="{sheet}" xmlns:r="{office}"><sheets>
<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships xmlns="{package}/relationships">
<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>
</Relationships>""",
}
_PLACES = "http://schemas.openxmlformats.org"
_NAMES = {
    "kind": "openxmlformats",
    "package": f"{_PLACES}/package/2006",
    "office": f"{_PLACES}/officeDocument/2006/relationships",
    "sheet": f"{_PLACES}/spreadsheetml/2006/main",
}


def workbook(path: Path, cells: dict[str, str]) -> None:
    """Write the smallest workbook that holds these cells as texts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _BOOK.items():
            archive.writestr(name, text.format(**_NAMES))
        lines: dict[int, str] = {}
        for place, value in cells.items():
            number = int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            cell = f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
            lines[number] = lines.get(number, "") + cell
        rows = "".join(f'<row r="{number}">{line}</row>' for number, line in lines.items())
        sheet = f'<worksheet xmlns="{_NAMES["sheet"]}"><sheetData>{rows}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", sheet)


def text(rows: tuple[tuple[str, ...], ...], separator: str) -> str:
    """Write rows as a text table; no value of these holds a separator."""
    return "".join(separator.join(row) + "\n" for row in rows)


def main() -> int:
    """Write them all into one folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    table = (HEAD, *ROWS)
    workbook(
        folder / "registrations.xlsx",
        {
            f"{'ABCDE'[place]}{number}": value
            for number, row in enumerate(table, 1)
            for place, value in enumerate(row)
        },
    )
    # A sparse sheet: its reader asks for 500 GB and takes its process along.
    workbook(folder / "sparse.xlsx", {"A1": "ФИО", "XFD1048576": "end"})
    (folder / "registrations.csv").write_bytes(text(table, ";").encode("cp1251"))
    (folder / "persons.csv").write_text(text(PERSONS, ","), "utf-8")
    (folder / "cases.csv").write_text(text(CASES, ","), "utf-8")
    (folder / "queries.txt").write_text(QUERIES, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
