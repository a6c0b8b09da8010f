"""Accessibility of the built-in page: keyboard, screen reader, touch, large text, any language."""

import signal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from details import DetailsClient
from tabs import fill
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


def test_the_page_can_be_used_by_keyboard_alone(chatd, open_tab):
    fill(chatd.port, 150)
    tab = open_tab(chatd)
    wait_until(lambda: len(tab.texts) >= 60)
    focused = "document.activeElement.id"
    assert tab.evaluate(focused) == "input"
    tab.page.keyboard.type("typed")
    tab.page.keyboard.press("Enter")
    wait_until(lambda: tab.texts[-1] == "typed")
    assert tab.evaluate(focused) == "input"
    for element in ["scroller", "toggle"]:
        tab.page.keyboard.press("Shift+Tab")
        assert tab.evaluate(focused) == element
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.page.focus("#scroller")
    tab.page.keyboard.press("Home")
    wait_until(lambda: tab.texts[0] == "message 1" or (tab.page.keyboard.press("Home"), False)[1])
    tab.page.keyboard.press("Tab")
    assert tab.evaluate(focused) == "latest"
    tab.page.keyboard.press("Enter")
    wait_until(lambda: tab.distance_to_end() < 2 and tab.texts[-1] == "typed",
               message=lambda: f"{tab.distance_to_end()} from the end, focus at {tab.evaluate(focused)}")
    tab.page.focus("#toggle")
    tab.page.keyboard.press("Space")
    expect(tab.page.locator("#state")).to_have_text("Disconnected")


def test_keys_scroll_the_conversation_from_the_input(chatd, open_tab):
    fill(chatd.port, 150)
    tab = open_tab(chatd)
    wait_until(lambda: len(tab.texts) >= 60)
    top = "scroller.scrollTop"
    before = tab.evaluate(top)
    tab.page.keyboard.press("PageUp")
    page = before - tab.evaluate(top)
    assert tab.evaluate("scroller.clientHeight") / 2 < page < tab.evaluate("scroller.clientHeight")
    tab.page.keyboard.press("PageDown")
    wait_until(lambda: tab.distance_to_end() < 2)
    tab.page.keyboard.press("Control+Home")
    wait_until(lambda: tab.texts[0] == "message 1" or (tab.page.keyboard.press("Control+Home"), False)[1])
    tab.page.keyboard.press("Control+End")
    wait_until(lambda: tab.distance_to_end() < 2 and tab.texts[-1] == "message 150")
    # In a text, the keys first have their usual effect.
    tab.page.keyboard.type("typed")
    tab.page.keyboard.press("Control+Home")
    assert tab.evaluate("input.selectionStart") == 0 and tab.distance_to_end() < 2
    tab.page.keyboard.press("Control+Home")
    wait_until(lambda: tab.distance_to_end() > 500)
    assert tab.evaluate("[document.activeElement.id, input.value]") == ["input", "typed"]
    tab.page.keyboard.press("Control+End")
    assert tab.evaluate("input.selectionStart") == 5 and tab.distance_to_end() > 500
    # In a text higher than the input, keys scroll the text.
    tab.page.fill("#input", "line\n" * 40)
    tab.page.keyboard.press("Control+End")
    before = tab.evaluate(top)
    tab.page.keyboard.press("PageUp")
    assert tab.evaluate(top) == before


def test_a_draft_survives_a_reload_until_it_is_sent(chatd, open_tab):
    tab = open_tab(chatd)
    other = open_tab(chatd, tab.page.context)
    tab.page.fill("#input", "two lines\nof a draft")
    tab.page.reload()
    assert tab.connected().page.input_value("#input") == "two lines\nof a draft"
    assert tab.evaluate("input.scrollHeight <= input.clientHeight")
    assert other.page.input_value("#input") == ""
    tab.page.press("#input", "Enter")
    tab.shows(["two lines\nof a draft"])
    tab.page.reload()
    assert tab.connected().page.input_value("#input") == ""


def test_on_a_phone_enter_begins_a_new_line_and_the_button_sends(chatd, open_tab):
    tab = open_tab(chatd, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    assert tab.page.get_attribute("#input", "enterkeyhint") == "enter"
    tab.page.tap("#input")
    for key in ["a", "Enter", "b"]:
        tab.page.keyboard.press(key)
    tab.page.tap("#send")
    tab.shows(["a\nb"])
    # A tablet may have a keyboard.
    for key in ["c", "Control+Enter"]:
        tab.page.keyboard.press(key)
    tab.shows(["a\nb", "c"])


INVISIBLE = [
    "\u200b", "\u200b \u200d\n\ufeff", "\u2060\u00ad", "\u3164", "\u2800\u2800", "\u202e\u2066", "\ufe0f", "\u0007",
    "\U000e0041", "\ufff9\ufffa\ufffb",
]
VISIBLE = ["a\u200b", "\u200d🙂", "👨‍👩‍👧", "ﷺ", "\u0301", "·"]


def test_invisible_text_is_not_sent(chatd, open_tab):
    tab = open_tab(chatd)
    for text in INVISIBLE:
        tab.write(text)
        expect(tab.page.locator("#problem")).to_have_text("This message has no visible text.")
        assert tab.page.input_value("#input") == text
        tab.page.fill("#input", "")
        expect(tab.page.locator("#problem")).to_have_text("")
    for number, text in enumerate(VISIBLE):
        tab.write(text)
        tab.shows(VISIBLE[: number + 1])
    # Other clients may send any text.
    fill(chatd.port, 2, lambda number: ["", "\u200b"][number - 1])
    tab.shows([*VISIBLE, "No visible text", "No visible text"])


def test_copying_copies_the_visible_text(chatd, open_tab):
    tab, other = open_tab(chatd), open_tab(chatd)
    tab.write("my own")
    other.write("another's")
    tab.shows(["my own", "another's"])
    copied = tab.evaluate("(getSelection().selectAllChildren(messages), getSelection().toString())")
    assert "my own" in copied and "another's" in copied and "You" not in copied
    expect(tab.page.locator(".own .quiet")).to_have_text("You: ")


def test_texts_may_be_in_any_language(chatd, open_tab):
    tab = open_tab(chatd, locale="de-DE")
    texts = ["English", "שלום, world", "Grüße"]
    for number, text in enumerate(texts):
        tab.write(text)
        tab.shows(texts[: number + 1])
    text = tab.page.locator("#messages .text")
    directions = [text.nth(index).evaluate("(text) => getComputedStyle(text).direction") for index in range(3)]
    assert directions == ["ltr", "rtl", "ltr"]
    assert all(text.nth(index).get_attribute("lang") == "" for index in range(3)), "the language is unknown"
    tab.page.fill("#input", "שלום")
    assert tab.evaluate("getComputedStyle(input).direction") == "rtl"
    # Days and times are in the user's language, the page's texts in English.
    expect(tab.page.locator(".day")).to_have_text("heute")
    assert tab.evaluate("[...document.querySelectorAll('.day, time')].map((element) => element.lang)") == ["de-DE"] * 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1000])
def test_axe_finds_no_violations_of_rules_or_best_practices(chatd, open_tab, width, scheme):
    tab, other = open_tab(chatd, viewport={"width": width, "height": 700}, color_scheme=scheme), open_tab(chatd)
    assert findings(tab) == []
    tab.write("my own " + "words " * 400)
    other.write("somebody else's, שלום")
    wait_until(lambda: len(tab.texts) == 2)
    assert findings(tab) == []
    other.write("x")
    tab.page.click("#toggle")
    tab.write("unsent")
    expect(tab.page.locator("#unsent .state")).to_be_visible()
    tab.write("\u200b")
    tab.evaluate("trouble.textContent = 'Something is wrong.'")
    assert findings(tab) == []


def findings(tab):
    results = Axe().run(tab.page).response
    assert len(results["passes"]) > 15
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in results["violations"]]


#: Records additions to the live region.
RECORD_ANNOUNCEMENTS = """() => {
  window.announcements = [];
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const { textContent } of addedNodes) announcements.push({ text: textContent, time: performance.now() });
    }
  }).observe(document.querySelector("[aria-live=polite]"), { childList: true, subtree: true });
}"""


def test_new_messages_are_announced_and_old_ones_are_not(chatd, open_tab):
    fill(chatd.port, 5)
    tab, other = open_tab(chatd), open_tab(chatd)
    wait_until(lambda: len(tab.texts) == 5)
    tab.evaluate(RECORD_ANNOUNCEMENTS)
    # Simultaneous messages, and a repeated text.
    for text in ["hear, hear", "מה", "hear, hear"]:
        other.write(text)
    wait_until(lambda: tab.evaluate("announcements.length") == 3)
    tab.write("my own")
    wait_until(lambda: "my own" in tab.texts)
    other.write("the last")
    wait_until(lambda: tab.evaluate("announcements.length") == 4)
    assert tab.evaluate("announcements.map(({ text }) => text)") == ["hear, hear", "מה", "hear, hear", "the last"]
    times = tab.evaluate("announcements.map(({ time }) => time)")
    assert all(later - earlier > 500 for earlier, later in zip(times, times[1:])), "announcements keep their order"
    expect(tab.page.locator("#state")).to_have_attribute("role", "status")


def test_only_the_number_of_many_messages_is_announced(chatd, open_tab):
    tab = open_tab(chatd)
    tab.evaluate(RECORD_ANNOUNCEMENTS)
    fill(chatd.port, 500)
    wait_until(lambda: tab.texts[-1:] == ["message 500"])
    wait_until(
        lambda: tab.evaluate("announcements.length")
        and "new messages" in tab.evaluate("announcements.at(-1).text")
    )
    assert tab.evaluate("announcements.length") < 8


def test_everything_has_a_name_and_a_language(chatd, open_tab):
    tab = open_tab(chatd)
    tab.write("a message")
    tab.shows(["a message"])
    assert tab.evaluate("document.documentElement.lang") == "en"
    for role, name in [("textbox", "Message"), ("button", "Send"), ("button", "Disconnect"), ("region", "Conversation"),
                       ("list", "Messages"), ("heading", "chatd"), ("banner", None), ("main", None),
                       ("form", "New message")]:
        expect(tab.page.get_by_role(role, name=name, exact=True)).to_have_count(1)
    ids = tab.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
    assert tab.evaluate("""[...document.querySelectorAll('[aria-describedby]')].every((element) =>
        element.getAttribute('aria-describedby').split(' ').every((id) => document.getElementById(id)))""")


#: The contrast of each visible text with its background, by WCAG 2.
CONTRASTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = rgb(color).map((value) => value / 255)
      .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] === 255) return color;
    }
    return "white";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest("noscript")) continue;
    const [one, other] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
    found.push([node.data.trim().slice(0, 40), (Math.max(one, other) + .05) / (Math.min(one, other) + .05)]);
  }
  const placeholder = [getComputedStyle(input, "::placeholder").color, ground(input)].map(luminance);
  found.push(["placeholder", (Math.max(...placeholder) + .05) / (Math.min(...placeholder) + .05)]);
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_a_contrast_of_4_5(chatd, open_tab, scheme):
    tab, other = open_tab(chatd, color_scheme=scheme), open_tab(chatd)
    tab.write("my own")
    other.write("somebody else's")
    tab.shows(["my own", "somebody else's"])
    tab.page.click("#toggle")
    tab.write("unsent")
    expect(tab.page.locator("#unsent .state")).to_have_text("Waits for the connection")
    contrasts = tab.evaluate(CONTRASTS)
    assert len(contrasts) > 12
    assert [(text, contrast) for text, contrast in contrasts if contrast < 4.5] == []


#: Visible texts and buttons that are clipped, covered or outside the window.
CUT = """() => {
  const found = [];
  const isHidden = (element) =>
    !element.checkVisibility() || element.closest(".quiet") || getComputedStyle(element).clipPath !== "none";
  const buttons = [...document.querySelectorAll("button")].filter((button) => !isHidden(button));
  const header = document.querySelector("header");
  const messages = document.querySelectorAll(".message");
  for (const element of [...buttons, state, trouble, form, header, ...messages]) {
    if (element.scrollWidth > element.clientWidth + 1) found.push(["wider than its box", element.outerHTML]);
    if (element.scrollHeight > element.clientHeight + 1) found.push(["higher than its box", element.outerHTML]);
  }
  for (const button of buttons) {
    const { left, right } = button.getBoundingClientRect();
    if (left < 0 || right > innerWidth) found.push(["outside", button.outerHTML]);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    if (!node.data.trim() || isHidden(node.parentElement) || node.parentElement.closest("noscript")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      if (rect.left < -1 || rect.right > innerWidth + 1) found.push(["outside", node.data]);
      for (const button of buttons) {
        if (button.contains(node) || main.contains(node) !== main.contains(button) || button === latest) continue;
        const box = button.getBoundingClientRect();
        const isCovered = rect.left < box.right - 1 && rect.right > box.left + 1 && rect.top < box.bottom - 1
          && rect.bottom > box.top + 1;
        if (isCovered) found.push(["covered", node.data, button.outerHTML]);
      }
    }
  }
  return found;
}""".replace("=> {", "=> { const main = document.querySelector('main');", 1)

#: The status texts, which must stay visible at any size.
WORDS = ["chatd", "Disconnected (1 unsent)", "Connect", "a message", "Waits for the connection"]


@pytest.mark.parametrize("size", [100, 150, 200])
@pytest.mark.parametrize("width", [320, 360, 390])
def test_large_text_fits_a_phone(chatd, open_tab, width, size):
    """WCAG 1.4.4: text of twice the size, set by the system or the browser, hides nothing."""
    tab = open_tab(chatd, viewport={"width": width, "height": 640}, has_touch=True, is_mobile=True)
    tab.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
    tab.page.fill("#input", "a message")
    tab.page.click("#send")
    tab.shows(["a message"])
    assert tab.evaluate(CUT) == []
    tab.page.click("#toggle")
    tab.page.fill("#input", "An unsent one that has some words")
    tab.page.click("#send")
    expect(tab.page.locator("#unsent .state")).to_be_visible()
    assert tab.evaluate(CUT) == []
    text = tab.evaluate("document.body.innerText.replaceAll('\u00a0', ' ')")
    assert [word for word in WORDS if word not in text] == []
    assert tab.evaluate("scroller.clientHeight") > 640 / 4
    assert tab.evaluate("document.documentElement.scrollWidth") == width


# The surplus height of the input, in pixels.
SPARE_HEIGHT = """(() => {
    const {clientHeight, style: {height}} = input
    input.style.height = "auto"
    const needed = input.scrollHeight
    input.style.height = height
    return clientHeight - needed
})()"""


def test_the_empty_input_is_as_high_as_its_placeholder(chatd, open_tab, browser):
    context = browser.new_context(viewport={"width": 320, "height": 640})
    context.add_init_script(
        "new MutationObserver(() => { document.documentElement.style.fontSize = '200%' })"
        ".observe(document, {childList: true})"
    )
    tab = open_tab(chatd, context)
    height, needed = tab.evaluate("[input.clientHeight, (input.value = input.placeholder, input.scrollHeight)]")
    assert height >= needed
    tab.page.fill("#input", "a draft of some words")
    for width in (700, 320, 700):
        tab.page.set_viewport_size({"width": width, "height": 640})
        wait_until(lambda: tab.evaluate("innerWidth") == width)
        # The browser reports the new width in the next frame.
        wait_until(lambda: 0 <= tab.evaluate(SPARE_HEIGHT) <= 2, message=lambda: tab.evaluate(SPARE_HEIGHT))


@pytest.mark.parametrize("zoom", [1, 2])
def test_the_hint_stays_visible_when_the_page_is_zoomed(chatd, open_tab, zoom):
    tab = open_tab(chatd, viewport={"width": 1280 // zoom, "height": 720 // zoom})
    expect(tab.page.locator("#hint")).to_be_visible()
    expect(tab.page.get_by_text("Send", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [320, 390, 768, 1600])
def test_the_page_fits_every_width(chatd, open_tab, width):
    tab = open_tab(chatd, viewport={"width": width, "height": 600})
    tab.write("w" * 500)
    tab.write("https://example.org/" + "path/" * 60)
    wait_until(lambda: len(tab.texts) == 2 and not tab.unsent)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert tab.evaluate("scroller.scrollWidth <= scroller.clientWidth")
    for button in ["#send", "#toggle"]:
        box = tab.page.locator(button).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["height"] >= 36


@pytest.mark.parametrize("width", [360, 380, 430, 900])
def test_the_header_has_no_lonely_button_and_a_bubble_is_not_wider_than_its_content(chatd, open_tab, width):
    with DetailsClient(chatd.port, details=1, identity="a" * 16, name="Grace Hopper") as client:
        client.say("It is: two workers.")
    tab = open_tab(chatd, viewport={"width": width, "height": 640})
    tab.shows(["It is: two workers."])
    name, toggle, title = (tab.page.locator(element).bounding_box() for element in ["#name", "#toggle", "h1"])
    assert toggle["y"] < title["y"] + title["height"], "the button is beside the title"
    assert name["y"] == toggle["y"] or name["y"] >= toggle["y"] + toggle["height"] + 4
    text, note, body = (tab.page.locator(f"#messages {part}").bounding_box() for part in [".text", ".note", ".body"])
    words = tab.evaluate("""(() => {
      const range = document.createRange();
      range.selectNodeContents(document.querySelector('#messages .text'));
      return range.getBoundingClientRect().width;
    })()""")
    assert note["y"] < text["y"] + text["height"], "they fit beside each other"
    assert body["width"] <= words + note["width"] + 16


def test_nothing_is_animated_with_reduced_motion(chatd, open_tab):
    tab = open_tab(chatd, reduced_motion="reduce")
    chatd.stop(signal.SIGKILL)
    tab.reconnecting()
    assert tab.evaluate("getComputedStyle(state, '::before').animationName") == "none"
