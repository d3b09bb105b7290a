"""The coder's page in a real Chromium: pointer, keyboard, narrow, dark, long, wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from exchange_pdf import pdf
from playwright.sync_api import Browser, Page, expect, sync_playwright
from service_fixtures import Live, running

from notecoder.service import Settings

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
NOTE = (
    "Exam: 6 mm papule on the left cheek \U0001f642.\nShave biopsy of the left cheek papule.\n"
    "Liquid nitrogen to three keratoses.\nImpression: neoplasm.\n"
)
PICTURES = os.environ.get("NOTECODER_PICTURES")

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here: install the chromium package")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("page")
    with running(Settings(database_url=f"sqlite:///{folder}/n.sqlite3", port=0)) as service:
        yield service


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Callable[..., Page]]:
    """Opens the page; at the end nothing may have been complained about in the console."""
    opened, complaints = [], []

    def open_(*, width: int = 1280, scheme: str = "light", path: str = "/") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
            permissions=["clipboard-read", "clipboard-write"],
        )
        made = context.new_page()
        made.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.goto(live.base + path)
        made.wait_for_selector("body[data-ready]")
        opened.append(context)
        return made

    yield open_
    for context in opened:
        context.close()
    assert [said for said in complaints if "status of 4" not in said] == []


def coded(page: Page, text: str = NOTE) -> Page:
    """Put a note in and wait for the claim."""
    page.evaluate("text => { document.getElementById('text').value = text; }", text)
    page.fill("#date", "2026-11-10")
    page.click("#send")
    page.wait_for_selector("#claim:not([hidden])")
    return page


def picture(page: Page, name: str, *, whole: bool = True) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=whole)


def lit(page: Page) -> list[str]:
    return page.locator("mark.lit").all_inner_texts()


def test_pointer_on_a_line_lights_its_words_and_the_other_way_round(page: Callable[..., Page]) -> None:
    shown = coded(page())
    shown.locator(".lines > li").first.hover()
    assert lit(shown) == ["Shave biopsy of the left cheek papule"]
    shown.locator("mark", has_text="Liquid nitrogen").hover()
    assert shown.locator(".lines > li.lit .code").all_inner_texts() == ["17000-59"]
    picture(shown, "light")


def test_words_of_two_lines_light_both_but_a_line_lights_only_itself(page: Callable[..., Page]) -> None:
    shown = coded(page(), "Shave biopsy of the nose, punch biopsy of the chin, 6 mm.")
    shown.locator(".lines > li").first.hover()
    assert shown.locator(".lines > li.lit .code").all_inner_texts() == ["11102"]
    assert lit(shown) == ["Shave biopsy of the nose, ", "punch biopsy of the chin, 6 mm"]
    shown.locator("mark").nth(1).hover()
    assert shown.locator(".lines > li.lit .code").all_inner_texts() == ["11102", "11104-59"]


def test_keyboard_reaches_lines_words_and_decisions(page: Callable[..., Page]) -> None:
    shown = coded(page())
    shown.locator(".line-head").nth(1).focus()
    assert lit(shown) == ["Liquid nitrogen to three keratoses"]
    shown.locator("mark").first.focus()
    assert shown.locator(".lines > li.lit .code").all_inner_texts() == ["11102"]
    shown.keyboard.press("ArrowRight")
    assert shown.evaluate("document.activeElement.textContent") == "Liquid nitrogen to three keratoses"
    shown.keyboard.press("Enter")
    assert shown.evaluate("document.activeElement.className") == "line-head"
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")
    assert shown.locator(".lines > li").nth(1).locator("details[open]").count() == 1
    order = []
    for _ in range(4):
        shown.keyboard.press("Tab")
        order.append(shown.evaluate("document.activeElement.textContent"))
    assert order == ["\u201cLiquid nitrogen to three keratoses\u201d", "Accept", "Change", "Reject"]


def test_decision_is_recorded_and_copied(page: Callable[..., Page], live: Live) -> None:
    shown = coded(page())
    shown.locator(".lines > li").first.get_by_role("button", name="Accept", exact=True).click()
    assert shown.locator("#finish .main").is_disabled()
    shown.locator(".lines > li").nth(1).get_by_role("button", name="Change").click()
    shown.get_by_label("Units").fill("3")
    shown.get_by_label("Code").fill("17003")
    shown.get_by_label("Reason").fill("three lesions")
    shown.get_by_role("button", name="Keep this line").click()
    shown.get_by_role("button", name="Add a line").click()
    shown.get_by_label("Code").fill("J3301")
    shown.get_by_label("Diagnoses").fill("L91.0")
    shown.get_by_label("Reason").fill("keloid injected")
    shown.get_by_role("button", name="Keep this line").click()
    shown.get_by_role("button", name="Finish this claim").click()
    shown.wait_for_selector("text=This claim was accepted.")
    shown.get_by_role("button", name="Copy as text").click()
    copied = shown.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[1:] == ["1. 11102  D49.2", "2. 17003-59 x3  D49.2, L57.0", "3. J3301  L91.0"]
    shown.get_by_role("button", name="Copy as CSV").click()
    assert "2,2026-11-10,11,17003,59,,,,3,D49.2,L57.0,," in shown.evaluate("navigator.clipboard.readText()")
    newest = live.client.get("/v1/results?limit=1").json()["results"][0]
    stored = live.client.get(f"/v1/results/{newest['result_id']}").json()
    assert stored["state"] == "accepted"
    assert [line["action"] for line in stored["decisions"][0]["lines"]] == ["accept", "change", "add"]


def test_question_has_a_life(page: Callable[..., Page]) -> None:
    shown = coded(page(), "Shave biopsy of the nose.")
    gap = shown.locator(".gaps > li").first
    assert "lesion.size, open" in gap.inner_text()
    gap.get_by_role("button", name="Mark as sent").click()
    shown.wait_for_selector("text=lesion.size, sent")
    gap.get_by_role("button", name="Answered").click()
    shown.wait_for_selector("text=lesion.size, answered")
    gap.get_by_role("button", name="Copy the question").click()
    assert shown.evaluate("navigator.clipboard.readText()") == "What was the size of the lesion before the procedure?"


def test_claim_on_hold_asks_for_a_reason(page: Callable[..., Page]) -> None:
    shown = coded(page(), NOTE + "Pathology pending.")
    assert "Hold" in shown.locator("#disposition").inner_text()
    shown.get_by_role("button", name="Accept the 2 open lines").click()
    shown.get_by_role("button", name="Finish this claim").click()
    shown.get_by_label("Why may it be closed anyway?").fill("report seen")
    shown.get_by_role("button", name="Finish anyway").click()
    shown.wait_for_selector("text=This claim was accepted.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_page_does_not_scroll_sideways_and_keeps_its_contrast(page: Callable[..., Page], scheme: str) -> None:
    shown = coded(page(width=320, scheme=scheme), NOTE + "Pathology pending. " + "x" * 200)
    shown.locator("details summary").first.click()
    assert shown.evaluate("document.documentElement.scrollWidth") == 320
    picture(shown, f"narrow-{scheme}")
    poor = shown.evaluate(CONTRAST)
    assert poor == []


def test_dark_page(page: Callable[..., Page]) -> None:
    shown = coded(page(scheme="dark"))
    shown.locator(".line-head").first.click()
    shown.locator("details summary").first.click()
    picture(shown, "dark")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 24, 26)"
    assert shown.evaluate(CONTRAST) == []


def test_every_control_has_a_name_and_every_target_a_size(page: Callable[..., Page]) -> None:
    shown = coded(page())
    nameless = shown.evaluate(
        """[...document.querySelectorAll('button, input, select, textarea, summary')].filter(one =>
        one.offsetParent && !one.textContent.trim() && !one.labels?.length && !one.ariaLabel).length"""
    )
    small = shown.evaluate(
        """[...document.querySelectorAll('button:not(.quote)')].filter(one => one.offsetParent)
        .filter(one => { const box = one.getBoundingClientRect(); return box.width < 24 || box.height < 24; }).length"""
    )
    assert (nameless, small) == (0, 0)
    assert shown.evaluate("document.querySelectorAll('h1').length") == 1
    assert shown.evaluate("document.documentElement.lang") == "en"


def test_long_note_stays_smooth(page: Callable[..., Page]) -> None:
    plain = "Line of the chart without any procedure in it, as pasted from a long history.\n" * 30
    text = (plain + NOTE.replace("\U0001f642", "")) * 200
    shown = coded(page(), text)
    assert len(text) > 480_000
    assert shown.evaluate("document.getElementById('note').textContent.length") > 0.98 * len(text)
    slow = shown.evaluate(
        """async () => {
          const panel = document.getElementById('note-panel');
          let worst = 0, last = performance.now();
          for (let at = 0; at < 60; at += 1) {
            panel.scrollTop += 700;
            await new Promise(requestAnimationFrame);
            const now = performance.now();
            worst = Math.max(worst, now - last);
            last = now;
          }
          return worst;
        }"""
    )
    assert slow < 400
    begin = shown.evaluate("performance.now()")
    shown.locator(".line-head").first.click()
    assert shown.evaluate("performance.now()") - begin < 1500
    picture(shown, "long", whole=False)


def test_error_is_told_and_the_note_stays(page: Callable[..., Page]) -> None:
    shown = page()
    shown.click("#send")
    assert shown.locator("#date").evaluate("one => one.validity.valueMissing")
    shown.fill("#text", NOTE)
    shown.fill("#date", "2031-01-01")
    shown.click("#send")
    shown.wait_for_selector("#alert:not([hidden])")
    assert shown.locator("#alert").inner_text() == "No tables were verified for this date of service."
    assert shown.locator("#text").input_value() == NOTE
    picture(shown, "error")
    shown.fill("#date", "2026-11-10")
    shown.click("#send")
    shown.wait_for_selector("#claim:not([hidden])")
    assert shown.locator("#alert").is_hidden()


def test_files_are_read_into_the_field(page: Callable[..., Page], tmp_path: Path) -> None:
    shown = page()
    files = {
        "note.pdf": pdf("Shave biopsy of the nose, 6 mm."),
        "note.rtf": rb"{\rtf1 Shave biopsy of the nose, 6 mm.\par}",
        "note.html": b"<p>Shave biopsy of the nose, 6 mm.</p>",
        "note.txt": b"Shave biopsy of the nose, 6 mm.",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        shown.fill("#text", "")
        shown.set_input_files("#file", path)
        expect(shown.locator("#text")).to_have_value(re.compile("Shave"))
        assert shown.locator("#text").input_value().strip() == "Shave biopsy of the nose, 6 mm."
    picture_file = tmp_path / "scan.png"
    picture_file.write_bytes(b"x")
    shown.set_input_files("#file", picture_file)
    shown.wait_for_selector("#alert:not([hidden])")


def test_dropped_file_is_read(page: Callable[..., Page]) -> None:
    shown = page()
    shown.evaluate(
        """() => { const data = new DataTransfer();
        data.items.add(new File(['Shave biopsy, 6 mm.'], 'note.txt', {type: 'text/plain'}));
        const drop = new DragEvent('drop', {dataTransfer: data, bubbles: true});
        document.getElementById('note-panel').dispatchEvent(drop); }"""
    )
    expect(shown.locator("#text")).to_have_value(re.compile("Shave"))


def test_further_document_is_shown_with_its_evidence(page: Callable[..., Page]) -> None:
    shown = page()
    shown.get_by_role("button", name="Add a pathology report").click()
    shown.get_by_label("Its text").fill("Punch biopsy of the back, 4 mm.")
    coded(shown)
    assert shown.locator("#note h3").all_inner_texts() == ["Pathology report"]
    assert "Punch biopsy of the back, 4 mm" in shown.locator("mark").all_inner_texts()


def test_stored_result_opens_and_takes_the_pasted_note(page: Callable[..., Page], live: Live) -> None:
    result_id = live.code(NOTE).json()["result_id"]
    shown = page(path=f"/#{result_id}")
    shown.wait_for_selector("#attach:not([hidden])")
    shown.fill("#attach-text", NOTE)
    shown.get_by_role("button", name="Show the evidence").click()
    assert "Shave biopsy of the left cheek papule" in shown.locator("mark").all_inner_texts()
    shown.get_by_role("button", name="Recent results").click()
    shown.wait_for_selector("#recent-list button")
    assert shown.locator("#recent-list").inner_text().count("\n") >= 0


def test_words_of_a_note_are_never_markup(page: Callable[..., Page]) -> None:
    evil = "Shave biopsy <img src=x onerror=alert(1)> of the nose 6 mm.\n<script>alert(2)</script>\n"
    shown = coded(page(), evil)
    assert shown.locator("#note img, #note script").count() == 0
    assert "<script>alert(2)</script>" in shown.locator("#note").inner_text()


def test_sign_in_and_out_by_the_page(browser: Browser, tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/n.sqlite3", port=0, require_auth=True)
    with running(settings) as live:
        context = browser.new_context()
        shown = context.new_page()
        shown.goto(live.base)
        assert shown.url.endswith("/sign-in")
        shown.get_by_label("Your personal key").fill("nck_wrong")
        shown.get_by_role("button", name="Sign in").click()
        shown.wait_for_selector("#alert:not([hidden])")
        picture(shown, "sign-in")
        shown.get_by_label("Your personal key").fill(live.key())
        shown.get_by_role("button", name="Sign in").click()
        shown.wait_for_selector("body[data-ready]")
        assert "Ana Coder" in shown.locator("#who").inner_text()
        coded(shown)
        shown.get_by_role("button", name="Accept the 2 open lines").click()
        shown.get_by_role("button", name="Finish this claim").click()
        shown.wait_for_selector("text=This claim was accepted.")
        assert context.cookies()[0]["httpOnly"] and context.cookies()[0]["sameSite"] == "Strict"
        shown.get_by_role("button", name="Sign out").click()
        shown.wait_for_url("**/sign-in")
        shown.goto(live.base)
        assert shown.url.endswith("/sign-in")
        context.close()


CONTRAST = """() => {
  const curve = (part) => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
  const channel = (value) => curve(value / 255);
  const light = ([red, green, blue]) => .2126 * channel(red) + .7152 * channel(green) + .0722 * channel(blue);
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > .99) return color;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const one of document.querySelectorAll('body *')) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !one.offsetParent || one.disabled || one.closest('.unseen, noscript, .skip')) continue;
    const [over, under] = [light(parse(getComputedStyle(one).color)), light(ground(one))].sort((a, b) => b - a);
    const ratio = (over + .05) / (under + .05);
    if (ratio < 4.5) poor.push(`${one.tagName}.${one.className} ${ratio.toFixed(2)} ${one.textContent.slice(0, 30)}`);
  }
  return poor;
}"""
