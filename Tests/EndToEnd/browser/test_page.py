"""The built-in page in Chromium: display, input, and no lost message."""

import re
import signal
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

import chat_database
from tabs import fill
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)


# Chatting


def test_two_tabs_chat(serve, open_tab):
    chatd = serve()
    one, other = open_tab(chatd), open_tab(chatd)
    expect(one.page.locator("#empty")).to_be_visible()
    texts = [f"message {number} <b>ü</b> 🙂" for number in range(6)]
    for number, text in enumerate(texts):
        (one, other)[number % 2].write(text)
        for tab in (one, other):
            tab.shows(texts[: number + 1])
    assert all(time.strip() for time in one.times)
    assert one.evaluate("document.querySelectorAll('.message.own').length") == 3
    expect(one.page.locator("#empty")).to_be_hidden()
    expect(one.page.locator(".day")).to_have_count(1)


def test_a_reload_shows_the_same_messages(chatd, open_tab):
    tab = open_tab(chatd)
    for number in range(3):
        tab.write(f"message {number}")
    tab.shows(["message 0", "message 1", "message 2"])
    tab.page.reload()
    tab.connected().shows(["message 0", "message 1", "message 2"])
    assert all(time.strip() for time in tab.times)
    assert tab.evaluate("document.querySelectorAll('.message.own').length") == 3


def test_a_tab_that_disconnects_sends_and_receives_after_it_connects_again(serve, open_tab):
    chatd = serve()
    one, other = open_tab(chatd), open_tab(chatd)
    one.page.click("text=Disconnect")
    expect(one.page.locator("#state")).to_have_text("Disconnected")
    one.write("written meanwhile")
    other.write("sent meanwhile")
    other.shows(["sent meanwhile"])
    expect(one.page.locator("#state")).to_have_text("Disconnected (1 unsent)")
    expect(one.page.locator("#unsent .state")).to_have_text("Waits for the connection")
    one.page.click("#toggle:has-text('Connect')")
    for tab in (one, other):
        tab.shows(["sent meanwhile", "written meanwhile"])
    one.wait("[...document.querySelectorAll('#messages .note')].every((note) => note.textContent)")


def test_an_offline_tab_sends_later_and_misses_nothing(serve, open_tab):
    chatd = serve()
    one, other = open_tab(chatd), open_tab(chatd)
    one.write("first")
    other.shows(["first"])
    other.page.context.set_offline(True)
    other.page.click("#toggle")
    other.write("from offline")
    one.write("to offline")
    one.shows(["first", "to offline"])
    other.page.click("#toggle")
    other.reconnecting()
    assert other.unsent == ["from offline"]
    other.page.context.set_offline(False)
    for tab in (one, other):
        tab.shows(["first", "to offline", "from offline"])


def test_a_text_may_have_line_breaks_and_a_long_one_is_not_sent(chatd, open_tab):
    tab = open_tab(chatd)
    tab.page.focus("#input")
    for key in ["a", "Shift+Enter", "b", "Enter"]:
        tab.page.keyboard.press(key)
    tab.shows(["a\nb"])
    # The input grows with its text, and the end of the conversation stays visible.
    height = tab.evaluate("input.clientHeight")
    for number in range(20):
        tab.write(f"line {number}")
    wait_until(lambda: len(tab.texts) == 21 and not tab.unsent)
    for _ in range(3):
        tab.page.keyboard.press("Shift+Enter")
    assert tab.evaluate("input.clientHeight") > height + 40
    wait_until(lambda: tab.distance_to_end() < 2)
    tab.write("   \n ")
    tab.page.fill("#input", "é" * 32769)
    tab.page.press("#input", "Enter")
    expect(tab.page.locator("#problem")).to_contain_text("too long")
    assert tab.page.input_value("#input") == "é" * 32769
    assert len(tab.texts) == 21 and tab.unsent == []


def test_a_long_text_is_truncated_until_it_is_expanded(chatd, open_tab):
    tab = open_tab(chatd)
    tab.write("x" * 60_000)
    tab.wait("document.querySelector('#messages .more')")
    assert len(tab.texts[0]) < 2000
    tab.page.click("#messages .more")
    assert tab.texts == ["x" * 60_000]


# Exactly-once delivery


def test_unsent_messages_survive_a_reload(serve, open_tab):
    chatd = serve()
    tab = open_tab(chatd)
    tab.write("before")
    tab.shows(["before"])
    tab.page.click("#toggle")
    tab.write("one")
    tab.write("two")
    tab.page.reload()
    tab.connected().shows(["before", "one", "two"])
    assert chat_database_contents(chatd) == ["before", "one", "two"]
    assert tab.kept == []


def test_killing_the_server_while_sending_loses_and_repeats_no_message(serve, open_tab):
    chatd = serve()
    one, other = open_tab(chatd), open_tab(chatd)
    texts = [f"message {number}" for number in range(40)]
    for text in texts:
        one.write(text)
    # When the server dies, some are stored but not acknowledged, and some are not sent.
    chatd.stop(signal.SIGKILL)
    other.reconnecting()
    other.write("while it is down")
    serve(port=chatd.port)
    wait_until(lambda: sorted(one.texts) == sorted([*texts, "while it is down"]), 30, lambda: str(one.texts))
    other.shows(one.texts, 30)
    assert [text for text in one.texts if text in texts] == texts
    assert one.unsent == []


def test_other_tabs_take_over_the_unsent_messages_of_a_closed_tab(chatd, open_tab):
    one = open_tab(chatd)
    other = open_tab(chatd, one.page.context)
    one.page.click("#toggle")
    one.write("left behind")
    assert one.unsent == ["left behind"]
    assert other.unsent == []
    one.page.close()
    other.shows(["left behind"])
    assert other.kept == []


def test_a_reloaded_tab_keeps_its_messages_while_others_are_open(chatd, open_tab):
    one = open_tab(chatd)
    other = open_tab(chatd, one.page.context)
    for tab in (one, other):
        tab.page.click("#toggle")
    for number in range(3):
        one.write(f"message {number}")
    for _ in range(2):
        one.page.reload()
    one.connected().shows([f"message {number}" for number in range(3)], 5)
    assert other.unsent == [] and other.kept == []


def test_tabs_send_only_their_own_messages(chatd, open_tab):
    """Three tabs of one browser write offline and reconnect at the same time."""
    first = open_tab(chatd)
    tabs = [first, *(open_tab(chatd, first.page.context) for _ in range(2))]
    sent = []
    for tab in tabs:
        tab.page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(str(data))))
        tab.page.on("request", lambda request: sent.append(request.post_data or ""))
        tab.page.click("#toggle")
    for number, tab in enumerate(tabs):
        for message in range(5):
            tab.write(f"{number}/{message}")
    for tab in tabs:
        tab.page.click("#toggle")
    wait_until(lambda: len(first.texts) == 15, 15, lambda: str(first.texts))
    for tab in tabs:
        tab.shows(first.texts)
    for number in range(3):
        own = [text for text in first.texts if text.startswith(f"{number}/")]
        assert own == [f"{number}/{message}" for message in range(5)]
    assert first.kept == []
    offsets = re.findall(r'"chat message","[^"]*","([^"]*)"', "\n".join(sent))
    assert len(offsets) == len(set(offsets)) == 15


def test_an_insecure_page_still_has_offsets_and_an_outbox(chatd, open_tab, browser):
    context = browser.new_context()
    context.add_init_script(
        "delete Crypto.prototype.randomUUID; Object.defineProperty(Navigator.prototype, 'locks', {value: undefined});")
    tab = open_tab(chatd, context)
    tab.page.click("#toggle")
    tab.write("one")
    tab.write("two")
    assert len(tab.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('chatd.unsent.'))")) == 2
    tab.page.reload()
    tab.connected().shows(["one", "two"])
    context.close()


@pytest.mark.parametrize("storage", ["return null", "throw new DOMException('', 'SecurityError')"])
def test_the_page_works_without_a_storage(chatd, open_tab, browser, storage):
    context = browser.new_context()
    for name in ["localStorage", "sessionStorage"]:
        context.add_init_script(f"Object.defineProperty(window, '{name}', {{ get() {{ {storage}; }} }});")
    tab = open_tab(chatd, context)
    asked = []
    tab.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    tab.page.click("#toggle")
    tab.write("one")
    # A reload would lose the message, so the browser asks for confirmation.
    tab.page.reload()
    assert asked == ["beforeunload"]
    tab.connected()
    tab.write("two")
    tab.shows(["two"])
    tab.page.reload()
    assert asked == ["beforeunload"], "without unsent messages the browser must not ask"
    context.close()


def test_a_reload_with_saved_messages_needs_no_confirmation(chatd, open_tab):
    tab = open_tab(chatd)
    tab.page.on("dialog", lambda dialog: pytest.fail(dialog.type))
    tab.page.click("#toggle")
    tab.write("one")
    tab.page.reload()
    tab.connected().shows(["one"])


def test_sending_one_of_many_messages_does_not_move_the_others(chatd, open_tab):
    tab = open_tab(chatd)
    tab.page.click("#toggle")
    texts = [f"message {number}" for number in range(30)]
    for text in texts:
        tab.write(text)
    tab.evaluate("""() => {
      window.added = 0;
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) window.added += addedNodes.length;
      }).observe(document.getElementById("unsent"), { childList: true });
    }""")
    tab.page.click("#toggle")
    tab.shows(texts)
    assert tab.evaluate("window.added") < 150


def test_a_stalled_server_does_not_block_the_page(chatd, open_tab):
    tab = open_tab(chatd)
    tab.write("before")
    tab.shows(["before"])
    tab.evaluate("""() => {
      window.timers = 0;
      const { setTimeout } = window;
      window.setTimeout = (...args) => (window.timers++, setTimeout(...args));
    }""")
    chatd.send_signal(signal.SIGSTOP)
    try:
        texts = [f"message {number}" for number in range(12)]
        for text in texts:
            tab.write(text)
        tab.wait("document.querySelectorAll('#unsent .state').length === 12")
        assert tab.evaluate("window.timers") < 200
    finally:
        chatd.send_signal(signal.SIGCONT)
    tab.shows(["before", *texts])


# History


#: Replaces the client. The test acts as the server, with `server` and the `answer` to the last request.
STUB = """
globalThis.io = () => {
  globalThis.server = {};
  const timeout = () => ({ emit: (name, ...args) => (globalThis.answer = args.at(-1)) });
  return { connected: true, active: true, timeout, on: (name, listener) => (server[name] = listener), io: { on() {} } };
};
"""


def test_an_answer_that_overtakes_messages_leaves_no_gap(chatd, open_tab, browser):
    context = browser.new_context()
    context.route("**/socket.io.min.js", lambda route: route.fulfill(body=STUB, content_type="text/javascript"))
    tab = open_tab(chatd, context, wait=False)
    tab.evaluate("server.connect(); server['chat message']('message 1', 1)")
    tab.shows(["message 1"])
    tab.evaluate("""() => {
      const message = (id) => [`message ${id}`, id];
      const messages = Array.from({ length: 60 }, (_, index) => [...message(index + 11).reverse(), 1]);
      answer(null, { messages, more: true });
      for (let id = 2; id <= 75; id++) server["chat message"](...message(id));
    }""")
    tab.shows([f"message {number}" for number in range(1, 76)])
    context.close()


#: Scrolls, waits for drawing, and returns the scrolled distance and the movement of each visible message.
SCROLL = """async (distance) => {
  const places = () => new Map([...document.querySelectorAll("#messages .message")]
    .map((element) => [element.dataset.id, element.getBoundingClientRect()])
    .filter(([, { bottom, top }]) => bottom > 60 && top < 500)
    .map(([id, { top }]) => [id, top]));
  const before = places();
  const start = scroller.scrollTop;
  scroller.scrollTop += distance;
  const went = scroller.scrollTop - start;
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  const moves = [...places()].filter(([id]) => before.has(id)).map(([id, top]) => before.get(id) - top);
  return [went, moves];
}"""


def test_history_loads_on_scrolling_up_without_jumps(chatd, open_tab):
    fill(chatd.port, 400, lambda number: f"message {number} " + "word " * (number % 40))
    tab = open_tab(chatd)
    wait_until(lambda: len(tab.texts) >= 60)
    assert tab.texts[-1].startswith("message 400 ") and tab.distance_to_end() < 2

    def scroll(distance):
        went, moves = tab.page.evaluate(SCROLL, distance)
        assert moves and all(abs(move - went) < 1 for move in moves), (went, moves)
        assert len(tab.texts) <= 320, "the page shows a part of its messages"
        return went

    def at_the_beginning():
        return tab.texts[0].startswith("message 1 ") and tab.evaluate("scroller.scrollTop") == 0

    wait_until(lambda: scroll(-250) == 0 and at_the_beginning(), 40)
    expect(tab.page.locator("#older")).to_have_text("The conversation begins here")
    # Then back down: every message appears once, in order.
    seen = []
    wait_until(lambda: (seen.append(tab.texts), scroll(400))[1] == 0, 40)
    assert {text.split()[1] for texts in seen for text in texts} == {str(number) for number in range(1, 401)}
    numbers = [int(text.split()[1]) for text in tab.texts]
    assert numbers == list(range(numbers[0], 401))


def test_a_user_who_has_scrolled_up_stays_there_and_sees_a_count_of_new_messages(chatd, open_tab):
    fill(chatd.port, 50)
    tab, other = open_tab(chatd), open_tab(chatd)
    wait_until(lambda: len(tab.texts) == 50)
    tab.scroll("scrollTop -= 700")
    expect(tab.page.locator("#latest")).to_have_text("Latest messages")
    place = """JSON.stringify([...document.querySelectorAll("#messages .message")]
        .map((element) => [element.dataset.id, element.getBoundingClientRect().top]).find(([, top]) => top > 100))"""
    before = tab.evaluate(place)
    other.write("news")
    other.write("more news")
    expect(tab.page.locator("#latest")).to_have_text("2 new messages")
    assert tab.evaluate(place) == before
    tab.page.click("#latest")
    expect(tab.page.locator("#latest")).to_be_hidden()
    assert tab.distance_to_end() < 2
    assert tab.texts[-2:] == ["news", "more news"]
    other.write("at the end")
    wait_until(lambda: tab.texts[-1] == "at the end" and tab.distance_to_end() < 2)


def test_a_user_at_the_end_stays_there_while_the_window_gets_narrower(chatd, open_tab):
    fill(chatd.port, 100, lambda number: f"message {number} " + "some more words to fill a line or two " * (number % 9))
    tab = open_tab(chatd, viewport={"width": 1000, "height": 700})
    wait_until(lambda: len(tab.texts) >= 60)
    for _ in range(2):
        for width in [*range(980, 320, -30), 1000, 340]:
            tab.page.set_viewport_size({"width": width, "height": 700})
        wait_until(lambda: tab.distance_to_end() < 2)
        expect(tab.page.locator("#latest")).to_be_hidden()
        for size in (110, 125, 150, 175, 200, 100):
            tab.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
        wait_until(lambda: tab.distance_to_end() < 2)
        expect(tab.page.locator("#latest")).to_be_hidden()
    # A user who scrolls away from the end is not pulled back.
    tab.scroll("scrollTop -= 700")
    expect(tab.page.locator("#latest")).to_have_text("Latest messages")


def test_thousands_of_messages_at_once_do_not_block_the_page(chatd, open_tab):
    tab = open_tab(chatd)
    tab.evaluate("""() => {
      window.longest = 0;
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
      }).observe({ type: "longtask" });
    }""")
    fill(chatd.port, 5000)
    wait_until(lambda: tab.texts[-1:] == ["message 5000"], 30)
    assert len(tab.texts) <= 320
    assert tab.distance_to_end() < 2
    assert tab.evaluate("window.longest") < 1000


def test_messages_after_a_long_absence_have_times(serve, open_tab):
    chatd = serve()
    tab = open_tab(chatd)
    tab.write("before")
    tab.shows(["before"])
    tab.page.click("#toggle")
    fill(chatd.port, 500)
    tab.page.click("#toggle")
    wait_until(lambda: tab.texts[-1] == "message 500", 20)
    tab.wait("[...document.querySelectorAll('#messages .note')].every((note) => note.textContent)")


def test_rows_without_a_time_are_shown_without_a_time(start_chatd, tmp_path, open_tab):
    chat_database.create(tmp_path / "chat.db", [(f"old {number}", None) for number in range(5)])
    tab = open_tab(start_chatd())
    wait_until(lambda: len(tab.texts) == 5)
    assert tab.times == [""] * 5
    tab.write("new")
    wait_until(lambda: len(tab.texts) == 6 and tab.times[5])
    expect(tab.page.locator(".day")).to_have_count(1)


def test_another_database_at_the_same_address_replaces_the_conversation(start_chatd, open_tab):
    chatd = start_chatd(db="one.db")
    tab = open_tab(chatd)
    for number in range(5):
        tab.write(f"old {number}")
    wait_until(lambda: len(tab.texts) == 5 and not tab.unsent)
    chatd.stop(signal.SIGKILL)
    start_chatd(db="other.db", port=chatd.port)
    tab.connected()
    wait_until(lambda: tab.texts == [])
    tab.write("new")
    tab.shows(["new"])


def chat_database_contents(chatd):
    return chat_database.contents(chatd.stderr_path.parent / "chat.db")


# Rows of other programs


def test_impossible_times_and_ids_of_another_program_do_not_break_the_page(serve, open_tab, tmp_path):
    path, huge = tmp_path / "chat.db", 2**63 - 1
    chat_database.create(path)
    chatd = serve()
    before = open_tab(chatd)
    with closing(sqlite3.connect(path, timeout=10)) as other:
        for time in [huge, -huge, "text", 1.5e300]:
            other.execute("INSERT INTO messages (content, created_at) VALUES ('odd time', ?)", (time,))
        other.execute("INSERT INTO messages (id, content) VALUES (?, 'odd id')", (huge,))
        other.commit()
    before.shows(["odd time"] * 4)
    before.write("goes on")
    after = open_tab(chatd)
    for tab in (before, after):
        tab.shows(["odd time"] * 4 + ["goes on"])
