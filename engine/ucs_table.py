"""The categories of the Universal Category System that ambience needs, and the words that mean them.

CatID, category and subcategory are those of the system's own list, version 8 (universalcategorysystem.com);
the words are ours. A category is CatID | category | subcategory | phrases, and lines that begin with blanks
go on with its phrases. All words of a phrase must stand in one part of the sentence, in any order; with &
between them, anywhere. A phrase after ~ is weak: it counts only when nothing better is
found. `ucs` reads this table.
"""

from __future__ import annotations

TABLE = """
AMBAir    | AMBIENCE | AIR | air tone, ~still air, room air, ~air
AMBAlpn   | AMBIENCE | ALPINE | mountain valley, ~mountain, ~alpine, ~summit
AMBAmus   | AMBIENCE | AMUSEMENT | amusement park, fairground, carnival, funfair, arcade
AMBBird   | AMBIENCE | BIRDSONG | birdsong, dawn chorus, bird chorus, bird garden, spring bird, bird river,
    bird morning, bird dawn, bird light, birdsong morning
AMBCele   | AMBIENCE | CELEBRATION | celebration, festival, parade, party, wedding
AMBCnst   | AMBIENCE | CONSTRUCTION | construction, construction site, building site, roadworks,
    building work
AMBDsgn   | AMBIENCE | DESIGNED | alien planet, dark ambience, ~eerie, ~haunted, ~horrormare,
    ~dream, ~otherworldly, ~spooky, eerie forest, haunted house, horror ambience
AMBDsrt   | AMBIENCE | DESERT | desert, dune, wind desert, desert night
AMBEmrg   | AMBIENCE | EMERGENCY | emergency, disaster, evacuation
AMBFarm   | AMBIENCE | FARM | farm, barn, farmyard, barnyard, farm animal
AMBForst  | AMBIENCE | FOREST | forest, woodland, bird forest, forest night, forest insect, forest floor,
    woodland bird, woodland night
AMBGras   | AMBIENCE | GRASSLAND | grassland, meadow, prairie, savanna, savannah, field insect,
    meadow insect, steppe, insect grass, insect field, dry grass, open field, plain
AMBHist   | AMBIENCE | HISTORICAL | medieval town, ~medieval, ~historical, ~ancient
AMBHome   | AMBIENCE | RESIDENTIAL | apartment, house interior, living room, residential, ~home, ~house,
    ~bedroom
AMBTech   | AMBIENCE | HITECH | server room, data center, data centre, control room, laboratory, hitech,
    server room fan
AMBHosp   | AMBIENCE | HOSPITAL | hospital, hospital ward, intensive care, clinic
AMBInd    | AMBIENCE | INDUSTRIAL | factory, warehouse, refinery, shipyard, factory hall, ~industrial
AMBLake   | AMBIENCE | LAKESIDE | lake, lakeside, pond, lake bird, pond bird
AMBMrkt   | AMBIENCE | MARKET | market, marketplace, bazaar, souk, market crowd, marketplace crowd
AMBMisc   | AMBIENCE | MISC | ~ambience, ~ambient, ~atmosphere, ~soundscape
AMBNaut   | AMBIENCE | NAUTICAL | harbor, harbour, marina, port, dock, mast harbour, lapping marina,
    lapping dock, dock boat, harbour wave, harbour boat, port boat
AMBOffc   | AMBIENCE | OFFICE | office, office keyboard, call center, office people
AMBPark   | AMBIENCE | PARK | park, city park, playground, ~garden
AMBPrisn  | AMBIENCE | PRISON | prison, jail
AMBPrtst  | AMBIENCE | PROTEST | protest, demonstration, riot
AMBPubl   | AMBIENCE | PUBLIC PLACE | lobby, mall, shopping mall, library, museum, plaza, supermarket,
    hotel lobby, waiting room, reading room, public hall, foyer, museum hall
AMBRlgn   | AMBIENCE | RELIGIOUS | church, cathedral, temple, mosque, monastery, church interior,
    cathedral room
AMBRest   | AMBIENCE | RESTAURANT & BAR | restaurant, cafe, coffee shop, bar, pub, diner, canteen,
    cafe crowd, bar crowd
AMBRoom   | AMBIENCE | ROOM TONE | room tone, roomtone, empty room, silent room, ~room, ~quiet room
AMBRurl   | AMBIENCE | RURAL | countryside, night cricket, night insect, country night, summer night,
    ~night, ~rural, ~village, rural ambience, village ambience, cricket dark, field night, country road
AMBSchl   | AMBIENCE | SCHOOL | school, classroom, university, schoolyard, kindergarten
AMBSea    | AMBIENCE | SEASIDE | seaside, beach, beach people, beach child, seagull beach, ~coast, ~shore,
    seagull surf, seagull coast
AMBSprt   | AMBIENCE | SPORT | stadium, arena, gym, swimming pool, sport hall
AMBSubn   | AMBIENCE | SUBURBAN | suburb, suburban, backyard, neighborhood, neighbourhood
AMBSwmp   | AMBIENCE | SWAMP | swamp, marsh, bog, wetland, bayou, swamp frog, bird bog, bird marsh,
    frog swamp
AMBTown   | AMBIENCE | TOWN | town, town square, small town
AMBTraf   | AMBIENCE | TRAFFIC | traffic, highway, motorway, freeway, city traffic, road traffic,
    street traffic, distant road
AMBTran   | AMBIENCE | TRANSPORTATION | station, train station, airport, bus station, airport terminal,
    subway station, metro station
AMBTrop   | AMBIENCE | TROPICAL | jungle, rainforest, jungle night, jungle bird, tropical bird, ~tropical,
    jungle insect, amazon, tropical rain forest
AMBTndra  | AMBIENCE | TUNDRA | tundra, arctic, polar, antarctic, winter forest, winter landscape, ~winter
AMBUndr   | AMBIENCE | UNDERGROUND | cave, cavern, tunnel, sewer, mine, bunker, dungeon, cave drip,
    parking garage, ~underground, drip cavern, water cave
AMBUndwtr | AMBIENCE | UNDERWATER | underwater, submerged, deep sea, hydrophone, underwater bubble,
    deep ocean, under sea
AMBUrbn   | AMBIENCE | URBAN | street, downtown, city street, city night, rooftop, pedestrian, ~city,
    ~urban, city ambience, urban ambience
AMBWar    | AMBIENCE | WARFARE | war, battlefield, battle, trench
AEROHeli  | AIRCRAFT | HELICOPTER | helicopter, inside helicopter
AEROInt   | AIRCRAFT | INTERIOR | airplane cabin, aeroplane cabin, aircraft cabin, plane cabin, cockpit,
    inside airplane, flight cabin, airliner cabin, airliner interior, aircraft interior
AEROJet   | AIRCRAFT | JET | jet, jet engine, airliner
AEROProp  | AIRCRAFT | PROP | airplane, aeroplane, propeller plane, biplane
ALRMSirn  | ALARMS | SIREN | siren, air raid
ANMLAmph  | ANIMALS | AMPHIBIAN | frog, toad, frog pond, frog night
ANMLAqua  | ANIMALS | AQUATIC | whale, dolphin, seal, whale song
ANMLCat   | ANIMALS | CAT DOMESTIC | cat, cat purr, purr
ANMLDog   | ANIMALS | DOG | dog, dog bark
ANMLFarm  | ANIMALS | FARM | cow, sheep, goat, pig, cattle, goat bell
ANMLHors  | ANIMALS | HORSE | horse, pony
ANMLInsc  | ANIMALS | INSECT | insect, cricket, cicada, bee, grasshopper, mosquito, beehive, fly,
    cicada tree
ANMLWild  | ANIMALS | WILD | wolf, coyote, lion, elephant, bear, deer, wildlife, wolf howl, bison,
    roar bison
BELLAnml  | BELLS | ANIMAL | cowbell, cow bell, sheep bell
BELLLrg   | BELLS | LARGE | bell, church bell, bell tower, cathedral bell
BIRDCrow  | BIRDS | CROW | crow, raven, rook
BIRDFowl  | BIRDS | FOWL | duck, goose, chicken, hen, rooster, turkey, swan, duck lake, goose lake, loon
BIRDPrey  | BIRDS | BIRD OF PREY | owl, eagle, hawk, falcon
BIRDSea   | BIRDS | SEA | seagull, gull, seabird, gull harbour, gull beach
BIRDSong  | BIRDS | SONGBIRD | bird, songbird, nightingale, blackbird, robin, sparrow, bird sing,
    bird chirp, lark, thrush
BIRDTrop  | BIRDS | TROPICAL | parrot, macaw, parakeet
BIRDWade  | BIRDS | WADING | heron, crane bird, stork, flamingo, wading bird, snipe, shorebird, killdeer
BOATInt   | BOATS | INTERIOR | ship cabin, inside ship, inside boat, boat cabin, boat interior,
    ship interior, inside sailboat, sailboat cabin
BOATMotr  | BOATS | MOTORBOAT | motorboat, speedboat, outboard
BOATRow   | BOATS | ROWBOAT | rowboat, rowing boat, oar, canoe
BOATSail  | BOATS | SAILBOAT | sailboat, sailing boat, yacht, sailing ship
BOATShip  | BOATS | SHIP | ship, boat, ferry, ship engine, ship horn, wooden ship
BOATSub   | BOATS | SUBMARINE | submarine
CLOCKChim | CLOCKS | CHIME | clock chime, clock strike, grandfather clock
CLOCKMech | CLOCKS | MECHANICS | clock mechanism, clockwork, tower clock, cuckoo clock, cuckoo clock tick
CLOCKTick | CLOCKS | TICK | clock, clock tick, metronome, timer, timer tick, grandfather clock tick
CMPTKey   | COMPUTERS | KEYBOARD & MOUSE | keyboard, typing, computer keyboard
COMRadio  | COMMUNICATIONS | RADIO | radio, shortwave
COMStatic | COMMUNICATIONS | STATIC | static, radio static, white noise, pink noise, brown noise, ~noise
CRWDApls  | CROWDS | APPLAUSE | applause, clapping
CRWDCheer | CROWDS | CHEERING | cheer, crowd cheer, stadium crowd
CRWDChld  | CROWDS | CHILDREN | child, child play, children crowd
CRWDConv  | CROWDS | CONVERSATION | people talk, ~chatter, ~conversation
CRWDWalla | CROWDS | WALLA | crowd, walla, audience, crowd murmur, ~people, ~voices, ~murmur
DSGNDron  | DESIGNED | DRONE | drone, synth drone, pad, drone texture, dark ambience drone
DSGNErie  | DESIGNED | EERIE | ghost, ghostly, eerie drone, creepy
DSGNRmbl  | DESIGNED | RUMBLE | sub rumble, ~rumble, ~low rumble
DSGNSynth | DESIGNED | SYNTHETIC | synth, synthesizer, glitch
ELECBuzz  | ELECTRICITY | BUZZ & HUM | electric hum, electrical hum, transformer, mains hum, neon,
    electricity, power line, ~hum, ~buzz
FIREBurn  | FIRE | BURNING | bonfire, wildfire, blaze, house fire, forest fire, ~burn, furnace
FIRECrkl  | FIRE | CRACKLE | fire, campfire, fireplace, hearth, fire crackle, crackling fire, camp fire,
    chimney fire, stove, wood burning stove
FIRESizz  | FIRE | SIZZLE | ~sizzle
FIRETrch  | FIRE | TORCH | torch
FRWKComr  | FIREWORKS | COMMERCIAL | firework
FOODCook  | FOOD & DRINK | COOKING | cook, frying pan, kitchen, frying, cooking pot
FEETHmn   | FOOTSTEPS | HUMAN | footstep, ~walking
GEOFuma   | GEOTHERMAL | FUMAROLE | fumarole, steam vent
GEOGeyser | GEOTHERMAL | GEYSER | geyser, hot spring, geyser eruption, hot spring bubble
GEOLava   | GEOTHERMAL | LAVA | lava, lava flow, magma, molten rock, molten lava, lava bubble
GEOMudpot | GEOTHERMAL | MUD POTS | mud pot, mud pool, bubbling mud, boiling mud, mud
HAIL      | WEATHER | HAIL | hail, hailstorm, hail roof, hailstone
ICETonl   | ICE | TONAL | frozen lake, ice lake, singing ice
ICEMvmt   | ICE | MOVEMENT | ice, glacier, iceberg
MACHAppl  | MACHINES | APPLIANCE | fridge, refrigerator, washing machine, dishwasher, freezer, appliance,
    vending machine, fridge hum
MACHElev  | MACHINES | ELEVATOR | elevator, lift shaft
MACHFan   | MACHINES | FAN | fan, ceiling fan, electric fan, fan room
MACHHvac  | MACHINES | HVAC | air conditioner, air conditioning, ventilation, hvac, air vent, ~vent, ~heater
MACHInd   | MACHINES | INDUSTRIAL | machinery, industrial machine, factory machine, engine room, generator,
    compressor, ~machine
MACHPump  | MACHINES | PUMP | water pump, gas pump, ~pump, motor pump, pump water
MOTRComb  | MOTORS | COMBUSTION | diesel engine, ~motor, ~engine
MUSCChim  | MUSICAL | CHIME | wind chime, chime
NATDAval  | NATURAL DISASTER | AVALANCHE | avalanche
NATDQuak  | NATURAL DISASTER | EARTHQUAKE | earthquake
NATDTorn  | NATURAL DISASTER | TORNADO | tornado
NATDThyp  | NATURAL DISASTER | TYPHOON | typhoon, hurricane
NATDVolc  | NATURAL DISASTER | VOLCANO | volcano, eruption, volcano eruption
RAIN      | RAIN | GENERAL | rain, drizzle, downpour, rain shower, rain street,
    rain city, rain night, rain drip
RAINClth  | RAIN | CLOTH | rain tent, rain umbrella, rain canvas, rain canvas tent, rain awning, rain tarp
RAINConc  | RAIN | CONCRETE | rain concrete, rain pavement, rain asphalt, rain courtyard, rain stone,
    rain patio, rain roof, rain rooftop
RAINGlas  | RAIN | GLASS | rain window, rain glass, rain windowpane, rain skylight, rain greenhouse,
    rain windshield, rain window inside, rain window interior
RAINInt   | RAIN | INTERIOR | rain inside, rain indoor, rain attic, rain interior, rain cabin
RAINMetl  | RAIN | METAL | rain metal, rain tin, rain tin roof, rain metal roof, rain car, rain car roof,
    rain corrugated roof, rain inside car
RAINPlas  | RAIN | PLASTIC | rain plastic, rain plastic roof, rain tarpaulin
RAINVege  | RAIN | VEGETATION | rain leaf, rain tree, rain garden, rain foliage, rain grass,
    rain vegetation, rain forest canopy, rain woodland, rain forest
RAINWatr  | RAIN | WATER | rain lake, rain pond, rain puddle, rain sea, rain river, rain pool
RAINWood  | RAIN | WOOD | rain wooden, rain wooden roof, rain deck, ~rain shed
ROBTMvmt  | ROBOTS | MOVEMENT | robot
SCIMach   | SCIFI | MACHINE | scifi machine, reactor, sci fi, scifi, futuristic
SCIShip   | SCIFI | SPACESHIP | spaceship, starship, spacecraft, space station, spaceship engine,
    spaceship bridge, alien, sci fi tunnel, spaceship hum
SNOWMisc  | SNOW | MISC | snowfall, snow fall, ~snow
STORM     | WEATHER | STORM | storm, thunderstorm, rainstorm, snowstorm, blizzard, snow storm, sea storm,
    rain & thunder, rain & storm, wind & thunder
THUN      | WEATHER | THUNDER | thunder, lightning, thunder rumble, thunder roll,
    thunder clap
TOOLPowr  | TOOLS | POWER | chainsaw, power drill, drill, lawn mower, lawnmower, circular saw
TRNClak   | TRAINS | CLACK | train clack, train wheel, rail joint, train clickety, train rail joint
TRNDiesl  | TRAINS | DIESEL | diesel train, freight train
TRNElec   | TRAINS | ELECTRIC | train, electric train, train pass
TRNInt    | TRAINS | INTERIOR | inside train, train interior, train compartment, train carriage, train ride,
    train cabin, night train
TRNSbwy   | TRAINS | SUBWAY | subway, metro, subway train, metro train, inside subway,
    subway train interior, inside metro
TRNSteam  | TRAINS | STEAM | steam train, locomotive, steam engine, steam locomotive
TRNTram   | TRAINS | TRAM | tram, streetcar, inside tram
VEGEGras  | VEGETATION | GRASS | grass rustle, reed
VEHBike   | VEHICLES | BICYCLE | bicycle, bike
VEHBus    | VEHICLES | BUS | bus, inside bus, bus ride, city bus, bus interior, interior city bus
VEHCar    | VEHICLES | CAR | car, car pass, car engine
VEHInt    | VEHICLES | INTERIOR | inside car, car interior, car drive, driving, truck cab, car cabin,
    inside truck, car ride
VEHMoto   | VEHICLES | MOTORCYCLE | motorcycle, motorbike
VEHTruck  | VEHICLES | TRUCK VAN & SUV | truck, lorry
VEHWagn   | VEHICLES | WAGON | wagon, carriage horse, horse carriage, horse wagon, horse cart
VOXBaby   | VOICES | BABY | baby
WATRBubl  | WATER | BUBBLES | boiling water, cauldron, ~bubble, ~boil
WATRDrip  | WATER | DRIP | drip, dripping water, dripping tap, water drop
WATRFall  | WATER | WATERFALL | waterfall, cascade, waterfall forest, waterfall river
WATRFlow  | WATER | FLOW | river, stream, creek, brook, stream forest, river forest, mountain stream,
    forest stream, babbling brook, mountain brook, forest brook, flowing water, running water,
    trickling water, bubbling creek, stream bird
WATRFoun  | WATER | FOUNTAIN | fountain
WATRLap   | WATER | LAP | lapping, lapping wave, lapping water, lake wave, wave lake, lake shore, wave pier,
    wave boat, lake lap, sea wave lap
WATRPlmb  | WATER | PLUMBING | tap, faucet, shower, pipe, toilet, bathtub, sink, water pour
WATRSplsh | WATER | SPLASH | splash
WATRSpray | WATER | SPRAY | spray, water hose, sprinkler
WATRStm   | WATER | STEAM | steam hiss, ~steam
WATRSurf  | WATER | SURF | surf, sea surf, ocean surf, breaker, surf beach, ocean roar, wave beach,
    wave shore, wave break, sea beach, sea shore
WATRTurb  | WATER | TURBULENT | rapids, whitewater, white water, torrent, turbulent water
WATRMisc  | WATER | MISC | ~water
WATRWave  | WATER | WAVE | wave, ocean, ocean wave, sea wave, wave rock, wave coast, wave pebble,
    storm wave, stormy sea, sea, tide, rocky coast, sea wall, wave pebble beach
WIND      | WIND | GENERAL | wind, breeze, rush wind
WINDDsgn  | WIND | DESIGNED | ghostly wind, eerie wind, designed wind
WINDGust  | WIND | GUST | gust, wind gust, gale, strong wind, blustery wind
WINDInt   | WIND | INTERIOR | wind inside, wind window, wind attic, wind house, wind chimney, wind indoor
WINDTonl  | WIND | TONAL | wind howl, howling wind, whistling wind, wind moan, wind whistle, wind wire,
    hollow wind
WINDVege  | WIND | VEGETATION | wind tree, wind leaf, wind forest, wind grass, wind pine, breeze leaf,
    wind reed, rustling leaf, leaf breeze, foliage, palm, forest breeze, bamboo forest, ~leaf
"""
