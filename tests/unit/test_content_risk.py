"""What raises and lowers a content risk, and what a reviewer is told about it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.content import AuthorFacts, ContentNormalised, Engagement
from schemas.scoring import GangRelated
from schemas.vocabulary import Band, Change, Exemption, ThreatLevel, ViolenceType
from services.referrer.changes import LIFE
from services.scorer.content_risk import ContentRisk, content_risk, reach_of
from services.scorer.cues import Cue, Found, find_cues
from services.scorer.policy import load_policy
from services.scorer.ports import Score
from services.scorer.reasons import sentences
from tests.builders import a_score, normalised

POLICY = load_policy()
AFTERNOON = datetime.fromisoformat("2026-06-03T14:15:00+01:00")
NAMED = "dexter, i'm gonna stab you outside the tyre place on linnet road tonight, got the blade ready"


def post(text: str, **changes: Any) -> ContentNormalised:
    return normalised(text, **{"event_time": AFTERNOON, "observed_at": AFTERNOON, "audience_country": "GB"} | changes)


def threat(p: float = 0.95, **exemptions: float) -> Score:
    return a_score(
        p,
        types={ViolenceType.DIRECT_THREAT: p},
        exemptions={Exemption(name): value for name, value in exemptions.items()},
    )


def cues(text: str, **changes: Any) -> Found:
    return find_cues(post(text, **changes), POLICY)


def weighed(text: str, score: Score | None = None, **changes: Any) -> ContentRisk:
    return content_risk(post(text, **changes), score or threat(), POLICY)


def test_a_named_armed_and_timed_threat_is_p1() -> None:
    done = weighed(NAMED)
    assert (done.band, done.life.level) == (Band.P1, ThreatLevel.HIGH_SPECIFIC)


@pytest.mark.parametrize(
    "text",
    [
        "bring the machete, meet at the garages at 9 tonight, he walks back from boxing on his own",
        "everyone meet at the hostel on mill road at 8 tonight. bring petrol. we burn them out",
        "somebody should put a bullet in that councillor, he walks his dog past the church every morning at 7",
        "im bringing my dads knife in on monday and sir is first. dont come to school",
        "rees if you walk past the barbers tomorrow i'm gonna stab you in front of your mum",
    ],
)
def test_words_that_say_what_will_be_done_are_p1_where_no_type_is_sure_of_itself(text: str) -> None:
    unsure = a_score(0.95, types={ViolenceType.TAUNT: 0.3, ViolenceType.DIRECT_THREAT: 0.2})
    assert weighed(text, unsure).band is Band.P1


@pytest.mark.parametrize(
    "text",
    [
        "push b tonight, i'll smoke mid, you peek and headshot whoever swings",
        "my mum is gonna murder me tonight when she sees the carpet",
        "see you tonight at the match by the station",
        "bring the hammer round tomorrow, we are going to build the shed",
    ],
)
def test_harmless_words_of_the_same_kind_are_no_threat_to_life(text: str) -> None:
    assert weighed(text, a_score(0.15)).life.level in (ThreatLevel.NONE, ThreatLevel.LOW)


def test_the_same_words_without_place_and_time_are_no_p1() -> None:
    done = weighed("i hate him so much, he deserves it")
    assert done.band is not Band.P1


def test_a_harmless_meeting_with_a_time_stays_off_the_desk() -> None:
    done = weighed("see you tonight at the match by the station, bring the bat", a_score(0.02))
    assert done.band is Band.NONE


@pytest.mark.parametrize(
    ("text", "cue", "words"),
    [
        ("meet by the garages after school", Cue.TIME, "after school"),
        ("we're outside yours", Cue.PLACE, "we're outside yours"),
        ("we're outside yours", Cue.TIME, "we're outside yours"),
        ("see you at the school gates", Cue.TIME, "the school gates"),
        ("school gates, be there", Cue.PLACE, "school gates"),
        ("on the b21 side", Cue.PLACE, "b21"),
        ("they are round n17 6bx", Cue.PLACE, "n17 6bx"),
        ("on bus 43 every day", Cue.PLACE, "bus 43"),
        ("i'm behind you on the 38, no cameras", Cue.PLACE, "on the 38"),
        ("i'm behind you on the 38", Cue.TIME, "i'm behind you"),
        ("he gets on the number 36", Cue.PLACE, "on the number 36"),
        ("wait for him to get off the 36", Cue.PLACE, "off the 36"),
        ("top deck of the 253 tonight", Cue.PLACE, "deck of the 253"),
        ("she takes the P4 bus", Cue.PLACE, "p4 bus"),
        ("the n29 bus", Cue.PLACE, "n29 bus"),
        ("four more sleeps", Cue.TIME, "more sleeps"),
        ("i am shooting him", Cue.INTENT, "i am shooting"),
        ("sir is first", Cue.TARGET, "sir"),
        ("@dexter watch", Cue.TARGET, "@d"),
        ("i'll stab you", Cue.ACT, "stab you"),
        ("he got shot last friday", Cue.PAST, "got shot"),
        ("came round last friday", Cue.PAST, "last friday"),
        ("anyone off linnet road gets it", Cue.PLACE, "linnet road"),
        ("se15 boys watch", Cue.PLACE, "se15"),
        ("we know he gets the 43 from the station", Cue.PLACE, "43 from the station"),
        ("count ur days tee", Cue.TIME, "count ur days"),
        ("24 hours til i see you", Cue.TIME, "24 hours til"),
        ("an hour left to leave", Cue.TIME, "an hour left"),
        ("t minus 3 days", Cue.TIME, "t minus 3 days"),
        ("one more sleep", Cue.TIME, "one more sleep"),
        ("two sleeps", Cue.TIME, "two sleeps"),
        ("at 9 til late", Cue.TIME, "at 9"),
        ("3 2 1", Cue.TIME, "3 2 1"),
        ("5 mins away. mask up", Cue.TIME, "5 mins away"),
        ("pulling up", Cue.TIME, "pulling up"),
        ("bring the rambo", Cue.POSSESSION, "bring the"),
        ("new 🗡️ came in the post", Cue.POSSESSION, "came in the post"),
        ("i'm gonna do it", Cue.INTENT, "i'm gonna"),
        ("if you come here", Cue.CONDITION, "if you"),
        ("mosque on carver st. 9pm", Cue.PLACE, "carver st"),
        ("back of the larch hotel", Cue.PLACE, "larch hotel"),
        ("flat 14 danvers house", Cue.PLACE, "flat 14"),
        ("i'll be round yours", Cue.PLACE, "round yours"),
        ("sorted for later", Cue.TIME, "later"),
        ("first one i see is getting striped", Cue.INTENT, "getting striped"),
        ("first one i see is getting striped", Cue.ACT, "getting striped"),
        ("i'm sending man to wet u up", Cue.ACT, "wet u up"),
        ("hammers and petrol", Cue.WEAPON, "hammers"),
        ("come tooled up", Cue.WEAPON, "tooled up"),
    ],
)
def test_a_cue_is_found_with_its_words(text: str, cue: Cue, words: str) -> None:
    assert cues(text).words.get(cue) == words


@pytest.mark.parametrize(
    "text",
    [
        "lovely weather",
        "the score is 4-0",
        "what a tune",
        "great opp for graduates",
        "co2 levels",
        "an mp3",
        "all the way",
        "everybody knows who went court",
        "we do this the hard way",
        "either way it ends",
        "he came too close",
        "which hotel is it",
        "it is st. mary we pray to",
        "a flat 4x4 tyre",
        "two years later he died",
        "the number 9 scored",
        "where did you park",
        "so they can drive",
        "a two hour drive",
        "open until close",
        "a good way to go",
        "we have £5m left to spend",
        "i need a sleep",
        "one more week of this",
    ],
)
def test_ordinary_words_are_no_cue_of_time_or_place(text: str) -> None:
    found = cues(text)
    assert (found.time, found.place) == (0.0, 0.0)


def test_a_tonight_of_three_days_ago_is_over() -> None:
    assert cues("tonight", observed_at=AFTERNOON + timedelta(days=3)).time == 0.0


def test_yesterday_is_no_time_ahead() -> None:
    found = cues("he got stabbed yesterday")
    assert (found.when, found.has(Cue.PAST)) == (None, True)


def test_a_place_of_the_past_says_less_than_one_ahead() -> None:
    past, ahead = cues("he got shot outside the shops"), cues("he is outside the shops")
    assert past.place < ahead.place


def test_a_kind_of_place_says_less_than_one_with_a_name() -> None:
    kind, name = cues("at the gas station"), cues("at lewisham station")
    assert (kind.words[Cue.PLACE], name.words[Cue.PLACE]) == ("gas station", "lewisham station")
    assert kind.place < name.place


@pytest.mark.parametrize(
    "text",
    [
        "stab you m8", "kill you b4 you snitch", "w8 til i catch you", "l8r", "e2e", "stab you please close your eyes",
        "lol real estate", "the m25", "g4s", "supreme court",
    ],
)  # fmt: skip
def test_words_of_messages_roads_and_courts_are_no_places(text: str) -> None:
    assert cues(text).place == 0.0


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("man from l8", "l8"),
        ("come round b12", "b12"),
        ("#m8 boys", "m8"),
        ("m8 4qj", "m8 4qj"),
        ("ec1a", "ec1a"),
        ("n17 boys", "n17"),
    ],
)
def test_a_district_is_a_place_where_it_is_said_to_be_one(text: str, place: str) -> None:
    assert (cues(text).words[Cue.PLACE], cues(text).place) == (place, 1.0)


def test_what_is_past_takes_nothing_from_a_threat_that_says_what_will_be_done_and_where() -> None:
    threat = "i'm gonna stab you outside the shops"
    plain, with_past = weighed(threat), weighed(f"you cost me a hundred quid last week. {threat}")
    assert (with_past.life, with_past.cues.place) == (plain.life, plain.cues.place)


def test_what_is_past_still_lowers_a_threat_that_does_not_say_what_will_be_done() -> None:
    assert weighed("he got stabbed at the shops").life.intent < weighed("he is at the shops").life.intent


def test_the_nearest_time_counts() -> None:
    assert cues("saturday or tonight").words[Cue.TIME] == "tonight"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no fight tomorrow, tonight", "tonight"),
        ("today after school", "after school"),
        ("this weekend, not monday", "this weekend"),
        ("tomorrow at 9pm", "tomorrow at 9pm"),
        ("today, gates, 4pm", "today, gates, 4pm"),
        ("11.30, in and out in a minute", "11.30"),
    ],
)
def test_of_two_times_that_are_equally_near_the_one_that_says_more_counts(text: str, words: str) -> None:
    assert cues(text).words[Cue.TIME] == words


def test_words_of_time_are_read_where_the_content_was_said() -> None:
    # Four in the afternoon UTC is past five in London in June, so `at 5pm` is tomorrow there and today in UTC.
    said = datetime.fromisoformat("2026-06-03T16:40:00+00:00")
    there, elsewhere = (cues("at 5pm", event_time=said, observed_at=said, audience_country=c) for c in ("GB", None))
    assert there.when is not None
    assert elsewhere.when is not None
    assert there.when.begins - elsewhere.when.begins == timedelta(hours=23)


@pytest.mark.parametrize("at", [datetime.min, datetime(1, 1, 2), datetime(9999, 12, 30), datetime.max])
@pytest.mark.parametrize("place", ["London", "New York", "Sydney"])
def test_a_moment_at_either_end_of_the_calendar_is_weighed_like_any_other(at: datetime, place: str) -> None:
    """Posters may claim any; a scorer that stumbles over one would read it again for ever."""
    text = "i will stab you tonight, tomorrow, this weekend, on monday, at 5pm, in 10 mins, on the 30th, june 3rd, in 99 days"
    found = cues(text, event_time=at.replace(tzinfo=UTC), observed_at=at.replace(tzinfo=UTC), place=place)
    assert found.words[Cue.INTENT] == "i will"


@pytest.mark.parametrize(
    ("place", "country", "zone"),
    [
        ("Birmingham, Alabama", "US", "America/New_York"), ("Birmingham, England", "US", "Europe/London"),
        ("Liverpool, NSW", "AU", "Australia/Sydney"), ("Leeds", None, "Europe/London"), ("Milwaukee", None, "UTC"),
    ],
)  # fmt: skip
def test_a_name_by_itself_on_another_continent_is_another_place(place: str, country: str | None, zone: str) -> None:
    found = cues("tonight", place=place, audience_country=country)
    assert found.when is not None
    assert str(found.when.begins.tzinfo) == zone


def test_a_place_by_name_comes_before_the_country() -> None:
    found = cues("tonight", place="Kingston, Jamaica", audience_country="GB")
    assert found.when is not None
    assert str(found.when.begins.tzinfo) == "America/Jamaica"


@pytest.mark.parametrize("place", ["Kingston upon Thames", "Kingston-upon-Hull"])
def test_a_kingston_of_england_is_not_that_of_jamaica(place: str) -> None:
    found = cues("tonight", place=place, audience_country="GB")
    assert found.when is not None
    assert str(found.when.begins.tzinfo) == "Europe/London"


def test_unknown_reach_is_unknown_and_not_zero() -> None:
    assert (reach_of(post("x")), reach_of(post("x", engagement=Engagement(views=0)))) == (None, 0.0)


def test_followers_stand_in_where_no_views_are_known() -> None:
    assert (reach_of(post("x", author=AuthorFacts(followers=999_999))) or 0) > 0.99


@pytest.mark.parametrize("name", ["grief", "victim_account", "news", "art_or_lyrics"])
def test_an_exempt_way_of_speaking_alone_stays_below_the_watch_floor(name: str) -> None:
    score = a_score(0.95, types={ViolenceType.GLORIFICATION: 0.9}, exemptions={Exemption(name): 0.7})
    done = weighed(NAMED, score)
    assert (done.band, done.risk < POLICY.floors.watch) == (Band.NONE, True)


@pytest.mark.parametrize("name", ["news", "art_or_lyrics"])
def test_a_real_threat_inside_lyrics_or_under_a_news_link_still_reaches_the_desk(name: str) -> None:
    assert weighed(NAMED, threat(0.95, **{name: 0.7})).band in (Band.P1, Band.P2)


def test_every_exemption_that_counted_is_named() -> None:
    said = sentences(weighed(NAMED, threat(0.9, sport_or_game=0.2, news=0.3)))
    assert [name for name in ("sport", "news") if any(name in sentence for sentence in said)] == ["sport", "news"]


def test_a_threat_to_life_says_whom_what_where_and_when() -> None:
    first = sentences(weighed(NAMED))[0]
    assert all(word in first for word in ("threat to life", "“you”", "“blade”", "“linnet road”", "“tonight”"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "bring the machete to the garages tonight, masks on, burn it",
            "does not say to whom: weapon “machete”, place",
        ),
        ("i'm gonna stab you, got the blade ready", "does not say where or when: target “you”, weapon “blade”."),
    ],
)
def test_a_threat_to_life_says_what_it_leaves_open_and_nothing_that_it_says(text: str, said: str) -> None:
    done = weighed(text, threat(0.99))
    assert done.life.level is ThreatLevel.HIGH_UNSPECIFIC
    assert said in sentences(done)[0]


@pytest.mark.parametrize("text", [NAMED, "i'm gonna stab you, got the blade ready"])
def test_the_referrer_knows_the_sentence_on_a_threat_to_life_by_how_it_begins(text: str) -> None:
    first, *others = sentences(weighed(text, threat(0.99)))
    assert [first.startswith(LIFE), any(other.startswith(LIFE) for other in others)] == [True, False]


def test_a_place_and_a_time_are_not_called_unsaid() -> None:
    done = weighed("at the park tonight", threat(0.99))
    part = next(part for part in done.parts if part[0] == "threat_to_life")
    assert sentences(done._replace(parts=(part,)))[-1].startswith("It says where (“the park”), when (“tonight”);")


def test_a_time_is_said_with_its_clock_and_a_clock_that_is_a_guess_is_called_one() -> None:
    known, guessed = (" ".join(sentences(weighed(NAMED, audience_country=c))) for c in ("GB", None))
    assert ("Europe/London time" in known, "UTC, as the place is not known" in guessed) == (True, True)


def test_every_part_has_a_sentence_a_person_can_read() -> None:
    score = a_score(
        0.9,
        types=dict.fromkeys(ViolenceType, 0.5),
        exemptions=dict.fromkeys(Exemption, 0.6),
        gang_related=GangRelated(p=0.9),
    )
    done = weighed(NAMED, score, engagement=Engagement(views=500_000))
    said = [sentences(done._replace(parts=(part,)))[-1] for part in done.parts if part[0] != "base"]
    assert [sentence for sentence in said if "_" in sentence or not sentence.endswith(".")] == []


def test_an_edit_below_the_floor_still_has_its_parts() -> None:
    done = weighed("going to the shop", a_score(0.001), change=Change.EDITED)
    assert {name for name, _, _ in done.parts} >= {"base", "p_violence"}


def test_a_content_below_the_floor_has_no_parts() -> None:
    assert weighed("going to the shop", a_score(0.001)).parts == ()


def test_an_implausible_threat_with_a_condition_counts_less() -> None:
    with_if, without = weighed("if you come here i will stab you"), weighed("when come here i will stab you")
    assert with_if.life.intent < without.life.intent
