"""Every action works with the keyboard alone, and the focus is always visible."""

from tests.e2e.conftest import OpenWindow
from tests.support.browser import Window
from tests.support.intake import Frontend
from tests.support.journey import Databases, open_case

OFFICER = "Robin Ashdown"
MOST_STOPS = 30
# An element with the focus differs by its outline, its shadow or its background.
LOOKS = """element => ['::before', null].map(part => {
  const style = getComputedStyle(element, part)
  return [style.outlineWidth, style.outlineStyle, style.boxShadow, style.backgroundColor, style.borderColor].join()
}).join() + (element.nextElementSibling ? getComputedStyle(element.nextElementSibling, '::before').boxShadow : '')"""
FOCUSED = "() => document.activeElement"


async def test_the_skip_link_comes_first_is_seen_and_leads_to_the_content(open_window: OpenWindow) -> None:
    window = await open_window("triage", OFFICER, "/queue")
    await window.page.keyboard.press("Tab")
    assert await window.focused() == "Skip to main content"
    box = await window.page.get_by_role("link", name="Skip to main content").bounding_box()
    assert box
    assert box["width"] > 100
    await window.page.keyboard.press("Enter")
    assert await window.focused() == "main-content"


async def test_the_stops_of_a_case_come_in_reading_order_and_each_shows_the_focus(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    window = await open_window("triage", OFFICER, f"/cases/{await open_case(frontend, databases)}")
    stops = await _walk(window, "Save decision")
    wanted = [
        "Skip to main content",
        "Partnership Intelligence Pipeline",
        "Triage",
        "Queue",
        "Safety flags",
        "Robin Ashdown (Triage officer)",
        "Sign out",
    ]
    wanted += ["Back to the queue", "Rows that nearly match", "outcome", "reason", "Save decision"]
    assert [name for stop in stops for name in wanted if stop.startswith(name)] == wanted
    assert len(stops) == len(wanted)


async def _walk(window: Window, last: str) -> list[str]:
    """Return the elements that the Tab key reaches, in order; each must look different with the focus."""
    stops: list[str] = []
    while len(stops) < MOST_STOPS and (not stops or stops[-1] != last):
        await window.page.keyboard.press("Tab")
        element = (await window.page.evaluate_handle(FOCUSED)).as_element()
        assert element
        stops.append(await window.focused())
        with_focus = await element.evaluate(LOOKS)
        await element.evaluate("element => element.blur()")
        assert await element.evaluate(LOOKS) != with_focus, f"the focus on {stops[-1]} cannot be seen"
        await element.evaluate("element => element.focus()")
    return stops


async def test_a_case_is_decided_with_the_keyboard_alone(
    frontend: Frontend, databases: Databases, open_window: OpenWindow
) -> None:
    window = await open_window("triage", OFFICER, f"/cases/{await open_case(frontend, databases)}")
    keys = window.page.keyboard
    while await window.focused() != "outcome":
        await keys.press("Tab")
    await keys.press("Space")
    await keys.press("ArrowDown")
    await keys.press("ArrowDown")  # pass to another route
    await keys.press("Tab")
    await keys.press("Space")  # crime desk
    await keys.press("Tab")
    await keys.type("A crime is in progress.")
    await keys.press("Tab")
    async with window.page.expect_navigation():
        await keys.press("Enter")
    assert await window.mark("state") == "passed_on"
    assert "Pass to another route: Crime desk" in await window.text()
