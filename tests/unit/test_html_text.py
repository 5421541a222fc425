"""HTML becomes the words that a reader sees."""

import time

import pytest

from services.ingest.formats.html_text import MAXIMUM_HTML, MAXIMUM_TAGS, html_text


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("plain words", "plain words"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("<table><tr><th>one</th><td>two</td></tr><tr><td>three</td></tr></table>", "one\ntwo\n\nthree"),
        ("<dl><dt>one</dt><dd>two</dd></dl>three", "one\ntwo\n\nthree"),
        ("<details><summary>one</summary>two</details>three", "one\ntwo\n\nthree"),
        ("<figure><img alt='one'><figcaption>two</figcaption></figure>three", "one\ntwo\n\nthree"),
        ("<header>one</header><section>two</section><article>three</article>", "one\n\ntwo\n\nthree"),
        ("<aside>one</aside>two<footer>three</footer>", "one\n\ntwo\n\nthree"),
        ("it&#39;s &lt;3 &amp; more", "it's <3 & more"),
        ("a <3 b", "a <3 b"),
        ('<a href="https://a.example/x">here</a>', "here (https://a.example/x)"),
        ('<a href="https://a.example/x"><span>https://</span><span>a.example/x</span></a>', "https://a.example/x"),
        ('<a href="https://a.example/"></a>', "https://a.example/"),
        ('<a href="https://a.example/@dre">@<span>dre</span></a> yo', "@dre yo"),
        ('<a href="https://a.example/tags/north">#north</a>', "#north"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ("<script>alert(1)</script><style>p {}</style>words", "words"),
        ('slid <img alt=":knife:" src="x"> in', "slid :knife: in"),
        ("<b>open <i>tags", "open tags"),
        ("", ""),
    ],
)
def test_html_becomes_its_words(html: str, words: str) -> None:
    assert html_text(html) == words


def test_elements_of_a_class_can_be_left_out() -> None:
    assert html_text('<p class="a quote-inline">RE: x</p><p>words</p>', ("quote-inline",)) == "words"


@pytest.mark.parametrize(
    "bite",
    ["<", "<a", "</", "<!", "<?", "<!--", "<![CDATA[", '<a x="', "&", "&#", "<p>\n", "<div>", "<a href=x>", "<b>"],
)
def test_hostile_html_takes_little_time(bite: str) -> None:
    begun = time.process_time()
    html_text(bite * (MAXIMUM_HTML // len(bite)))
    assert time.process_time() - begun < 2.0


def test_html_of_more_tags_than_any_post_takes_no_time() -> None:
    begun = time.process_time()
    for _ in range(5):
        html_text("<div>" * 15_000)
    assert time.process_time() - begun < 0.5


def test_cells_stand_apart_in_html_of_more_tags_than_any_post() -> None:
    assert html_text("<b>" * MAXIMUM_TAGS + "one</td><td>two") == "one\n\ntwo"


def test_html_of_more_tags_than_any_post_keeps_its_words() -> None:
    said = "I <!-- x -->will ki</b>ll<br>you &amp; 3 < 4 <p>tonight"
    assert html_text("<b>" * MAXIMUM_TAGS + said) == "I will kill\nyou & 3 < 4 \ntonight"
