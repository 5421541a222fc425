"""Near-copies differ in few bits, other texts in many."""

from services.ingest.similarity import AT_ONCE, distance, simhash, simhashes

POST = "everybody from the north block stay inside tonight they are driving round looking for anyone who was there on friday"


def hashed(text: str) -> str:
    found = simhash(text)
    assert found is not None
    return found


def test_few_words_have_no_hash_because_all_short_texts_are_alike() -> None:
    assert simhash("see you at six") is not None
    assert simhash("see you there") is None


def test_the_same_words_have_the_same_hash_whatever_stands_between_them() -> None:
    assert hashed("see you, at -- six") == hashed("see you at six")


def test_a_copy_with_a_word_added_is_near() -> None:
    assert distance(hashed(POST), hashed(POST + " lol")) <= 10


def test_another_text_is_far() -> None:
    other = (
        "the council will repair the swimming pool over the summer and open it again in september for schools and clubs"
    )
    assert distance(hashed(POST), hashed(other)) >= 16


def test_a_word_said_often_counts_once() -> None:
    assert hashed("go go go go go go go go") == hashed("go go go go")


def test_distance_counts_bits() -> None:
    assert distance("0" * 16, "f" * 16) == 64
    assert distance("0" * 16, "0" * 15 + "3") == 2


def test_many_at_once_are_hashed_as_each_alone() -> None:
    texts = [f"{POST} {number} times" if number % 3 else "short" for number in range(AT_ONCE * 2 + 1)]
    assert simhashes(texts) == [simhash(text) for text in texts]
    assert simhashes([]) == []
