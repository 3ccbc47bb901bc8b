"""weather.example: an office that measures and publishes; nothing is reserved but a map."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.demo.drawings import bars, chart_of_coast, lines, shares, size
from crawler.demo.place import Place, reserved
from crawler.demo.site import Article, Site

SITE = Site(
    host="weather.example",
    name="Office of Weather and Water",
    tagline="Measured since 1884",
    layout="office",
    paper="#f7fafc",
    ink="#1b2733",
    accent="#1f6f9a",
    nav=(
        ("/", "Today"), ("/stations", "Stations"), ("/climate/warming", "Climate"),
        ("/energy", "Wind and energy"), ("/archive/2026-11-01", "Archive"),
    ),
    aside="## Warnings\n\nNone.\n\n## Data\n\nAll figures may be used by everybody. Please name the office.",
    imprint="Office of Weather and Water, Signal Hill. An authority of the harbour district.",
)  # fmt: skip

BY = "https://creativecommons.org/licenses/by/4.0/"
SAYS = (
    "nothing reserves anything. robots.txt names CC BY 4.0 for the whole host, which is evidence, and no "
    "more unless "
    "the operator accepts licences of whole sites."
)

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip

# Name, title, altitude in metres, since when, millimetres of rain by month, where, a remark.
STATIONS = (
    ("aldermoor", "Aldermoor", 84, 1901, (71, 52, 48, 44, 51, 58, 62, 69, 66, 82, 88, 80), "a meadow "
    "behind the mill",
     "It is the wettest of the lowland stations, because the hills to the west wring out every cloud "
     "that passes."),
    ("old-quay", "Old Quay", 6, 1884, (55, 41, 39, 33, 38, 41, 44, 52, 54, 68, 71, 61), "the roof of the "
    "pilots' house",
     "The series is the longest we have. Between 1917 and 1919 the readings were taken by the pilots' "
     "daughters."),
    ("skerrow", "Skerrow", 12, 1931, (63, 47, 44, 38, 40, 43, 47, 58, 63, 79, 84, 72),
     "a rock with a lighthouse",
     "Wind has blown the rain gauge away four times, and each time it was found, once in another country."),
    ("high-fell", "High Fell", 712, 1956, (142, 108, 101, 84, 79, 88, 97, 118, 126, 151, 160, 149), "a hut",
     "Snow lies here for a hundred and nine days in a year, eleven fewer than when the hut was built."),
    ("lamp-isle", "Lamp Isle", 3, 1948, (48, 36, 34, 30, 33, 36, 38, 46, 50, 61, 64, 55), "the ferry landing",
     "The driest place in the district, and the only one where a tamarisk has been seen to flower."),
)  # fmt: skip


def _stations() -> Iterator[Article]:
    for name, title, height, since, rain, place, remark in STATIONS:
        rows = "\n".join(
            f"| {month} | {amount} | {amount * 11 // 100 + 3} |"
            for month, amount in zip(MONTHS, rain, strict=True)
        )
        yield Article(
            path=f"/stations/{name}",
            title=f"Station {title}",
            says=SAYS,
            date="2026-11-02",
            words=f"The station at {title} stands on {place}, {height} metres above the sea, and "
            f"has been read every morning at seven since {since}. {remark}\n\n"
            f"! {size('rain-' + name)} | Bar chart of monthly rain at {title} | Mean rain by month, "
            "1991 to 2020.\n\n"
            f"The year brings {sum(rain)} millimetres on average. The wettest month on record had "
            f"{max(rain) * 3 - since % 17}, the driest {min(rain) % 7}, and both were checked twice.\n\n"
            f"| month | rain in mm | days with rain |\n{rows}",
        )


FRONT = Article(
    path="/",
    title="Dry until the evening",
    says=SAYS,
    words="""
A ridge of high pressure holds until the afternoon. From six o'clock rain comes in from the west, light at
first, and the wind goes round to the south and rises to force five. Tomorrow is brighter, with showers along
the coast.

| place | now | tonight | tomorrow |
| Aldermoor | 9 °C | 6 °C | 11 °C |
| Old Quay | 11 °C | 9 °C | 12 °C |
| High Fell | 2 °C | 0 °C | 4 °C |

The forecast is written by a person, from two models and a look out of the window, in this order.
""",
)

PAGES = (
    Article(
        path="/stations",
        title="Five stations and a map",
        says=SAYS + " Only the map, drawn for us by somebody else, says inside that it may not be mined.",
        listed=True,
        words="""
Five stations report every hour and are read by hand once a day, because instruments that nobody visits begin
to lie.

! map-480x300.svg | Map of the coast with five stations | Where the stations are. Drawing: Studio Okapi

"""
        + "\n".join(f"- [{title}](/stations/{name}), since {since}" for name, title, _, since, *_ in STATIONS),
    ),
    Article(
        path="/climate/warming",
        title="A hundred and forty summers",
        author="Eirin Dahl",
        date="2026-09-28",
        says=SAYS,
        words="""
The mean of a summer at Old Quay has risen by 1.6 degrees since the measurements began, and two thirds of that
has come in the last forty years. The coldest summer of the last decade would have been among the ten warmest
of the first.

! summers-480x300.svg | Line chart of summer means at two stations | Means of June to August, by decade.

Moving the station from the garden to the roof in 1952 accounts for 0.2 degrees, and is taken out here. What
is left is not a matter of roofs.
""",
    ),
    Article(
        path="/climate/tides",
        title="Storm tides, counted",
        author="Karim Aziz",
        date="2026-10-05",
        says=SAYS,
        words="""
A storm tide is counted when the water stands more than one and a half metres above the mean. There were
eleven in the 1950s and thirty-four in the 2010s. The wind has not become stronger; the water begins higher.

! tides-480x300.svg | Bar chart of storm tides by decade | Storm tides at Old Quay, by decade.
""",
    ),
    Article(
        path="/photographs",
        title="Skies, sent in by readers",
        date="2026-10-30",
        says=SAYS,
        words="""
Every month we print four of the pictures that people send us. We ask for the place, the hour, and the
direction; the exclamation marks come by themselves.

! aurora | Northern lights above firs | High Fell, 23:10, looking north. Sent in by T. Laine

! fjord | Sailing boats in front of steep hills | Skerrow Sound, noon, looking east. Sent in by J. Feld

! moor | Purple hills under a grey sky | Aldermoor, 16:00, looking west. Sent in by R. Calder

! vineyard | Rows of vines and a white house | Somewhere warmer, 11:00. Sent in by L. Marchand, on holiday
""",
    ),
    Article(
        path="/energy",
        title="What the wind brought in October",
        date="2026-11-03",
        says=SAYS,
        words="""
October was windy, and for nine days the harbour district used nothing but wind. On the fourteenth the
turbines were stopped for an hour because there was nowhere for the power to go.

! power-480x300.svg | Ring chart of sources of power | Sources of power in the harbour district, October 2026.

The battery at the ferry quay took in 211 megawatt hours, and gave back 196.
""",
    ),
    Article(
        path="/archive/2026-11-01",
        title="Report of 1 November 2026",
        date="2026-11-01",
        says=SAYS,
        words="""
Fog until ten, then sun. Visibility at the mole forty metres at eight o'clock; two ferries waited outside and
sounded their horns at each other in what the harbour master called a conversation. Highest temperature 12.1,
lowest 3.8.
""",
    ),
    Article(
        path="/archive/2026-11-02",
        title="Report of 2 November 2026",
        date="2026-11-02",
        says=SAYS + " One paragraph is marked data-nosnippet: it stays out of snippets and of exported text.",
        words="""
Rain from the west before dawn, 11 millimetres by noon, then showers. A rainbow over the container yard was
reported by fourteen people, three of whom were counted twice.

~ The duty officer can be reached at home under a number that is printed here for emergencies and is not to be
quoted.

Highest temperature 10.4, lowest 7.2. Wind south-west 5, in gusts 8.
""",
    ),
)

_MAP = chart_of_coast(
    "Stations",
    {
        "High Fell": (70, 60),
        "Aldermoor": (190, 95),
        "Old Quay": (262, 160),
        "Skerrow": (120, 235),
        "Lamp Isle": (372, 250),
    },
)
_NO_MINING = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/">'
    "<plus:DataMining>http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED</plus:DataMining>"
    "</rdf:Description></rdf:RDF>"
)


def _rain(rain: tuple[int, ...]) -> dict[str, float]:
    return {month[:3]: float(amount) for month, amount in zip(MONTHS, rain, strict=True)}


PLACES: tuple[Place, ...] = SITE.whole(
    FRONT,
    (*PAGES, *_stations()),
    (
        *(SITE.picture(name) for name in ("aurora", "fjord", "moor", "vineyard")),
        SITE.file("/robots.txt", f"License: {BY}\n\nUser-agent: *\nAllow: /\n"),
        *(
            SITE.drawing(size("rain-" + name), bars(f"Rain at {title}", _rain(rain), "#1f6f9a", "mm"))
            for name, title, _, _, rain, _, _ in STATIONS
        ),
        SITE.drawing(
            size("map"),
            _MAP.replace("</title>", f"</title><metadata>{_NO_MINING}</metadata>", 1),
            reserved("iptc"),
        ),
        SITE.drawing(
            size("summers"),
            lines(
                "Summer means",
                {
                    "Old Quay": (15.8, 15.9, 15.7, 16.0, 16.3, 16.8, 17.4),
                    "High Fell": (9.9, 9.8, 10.0, 10.1, 10.5, 11.2, 11.9),
                },
                ("1960s", "70s", "80s", "90s", "2000s", "10s", "20s"),
                "°C",
            ),
        ),
        SITE.drawing(
            size("tides"),
            bars(
                "Storm tides at Old Quay",
                {"1950s": 11, "60s": 14, "70s": 13, "80s": 19, "90s": 22, "2000s": 27, "10s": 34},
                "#b5432e",
                "number",
            ),
        ),
        SITE.drawing(
            size("power"),
            shares("Sources of power", {"wind": 61, "sun": 9, "water": 12, "gas": 14, "other": 4}),
        ),
    ),
)
