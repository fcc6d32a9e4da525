"""Words for sounds and the places they are heard in: the raw material of engine.training.sentences.

Plain tables, in English. It knows no manifest and no network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in text.split(",") if phrase.strip())


SOUNDS: Mapping[str, Sequence[str]] = {
    "rain": _phrases(
        """rain, rainfall, a downpour, a drizzle, a cloudburst, a rain shower, raindrops, pouring rain, a
        deluge, pelting rain, a spring shower, monsoon rain, torrential rain, sprinkling rain, a rainstorm,
        sleet, water dripping from a gutter, rain on leaves, rain on a tin roof, rain on a window pane, rain
        on an umbrella, rain on a tent, rain on a car roof, rain on pavement, a wet street, mist and drizzle
        """
    ),
    "storm": _phrases(
        """thunder, a thunderclap, rolling thunder, distant thunder, a thunderstorm, a lightning strike, a
        tempest, a squall, a hurricane, a typhoon, a cyclone, a tornado, a hailstorm, hail, hailstones, stormy
        weather
        """
    ),
    "wind": _phrases(
        """wind, a breeze, a gale, gusts of wind, a howling wind, whistling wind, a draught, a windstorm, a
        blizzard, a snowstorm, drifting snow, a sandstorm, wind in the trees, rustling leaves, wind through
        grass, wind in pines, wind in a chimney, air rushing past, flapping canvas, a flag flapping, a zephyr,
        a hurricane wind
        """
    ),
    "sea": _phrases(
        """sea waves, ocean waves, surf, breakers, the seaside, waves on a beach, the tide coming in, a rocky
        shore, waves lapping, swell, the seashore, a coastline, waves against a pier, foam on sand, a lagoon,
        breaking waves, shingle beach, a bay, high tide, the open sea, sea spray, waves crashing on cliffs,
        ripples on a lake
        """
    ),
    "water": _phrases(
        """a stream, a brook, a creek, a river, a babbling brook, rapids, a waterfall, a cascade, a cataract,
        a spring, a rivulet, a torrent, a fountain, a tap running, a faucet, a shower, a bathtub filling,
        dripping water, a drip, a water hose, a sprinkler, splashing, bubbling water, boiling water, a kettle
        boiling, a geyser, a hot spring, boiling mud, underwater bubbles, a diver underwater, a submarine, a
        sewer, a canal, a weir, a mill wheel, gurgling water, trickling water, a swimming pool, a whirlpool,
        an aquarium
        """
    ),
    "fire": _phrases(
        """fire, a campfire, a bonfire, a fireplace, a crackling fire, a hearth, burning logs, flames, a wood
        stove, embers, a blaze, a forest fire, a wildfire, a torch, a furnace, kindling, a brazier, a burning
        house, lava, molten rock, a volcano, sizzling, frying bacon, a frying pan, a barbecue, cooking in a
        kitchen
        """
    ),
    "birds": _phrases(
        """birds, birdsong, sparrows, a robin, a blackbird, a nightingale, songbirds, the dawn chorus,
        chirping birds, finches, a cuckoo, an owl, owls hooting, a woodpecker, crows, ravens, a magpie,
        pigeons, doves cooing, seagulls, gulls crying, ducks, geese, a flock of geese, swans, herons, a loon,
        cranes, a rooster, hens, chickens, a turkey, parrots, tropical birds, swallows, a skylark, a thrush, a
        wren, starlings, an eagle, a hawk, penguins, peacocks, twittering, tweeting, waterfowl, snipe,
        flapping wings
        """
    ),
    "insects": _phrases(
        """crickets, cicadas, grasshoppers, insects, bees, a beehive, a buzzing fly, mosquitoes, a wasp, night
        insects, katydids, locusts, a swarm of bees, bumblebees, chirping crickets, humming insects, a summer
        night
        """
    ),
    "animals": _phrases(
        """frogs, toads, croaking frogs, a bullfrog, wolves howling, coyotes, a dog barking, dogs, a cat
        purring, a cat, cows, cattle, sheep, goats, a horse, hooves, a horse and cart, pigs, a donkey,
        elephants, lions, monkeys, bison, a bear, deer, foxes, bats, squirrels, whales, dolphins, seals, a
        snake hissing, livestock, a farmyard, a barn, elk bugling, a herd, a zoo, wild animals
        """
    ),
    "traffic": _phrases(
        """traffic, cars passing, a motorway, a highway, a busy road, a street, a city, car horns, a truck, a
        lorry, a bus, a car interior, driving, an engine idling, a motorcycle, a scooter, a siren, an
        ambulance, a police car, a tram, a trolley, a train, a steam train, a railway, rails clacking, a
        metro, a subway, the underground, a train station, a level crossing, an aeroplane, an airplane cabin,
        a jet, a propeller plane, a helicopter, rotor blades, an airport, a boat, a motorboat, a sailing boat,
        a ship's engine room, a ferry, a harbour, a dock, a marina, a foghorn, creaking ropes, a bicycle, a
        tractor, an elevator, an escalator
        """
    ),
    "machines": _phrases(
        """a fan, a computer fan, an air conditioner, ventilation, an air vent, a refrigerator, a fridge
        humming, a server room, a data centre, a washing machine, a dishwasher, a tumble dryer, a vacuum
        cleaner, a hair dryer, a lawn mower, a chainsaw, a drill, a hammer, a saw, a construction site, an
        excavator, a jackhammer, a factory, an assembly line, a generator, a pump, a motor, a turbine, a power
        plant, a transformer hum, electric hum, a neon light, fluorescent lights, static, white noise, pink
        noise, brown noise, a radio between stations, a heater, a boiler, pipes knocking, steam hissing,
        machinery, a printer, a photocopier, a keyboard, typing, a typewriter, a clock, a ticking clock, a
        grandfather clock, a pendulum, a metronome, a wristwatch, gears, a sewing machine, a spaceship, a
        starship engine, a space station, a robot, a laboratory, a record player
        """
    ),
    "people": _phrases(
        """a crowd, people talking, chatter, murmuring voices, a cafe, a coffee shop, a restaurant, a bar, a
        pub, a canteen, cutlery and plates, a market, a bazaar, a shopping mall, a supermarket, an office, a
        library, a classroom, a school, a playground, children playing, a stadium, applause, a party, a
        wedding, footsteps, a church, a cathedral, church bells, a bell tolling, a temple, a monastery,
        chanting monks, a museum, a hospital, a hotel lobby, a theatre, a village, a town square, a park, a
        garden, a kitchen, a living room, a bedroom, a bathroom, an attic, a cellar, room tone, an empty room,
        silence, a quiet house, wind chimes, a rocking chair, a door creaking, turning pages, a pencil writing
        """
    ),
    "wild": _phrases(
        """a forest, woods, woodland, a jungle, a rainforest, a meadow, a field, grassland, a prairie,
        savanna, a desert, dunes, a swamp, a marsh, a bog, a wetland, a pond, a lake, a mountain, a valley, a
        canyon, a cave, a cavern, a grotto, a tunnel, a mine, a glacier, cracking ice, a frozen lake, tundra,
        the arctic, snow, a winter morning, footsteps in snow, an island, a farm, an orchard, a vineyard, the
        countryside, a moor, wilderness, a cliff, a graveyard, a haunted house, a dungeon, ruins, horror,
        eerie drones, a nightmare, a dark ambience
        """
    ),
}

ADJECTIVES: Sequence[str] = _phrases(
    """steady, heavy, light, gentle, soft, loud, quiet, distant, faint, close, deep, low, bright, dark, calm,
    violent, strong, weak, warm, cold, eerie, spooky, peaceful, relaxing, soothing, cosy, busy, lonely,
    muffled, clear, crisp, dull, hissing, rumbling, roaring, humming, droning, whispering, murmuring,
    crackling, dripping, echoing, hollow, metallic, wooden, wet, dry, windy, rainy, snowy, stormy, tropical,
    urban, rural, industrial, mechanical, electric, natural, rhythmic, continuous, constant, irregular,
    sudden, slow, fast, dense, sparse, wide, huge, small, tiny, far, nearby, high-pitched, low-pitched, airy,
    thick, harsh, smooth, gusty, howling, bubbling, splashing, dreamy, tense, mysterious, ancient, medieval,
    futuristic, abandoned, empty, crowded, sleepy, early, late, old, big, restless
    """
)

PLACES: Sequence[str] = _phrases(
    """in a forest, in the woods, in a tent, under a canvas tent, on a tin roof, on a window, on leaves, by
    the sea, on a beach, at the seaside, on the coast, near a river, by a stream, beside a lake, in a cave, in
    the mountains, in the desert, in a valley, in a city, in the street, downtown, in a village, on a farm, in
    a barn, in a garden, in a park, in a meadow, in the countryside, in a jungle, in a swamp, in a harbour, on
    a boat, on a ship, in a train, in a car, on a bus, in an aeroplane, in a subway station, in an office, in
    a library, in a kitchen, in a bedroom, in a living room, in a cabin, in a castle, in a church, in a
    cathedral, in a tunnel, in a factory, in a workshop, in a server room, in space, on a spaceship,
    underwater, in the arctic, in the snow, on a mountain top, outdoors, indoors, outside the window, behind a
    wall, through an open window, in the next room, overhead, in the distance, in the background, far away, in
    a cafe, in a restaurant, in a market, in a hospital, in a basement, in an attic, on a rooftop, on a
    balcony, under a bridge, at a campsite, at a station, at an airport, in a canyon, on a pier
    """
)

TIMES: Sequence[str] = _phrases(
    """at night, at dawn, at dusk, in the morning, in the evening, at midnight, in summer, in winter, in
    spring, in autumn, on a summer night, on a winter morning, after the rain, before a storm, all day long,
    at noon
    """
)

TEMPLATES: Sequence[str] = (
    "{sound}",
    "{sound}",
    "{bare}",
    "{adjective} {bare}",
    "{adjective} {bare}",
    "{adjective} {bare}, {adjective2}",
    "{adjective} and {adjective2} {bare}",
    "{sound} {place}",
    "{adjective} {bare} {place}",
    "{sound} {time}",
    "{sound} {place} {time}",
    "{sound} and {sound2}",
    "{sound} with {sound2}",
    "{adjective} {bare} and {sound2}",
    "{sound}, {sound2} {place}",
    "{sound} with {adjective} {bare2} {place}",
    "{sound}, {bare2} in the distance",
    "{bare}, {bare2} and {bare3}",
    "the sound of {sound}",
    "the sound of {sound} {place}",
    "a recording of {sound}",
    "sound of {adjective} {bare}",
    "{bare} ambience",
    "{bare} sounds",
    "{bare} noise",
    "{adjective} {bare} ambience {time}",
    "we hear {sound} {place}",
    "{sound} can be heard",
    "sitting {place} listening to {sound}",
    "{bare} sounds for sleep",
    "background of {bare}",
    "no {bare}, only {sound2}",
)

SYNONYMS: Sequence[Sequence[str]] = (
    ("rain", "rainfall", "raindrops", "a shower", "drizzle", "downpour"),
    ("thunder", "thunderclaps", "lightning and thunder"),
    ("storm", "tempest", "squall"),
    ("wind", "breeze", "gale", "gusts", "air"),
    ("sea", "ocean", "seaside"),
    ("waves", "surf", "breakers", "swell"),
    ("beach", "shore", "seashore", "coast"),
    ("stream", "brook", "creek", "river", "rivulet"),
    ("waterfall", "cascade", "falls"),
    ("fire", "flames", "blaze", "campfire", "bonfire"),
    ("fireplace", "hearth", "log fire"),
    ("birds", "songbirds", "sparrows", "finches"),
    ("birdsong", "bird calls", "chirping", "twittering"),
    ("crickets", "cicadas", "grasshoppers", "insects"),
    ("forest", "woods", "woodland"),
    ("jungle", "rainforest"),
    ("swamp", "marsh", "wetland", "bog"),
    ("train", "railway carriage", "locomotive"),
    ("subway", "metro", "underground"),
    ("helicopter", "chopper"),
    ("airplane", "aeroplane", "aircraft", "jet"),
    ("cafe", "coffee shop", "coffee house"),
    ("city", "town", "downtown"),
    ("traffic", "cars", "vehicles"),
    ("machine", "engine", "motor"),
    ("fan", "ventilator", "air conditioner"),
    ("clock", "watch", "timepiece"),
    ("cave", "cavern", "grotto"),
    ("snowstorm", "blizzard"),
    ("spaceship", "starship", "spacecraft"),
    ("harbour", "port", "dock"),
    ("steady", "constant", "continuous", "even"),
    ("heavy", "hard", "intense", "strong"),
    ("light", "gentle", "soft"),
    ("quiet", "faint", "hushed", "calm"),
    ("distant", "far-off", "faraway"),
    ("loud", "noisy", "powerful"),
    ("deep", "low", "bassy"),
    ("dripping", "drips"),
    ("crackling", "popping", "snapping"),
    ("rumble", "rumbling", "roar"),
    ("hum", "drone", "buzz"),
    ("night", "nighttime", "midnight"),
    ("morning", "dawn", "daybreak"),
    ("small", "little"),
    ("people", "voices", "crowd"),
    ("frogs", "toads"),
    ("chainsaw", "power saw"),
    ("bells", "chimes"),
)
