"""An invented region for the simulator's tests: two sectors, three towns, a zone with summer time."""

from svodka.profiles.model import (
    Area,
    Channel,
    IncidentKind,
    Level,
    Norm,
    Place,
    Profile,
    Sector,
    Topic,
)


def invented_profile(folder: str = "", **changes: object) -> Profile:
    """Return the profile, with fields replaced by `changes`."""
    fields: dict[str, object] = {
        "id": "lakeside",
        "name": "Lakeside",
        "title": "Lakeside centre",
        "time_zone": "America/Halifax",
        "federal_time_zone": "America/Toronto",
        "partial_min_cover": 0.5,
        "outline": "",
        "vocabulary": {},
        "sectors": (
            Sector(id="water", name="Water", short_name="Water"),
            Sector(id="roads", name="Roads", short_name="Roads"),
        ),
        "topics": (
            Topic(id="heat", sector="water", name="No heating", short_name="No heating"),
            Topic(id="leak", sector="water", name="Leaking pipe", short_name="Leak"),
            Topic(id="hole", sector="roads", name="Hole in the road", short_name="Hole"),
            Topic(id="other", sector="roads", name="Other", short_name="Other", other=True),
        ),
        "areas": (
            Area(
                id="north",
                name="North Town",
                short_name="North",
                kind="urban",
                centre="Northam",
                lat=46.2,
                lon=-63.1,
                population=600_000,
                aliases=("Northam city",),
            ),
            Area(
                id="south",
                name="South Town",
                short_name="South",
                kind="urban",
                centre="Southam",
                lat=45.2,
                lon=-63.0,
                population=300_000,
            ),
            Area(
                id="shire",
                name="The Shire",
                short_name="Shire",
                kind="district",
                centre="Northam",
                lat=46.2,
                lon=-63.1,
                population=100_000,
            ),
        ),
        "places": (Place(name="Southam", area="south", lat=45.2, lon=-63.0, population=290_000),),
        "bodies": (),
        "norms": (Norm(id="day", name="A day", hours=24, source="invented", date="2026-01-01", example=True),),
        "channels": (
            Channel(id="post", name="Letters", short_name="Letters"),
            Channel(id="chat", name="Chat", short_name="Chat", norm="day"),
        ),
        "targets": (),
        "levels": (
            Level(id="grave", name="Grave", short_name="Grave", rank=1, shape="triangle", tone="critical"),
            Level(id="mild", name="Mild", short_name="Mild", rank=2, shape="circle", tone="info"),
        ),
        "incident_kinds": (
            IncidentKind(id="pipe", name="Broken pipe", short_name="Pipe", sector="water"),
            IncidentKind(id="else", name="Else", short_name="Else", other=True),
        ),
        "sources": (),
        "provenance": {},
        "folder": folder,
    }
    return Profile(**(fields | changes))
