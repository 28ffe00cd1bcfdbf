"""What is there at the start: three people, their Pages and Instagram accounts, and old posts."""

from datetime import datetime, timedelta

from simulator.meta import ids
from simulator.meta.drawn.art import PHOTO, PREFIX
from simulator.meta.pages import posts
from simulator.meta.world import App, Business, Instagram, Media, Page, Person, Photo, Picture, World

MAYA, PRIYA, TOM = "10160293847561201", "10160293847561202", "10160293847561203"
COFFEE, ROASTERY, BOOKS, EVENTS, GARAGE = (f"10492837465010{number}" for number in range(1, 6))
COFFEE_INSTAGRAM, ROASTERY_INSTAGRAM, EVENTS_INSTAGRAM = (f"1784140000000010{number}" for number in (1, 2, 4))
PORTFOLIO = "204928374650100"
ALL_TASKS = ["ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE", "CREATE_CONTENT", "MANAGE"]

OLD_MEDIA = {
    COFFEE_INSTAGRAM: [
        ("latte-1", "Slow mornings, served daily.", 2),
        ("plant-1", "New friend on the windowsill at Dock Street.", 5),
        ("iced-2", "Iced season is a state of mind. #coldbrew", 9),
        ("beans-1", "This week on bar: Guji, Ethiopia. Peach, jasmine, honey.", 13),
        ("latte-4", "Practice makes better.", 18),
        ("bag-3", "Take some of it home with you.", 24),
        ("hills-2", "Where the good stuff grows.", 31),
        ("latte-7", "One more for the road?", 39),
        ("iced-4", "Summer, remembered.", 52),
    ],
    ROASTERY_INSTAGRAM: [
        ("beans-2", "Roast day. You can smell it from the harbour.", 3),
        ("bag-1", "Fresh labels, same old obsession.", 8),
        ("hills-4", "Visiting our growers in Huila.", 16),
        ("bag-5", "Decaf that does not apologise.", 27),
        ("latte-9", "Quality control, cup twelve.", 35),
        ("beans-4", "First crack.", 48),
    ],
    EVENTS_INSTAGRAM: [
        ("lights-1", "Last Friday in the yard. Thank you all for coming!", 4),
        ("poster-2", "Spring programme is out. Link in bio.", 11),
        ("poster-5", "Open stage, every second Thursday.", 20),
        ("lights-3", "Doors at seven.", 33),
        ("hills-6", "Sunrise run with coffee at the finish. Who is in?", 45),
        ("poster-9", "Print your own, this Saturday.", 60),
    ],
}
OLD_POSTS: dict[str, list[tuple[str, list[str], int]]] = {
    COFFEE: [
        ("Dock Street opens at seven from Monday on. The first twenty cups are on us.", ["latte-2"], 3),
        ("We are looking for a barista who hums while working. Full time, from May. Write to us!", [], 10),
        ("A morning at the bar, in pictures.", ["latte-3", "iced-1", "plant-2", "beans-3"], 22),
    ],
    ROASTERY: [
        ("New on the shelf: Huila, washed. Roasted on Tuesday, at its best next week.", ["bag-2"], 4),
        ("Cupping on Saturday at ten. Bring a friend, and no breakfast.", [], 15),
    ],
    BOOKS: [
        ("Our window this week: islands. Eight books to get away with.", ["stack-1", "shelf-1"], 2),
        ("Reading group on Thursday. There will be cake, and there will be opinions.", ["openbook-1"], 9),
        ("Thank you for ten years on Harbour Street.", [], 26),
    ],
    EVENTS: [("Tickets for the courtyard concerts are on sale now.", ["lights-2"], 5)],
    GARAGE: [("Summer tyres: book your slot before Easter, and beat the queue.", ["wheel-1"], 12)],
}


def world(app: App) -> World:
    """Return a new world for this app."""
    made = World(app=app)
    _people(made)
    for page in _pages():
        made.pages[page.id] = page
    for account in _instagrams():
        made.instagrams[account.id] = account
    now = made.now()
    for account_id in OLD_MEDIA:
        _old_media(made, account_id, now)
    for page_id in OLD_POSTS:
        _old_posts(made, page_id, now)
    return made


def _people(made: World) -> None:
    maya = dict.fromkeys((COFFEE, ROASTERY, BOOKS, EVENTS), ALL_TASKS)
    made.people = {
        MAYA: Person(id=MAYA, name="Maya Chen", tasks=maya, business_ids=[PORTFOLIO]),
        PRIYA: Person(id=PRIYA, name="Priya Nair"),
        TOM: Person(
            id=TOM, name="Tom Berg", tasks={GARAGE: ["ANALYZE", "ADVERTISE", "MESSAGING", "MODERATE"]}
        ),
    }
    made.businesses = {PORTFOLIO: Business(id=PORTFOLIO, name="Northwind Group", page_ids=[EVENTS])}


def _pages() -> list[Page]:
    return [
        Page(
            id=COFFEE,
            name="Northwind Coffee",
            username="northwind.coffee",
            category="Coffee shop",
            about="Three bars, one roastery, and a soft spot for slow mornings.",
            website="northwind.example",
            art="coffee",
            followers=12_480,
            instagram_id=COFFEE_INSTAGRAM,
        ),
        Page(
            id=ROASTERY,
            name="Northwind Roastery",
            username="northwind.roastery",
            category="Coffee roastery",
            about="We roast on Tuesdays and Fridays. Come by, the door is open.",
            website="roastery.northwind.example",
            art="roastery",
            followers=3_912,
            instagram_id=ROASTERY_INSTAGRAM,
        ),
        Page(
            id=BOOKS,
            name="Harbor Books",
            username="harborbooks",
            category="Independent bookshop",
            about="New and second-hand, since 2014. The cat is called Index.",
            website="harborbooks.example",
            art="books",
            followers=5_206,
        ),
        Page(
            id=EVENTS,
            name="Northwind Events",
            username="northwind.events",
            category="Event venue",
            about="Concerts, markets and long tables in the courtyard.",
            website="events.northwind.example",
            art="events",
            followers=8_033,
            instagram_id=EVENTS_INSTAGRAM,
            business_id=PORTFOLIO,
        ),
        Page(
            id=GARAGE,
            name="Tom's Garage",
            username="tomsgarage",
            category="Car repair workshop",
            about="Honest work on old cars, and new ones if we must.",
            website="tomsgarage.example",
            art="garage",
            followers=417,
        ),
    ]


def _instagrams() -> list[Instagram]:
    return [
        Instagram(
            id=COFFEE_INSTAGRAM,
            username="northwind.coffee",
            name="Northwind Coffee",
            biography="Slow mornings, served daily ☕\nDock Street · Old Mill · Station",
            website="northwind.example",
            art="coffee",
            page_id=COFFEE,
            followers=24_310,
            follows=312,
        ),
        Instagram(
            id=ROASTERY_INSTAGRAM,
            username="northwind.roastery",
            name="Northwind Roastery",
            biography="Roasting Tuesdays and Fridays.\nCupping every Saturday, 10 am.",
            website="roastery.northwind.example",
            art="roastery",
            page_id=ROASTERY,
            followers=7_845,
            follows=198,
        ),
        Instagram(
            id=EVENTS_INSTAGRAM,
            username="northwind.events",
            name="Northwind Events",
            biography="Courtyard concerts, markets, long tables ✨",
            website="events.northwind.example",
            art="events",
            page_id=EVENTS,
            followers=15_027,
            follows=640,
        ),
    ]


def _old_media(made: World, account_id: str, now: datetime) -> None:
    for drawing, caption, days in reversed(OLD_MEDIA[account_id]):
        media_id = ids.digits("179", 17, made.media)
        made.media[media_id] = Media(
            id=media_id,
            shortcode=ids.shortcode(media_id),
            instagram_id=account_id,
            picture=_drawn(drawing),
            caption=caption,
            alt_text="",
            created_at=now - timedelta(days=days, hours=days % 7),
            likes=140 + days * 37 % 611,
            old=True,
        )
        made.instagrams[account_id].media_ids.append(media_id)


def _old_posts(made: World, page_id: str, now: datetime) -> None:
    for message, drawings, days in reversed(OLD_POSTS[page_id]):
        at = now - timedelta(days=days, hours=days % 5)
        photos = []
        for drawing in drawings:
            photo_id = ids.digits("122", 15, made.photos)
            made.photos[photo_id] = Photo(
                id=photo_id, page_id=page_id, picture=_drawn(drawing), created_at=at
            )
            photos.append(made.photos[photo_id])
        post = posts.add(made, made.pages[page_id], message, photos=photos, by_app=False, created_at=at)
        post.old, post.likes = True, 12 + days * 17 % 93


def _drawn(name: str) -> Picture:
    return Picture(blob=f"{PREFIX}-{name}", width=PHOTO, height=PHOTO)
