"""The built-in page: the user's name, and the authors of messages."""

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

import chat_database
from details import DetailsClient
from test_page_access import CONTRASTS
from tokens import token
from waiting import wait_until

pytestmark = pytest.mark.timeout(90)

KEY = "a key that only the issuer of tokens and chatd know"

#: The author of each message by others as it is visible; empty if the message continues a group.
AUTHORS = """[...document.querySelectorAll('#messages .message')].map((message) => {
  const author = message.querySelector('.author');
  return author && !message.classList.contains('follows') ? author.querySelector('.name').textContent : '';
})"""


def choose(tab, name):
    tab.page.fill("#name", name)
    tab.page.press("#name", "Enter")
    tab.connected()


def test_a_chosen_name_is_shown_to_others_and_kept_in_the_browser(serve, open_tab):
    chatd = serve()
    ada, other = open_tab(chatd), open_tab(chatd)
    choose(ada, "  Ada Lovelace ")
    expect(ada.page.locator("#input")).to_be_focused()
    ada.write("hello")
    other.shows(["hello"])
    assert other.evaluate(AUTHORS) == ["Ada Lovelace"] and ada.evaluate(AUTHORS) == [""]
    author = other.page.locator("#messages .author")
    expect(author.locator(".initials")).to_have_text("AL")
    expect(author.locator(".proved")).to_have_count(0)
    expect(other.page.locator("[aria-live=polite]")).to_contain_text("Ada Lovelace: hello")
    ada.page.reload()
    ada.connected().write("again")
    expect(ada.page.locator("#name")).to_have_value("Ada Lovelace")
    for tab in (ada, other):
        tab.shows(["hello", "again"])
    assert ada.own == ["hello", "again"] and other.evaluate(AUTHORS) == ["Ada Lovelace", ""]


def test_another_tab_of_the_browser_takes_over_the_name(serve, open_tab):
    chatd = serve()
    first = open_tab(chatd)
    second = open_tab(chatd, first.page.context)
    choose(first, "Ada")
    expect(second.page.locator("#name")).to_have_value("Ada")
    with DetailsClient(chatd.port, details=1) as reader:
        wait_until(lambda: second.evaluate("document.getElementById('state').dataset.state") == "connected")
        second.connected().write("from the second tab")
        reader.read_rows(1)
        assert reader.details[1]["name"] == "Ada"


def test_messages_are_grouped_by_author(serve, open_tab):
    chatd = serve()
    tab = open_tab(chatd)
    with DetailsClient(chatd.port, details=1, identity="a" * 16, name="Ada") as ada, \
            DetailsClient(chatd.port, details=1, identity="b" * 16, name="Ada") as impostor, \
            DetailsClient(chatd.port, details=1, identity="c" * 16) as guest, \
            DetailsClient(chatd.port, details=1) as nobody:
        for client, text in [(ada, "1"), (ada, "2"), (impostor, "3"), (guest, "4"), (guest, "5"), (nobody, "6"),
                             (ada, "7")]:
            client.say(text)
    tab.shows(list("1234567"))
    authors = tab.evaluate(AUTHORS)
    assert authors[:3] == ["Ada", "", "Ada"] and authors[3].startswith("Guest ") and authors[4:] == ["", "", "Ada"]
    # The same name does not make the same author.
    tints = tab.evaluate("[...document.querySelectorAll('#messages .author')].map((author) => author.className)")
    assert tints[0] == tints[1] == tints[5] != tints[2]
    # The same groups after a reload, and each message has its author for screen readers.
    tab.page.reload()
    tab.connected().shows(list("1234567"))
    assert tab.evaluate(AUTHORS) == authors
    assert tab.page.locator("#messages .author .name").count() == 6


def test_a_text_that_is_no_name_becomes_one_or_none(serve, open_tab):
    tab = open_tab(serve())
    for text, name in [("a\u202eb", "a b"), ("\u200b", ""), ("👋" * 60, "👋" * 32), ("<b>x</b>", "<b>x</b>")]:
        choose(tab, text)
        expect(tab.page.locator("#name")).to_have_value(name)
    tab.write("still connected")
    tab.shows(["still connected"])


def test_no_chosen_name_looks_confirmed(serve, open_tab):
    chatd = serve()
    tab = open_tab(chatd)
    with DetailsClient(chatd.port, details=1, identity="a" * 16, name="Ada \u2713") as one, \
            DetailsClient(chatd.port, details=1, identity="b" * 16, name="\u2714\ufe0f\u2705 Ada\U0001f6e1") as other, \
            DetailsClient(chatd.port, details=1, identity="c" * 16, name="\u2713") as mark:
        for client in (one, other, mark):
            client.say("hello")
    tab.shows(["hello"] * 3)
    authors = tab.evaluate(AUTHORS)
    assert authors[:2] == ["Ada", "Ada"] and authors[2].startswith("Guest ")
    expect(tab.page.locator("#messages .author svg")).to_have_count(0)
    expect(tab.page.locator("[aria-live=polite]")).to_contain_text("Ada: hello")
    # The field says why it changes such a name.
    choose(tab, "Bob \u2705")
    expect(tab.page.locator("#name")).to_have_value("Bob")
    expect(tab.page.locator("#name-problem")).to_contain_text("no check marks")
    tab.page.fill("#name", "Bob B")
    expect(tab.page.locator("#name-problem")).to_have_text("")


def test_the_direction_of_a_name_does_not_move_what_is_beside_it(serve, open_tab, tmp_path):
    # Rows of another program, with controls that chatd refuses in names.
    chat_database.create(tmp_path / "chat.db", [])
    chatd = serve()
    with closing(sqlite3.connect(tmp_path / "chat.db", timeout=10)) as database:
        for author, name in [("1", "שרה"), ("2", "\u202eevil\u2067")]:
            database.execute(
                "INSERT INTO messages (content, author, author_name) VALUES ('hello', ?, ?)", (author, name))
        database.commit()
    tab = open_tab(chatd)
    tab.shows(["hello"] * 2)
    assert tab.evaluate(AUTHORS) == ["שרה", "evil"]
    places = tab.evaluate("""[...document.querySelectorAll('#messages .author')].map((author) =>
      ['.initials', 'bdi.name', 'svg.proved'].map((part) => author.querySelector(part).getBoundingClientRect().x))""")
    assert all(initials < name < sign for initials, name, sign in places), places


def test_a_connection_does_not_overwrite_a_name_that_is_being_typed(serve, open_tab):
    chatd = serve()
    tab = open_tab(chatd)
    tab.page.fill("#name", "Ada")
    # This does not move the focus out of the field.
    tab.evaluate("document.getElementById('toggle').click(), document.getElementById('toggle').click(), 0")
    tab.connected()
    with DetailsClient(chatd.port, details=1) as other:
        other.say("after the answer about the identity")
        wait_until(lambda: len(tab.texts) == 1)
        expect(tab.page.locator("#name")).to_have_value("Ada")
        tab.page.press("#name", "Enter")
        tab.connected().write("hello")
        other.read_rows(2)
        assert other.details[2]["name"] == "Ada"


@pytest.fixture
def proving(serve, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(KEY + "\n")
    keys.chmod(0o600)
    return serve("--auth", "token", "--auth-keys", keys, "--auth-cookie", "session")


def test_with_identities_the_page_has_the_name_of_the_site_and_knows_its_own_messages(proving, open_tab, browser):
    tabs = []
    for user, name in [("ada", "Ada"), ("bob", "Bob")]:
        context = browser.new_context()
        context.add_cookies([{"name": "session", "value": token(user, KEY, name=name), "url": "http://localhost"}])
        tabs.append(open_tab(proving, context))
    ada, bob = tabs
    for tab, name in [(ada, "Ada"), (bob, "Bob")]:
        expect(tab.page.locator("#name")).to_have_value(name)
        assert not tab.page.locator("#name").is_editable()
    ada.write("from ada")
    bob.shows(["from ada"])
    bob.write("from bob")
    ada.shows(["from ada", "from bob"])
    for tab, own in [(ada, "from ada"), (bob, "from bob")]:
        assert tab.own == [own]
        tab.page.reload()
        tab.connected().shows(["from ada", "from bob"])
        wait_until(lambda: tab.own == [own])
        expect(tab.page.locator("#messages .author svg.proved")).to_have_count(1)
        expect(tab.page.get_by_role("img", name="verified", exact=True)).to_be_visible()
        tab.page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_color_of_authors_has_a_contrast_of_4_5(serve, open_tab, scheme):
    chatd = serve()
    tab = open_tab(chatd, color_scheme=scheme)
    for number in range(40):
        with DetailsClient(chatd.port, details=1, identity=f"secret of user {number}", name=f"User {number}") as client:
            client.say(f"{number}")
    wait_until(lambda: len(tab.texts) == 40)
    assert tab.evaluate("new Set([...document.querySelectorAll('.author')].map((each) => each.className)).size") > 8
    assert [each for each in tab.evaluate(CONTRASTS) if each[1] < 4.5] == []
