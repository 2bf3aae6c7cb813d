"""Tables as CSV and XLSX that a spreadsheet opens as they are meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"A cell that begins so is run as a formula (OWASP, CSV injection)."


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet runs."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def csv_line(cells: Sequence[Any]) -> bytes:
    """Return one line, UTF-8."""
    line = io.StringIO()
    csv.writer(line).writerow([harmless(cell) for cell in cells])
    return line.getvalue().encode()


def csv_table(rows: Sequence[Sequence[Any]]) -> bytes:
    """Return a whole table with the mark by which spreadsheets know UTF-8."""
    return "\ufeff".encode() + b"".join(csv_line(row) for row in rows)


def xlsx_tables(tables: Sequence[tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """Return a workbook with a sheet for each (name, rows); the first row of each is its head."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True})
        for name, rows in tables:
            sheet = book.add_worksheet(name[:31])
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, [harmless(cell) for cell in row], bold if number == 0 else None)
            sheet.set_column(0, 0, 24)
    return content.getvalue()
