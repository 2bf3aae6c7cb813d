"""Numbers as logs and screens show them."""

import pytest

from intake.masking import mask_number, mask_numbers_in


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800001234", "138****1234"),
        ("12345", "12345"),
        ("110", "110"),
        ("", ""),
        ("05398312345", "05****45"),
        ("+8613800001234", "+8****34"),
        ("anonymous", "an****us"),
    ],
)
def test_the_middle_is_hidden(number: str, shown: str) -> None:
    assert mask_number(number) == shown


def test_numbers_in_a_text_are_masked() -> None:
    assert mask_numbers_in("打 138 0000 1234 或 12345，3 号楼") == "打 138****1234 或 12345，3 号楼"
