"""The workbench as people see it: on a desk and on a phone, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.outside
Look = Callable[..., Any]
PAGES = (
    "/cases",
    "/cases?state=dismissed",
    "/cases/C-000001",
    "/cases/C-000003",
    "/decisions/P-0062",
    "/decisions/P-0001",
    "/scenarios",
    "/boundaries",
)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_person_logs_in_reads_a_ring_and_dismisses_it_with_a_reason(look: Look, width: int) -> None:
    window = look(width)
    page = window.page
    window.log_in("analyst")
    page.click("text=C-000001")
    page.wait_for_selector("#flow canvas")
    assert page.is_visible("#flow")
    assert not page.is_visible("#flow-table table")
    page.evaluate("window.sameDocument = true")
    page.click("text=Dismiss")
    assert page.url.endswith("/cases/C-000001")
    assert page.evaluate("document.activeElement.id") == "reason"
    page.fill("#reason", "A family passes on a loan; the contract was shown.")
    page.click("text=Dismiss")
    page.wait_for_selector("text=You dismissed this case.")
    assert page.evaluate("window.sameDocument") is True
    assert "analyst dismissed it: A family passes on a loan" in page.inner_text("#history")
    assert "Dismissed" in page.inner_text("#case-head")
    assert "A family passes on a loan" in page.inner_text("#timeline")
    window.go("/cases")
    assert "C-000001" not in page.inner_text("#queue")
    assert window.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_its_window_and_no_console_complains(look: Look, width: int, scheme: str) -> None:
    window = look(width, scheme=scheme)
    window.go("/login")
    assert window.overflow() == 0
    window.log_in("analyst")
    for path in PAGES:
        window.go(path)
        assert window.overflow() == 0, path
    assert window.complaints == []


def test_the_queue_is_filtered_without_loading_the_page_again(look: Look) -> None:
    window = look(1280)
    page = window.page
    window.log_in("analyst")
    page.evaluate("window.sameDocument = true")
    page.select_option("#state", "confirmed")
    page.wait_for_selector("text=No case like this")
    assert "state=confirmed" in page.url
    page.select_option("#state", "all")
    page.wait_for_selector("text=C-000003")
    assert page.evaluate("window.sameDocument") is True
    page.go_back()
    page.wait_for_selector("text=No case like this")
    assert window.complaints == []


def test_an_arrow_of_the_graph_says_what_was_paid(look: Look) -> None:
    window = look(1280)
    page = window.page
    window.log_in("analyst")
    window.go("/cases/C-000001")
    box = page.locator("#flow").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    said = page.inner_text("#flow-said")
    assert " pays A-" in said
    assert "EUR" in said
    page.click("text=The same as a table")
    assert page.is_visible("#flow-table table")


def test_a_colleague_who_was_faster_is_told_in_place(look: Look) -> None:
    slow, fast = look(1280), look(1280)
    for window in (slow, fast):
        window.log_in("analyst")
        window.go("/cases/C-000002")
    fast.page.fill("#reason", "Fraud, says the bank of the payee.")
    fast.page.click("text=Confirm")
    fast.page.wait_for_selector("text=You confirmed this case.")
    slow.page.fill("#reason", "I think it is fine.")
    slow.page.click("text=Dismiss")
    slow.page.wait_for_selector("text=so it cannot be changed")
    assert "This case is confirmed." in slow.page.inner_text("#deciding")
    assert "Confirmed" in slow.page.inner_text("#case-head")


@pytest.mark.parametrize("width", [1280, 390])
def test_everything_can_be_read_and_decided_without_javascript(look: Look, width: int) -> None:
    window = look(width, scripts=False)
    page = window.page
    window.log_in("analyst")
    page.select_option("#state", "all")
    page.click("text=Show")
    page.click("text=C-000003")
    assert not page.is_visible("#flow")
    assert page.is_visible("#flow-table table")
    assert page.locator("#flow-table tbody tr").count() == 3
    page.click(".alert a.id")
    assert "headgate explain" in page.inner_text("main")
    page.go_back()
    page.fill("#reason", "A savings circle of three; all of them confirm it.")
    page.click("text=Dismiss")
    assert "You dismissed this case." in page.inner_text("main")
    assert "A savings circle of three" in page.inner_text("#history")


def test_a_keyboard_reaches_the_content_first(look: Look) -> None:
    window = look(1280)
    window.log_in("analyst")
    window.go("/cases")
    window.page.keyboard.press("Tab")
    assert window.page.evaluate("document.activeElement.textContent") == "Skip to the content"
