// A stand-in for the [js] object of Max between [udpsend] and [udpreceive], with real UDP. Only the names that Max gives
// to a script are there, and those of LiveAPI that Live has; anything else ends it with an error.
//
//   node max_host.js SCRIPT ROOMTONE_PORT SITUATION        prints one JSON line for each thing that happened
//
// SITUATION is JSON: live, messages [[seconds, selector, ...]], tempo, numerator, denominator, slotFilled, noSlot, oldLive,
// asksAgainEvery, seconds, endsAfter (an event).
"use strict";

const dgram = require("dgram");
const fs = require("fs");
const vm = require("vm");
const { encode, decode } = require("./osc_packet.js");

const [script, roomtonePort, situationText] = process.argv.slice(2);
const situation = {
  live: false, messages: [[0.1, "bars", 4, "rain"]], tempo: 120, numerator: 4, denominator: 4, slotFilled: false,
  noSlot: false, oldLive: false, asksAgainEvery: 10, seconds: 1.5, ...JSON.parse(situationText),
};
function tell(event, rest) {
  console.log(JSON.stringify({ event, ...rest }));
  if (event === situation.endsAfter) setTimeout(() => process.exit(0), 200);
}
const udpsend = dgram.createSocket("udp4");
const udpreceive = dgram.createSocket("udp4");

class Task {
  constructor(deed, owner) {
    this.deed = deed.bind(owner);
  }
  schedule(milliseconds) {
    this.cancel();
    this.timer = setTimeout(() => timed(this.deed), milliseconds);
  }
  cancel() {
    clearTimeout(this.timer);
  }
}

let clipInSlot = situation.slotFilled;
const SONG = { tempo: situation.tempo, signature_numerator: situation.numerator, signature_denominator: situation.denominator };
const OBJECTS = {
  live_set: { id: 1, get: (name) => SONG[name] },
  "live_set view highlighted_clip_slot": { id: situation.noSlot ? 0 : 7 },
  "id 7": {
    id: 7,
    get: (name) => ({ has_clip: clipInSlot ? 1 : 0, clip: ["id", 8] })[name],
    call(name, path) {
      if (name !== "create_audio_clip") throw new Error(`a clip slot has no ${name}`);
      if (situation.oldLive) return;
      tell("inserted", { path, there: fs.existsSync(path) });
      clipInSlot = true;
    },
  },
  "id 8": { id: 8, set: (name, value) => tell("set", { name, value }) },
};

class LiveAPI {
  constructor(path) {
    if (!situation.live) throw new Error("there is no Live API outside of Live");
    if (!(path in OBJECTS)) throw new Error(`Live has no ${path}`);
    this.object = OBJECTS[path];
    this.id = String(this.object.id);
  }
  // Live gives lists, of one value too.
  get(name) {
    const found = this.object.get(name);
    if (found === undefined) throw new Error(`Live's object has no ${name}`);
    return Array.isArray(found) ? found : [found];
  }
  call(name, ...values) {
    return this.object.call(name, ...values);
  }
  set(name, value) {
    this.object.set(name, value);
  }
}

function outlet(number, ...values) {
  if (!values.every((value) => typeof value === "string" || typeof value === "number"))
    throw new TypeError(`outlet ${number} was given ${JSON.stringify(values)}`);
  if (number === 0) udpsend.send(encode(values[0], values.slice(1), "f"), Number(roomtonePort), "127.0.0.1");
  else tell("outlet", { number, values });
}

const world = vm.createContext({
  jsarguments: situation.live ? ["roomtone.js", "live"] : ["roomtone.js"],
  arrayfromargs: (given) => Array.from(given),
  setinletassist: () => {},
  setoutletassist: () => {},
  outlet, Task, LiveAPI, inlets: 0, outlets: 0, autowatch: 1, messagename: "",
});
const source = fs.readFileSync(script, "utf8").replace("ASK_AGAIN_EVERY = 10", `ASK_AGAIN_EVERY = ${situation.asksAgainEvery}`);
vm.runInContext(source, world, { filename: script });

function timed(call) {
  const start = process.hrtime.bigint();
  call();
  tell("call", { milliseconds: Number(process.hrtime.bigint() - start) / 1e6 });
}

// Max calls the function of that name, unless it is local, and anything() otherwise.
function message(selector, ...values) {
  const found = world[selector];
  world.messagename = selector;
  timed(() => (typeof found === "function" && !found.local ? found : world.anything)(...values));
}

udpreceive.on("message", (packet) => {
  const { address, values } = decode(packet);
  message(address, ...values);
});
udpreceive.bind(0, "127.0.0.1", () => {
  message("port", udpreceive.address().port);
  for (const [at, ...words] of situation.messages) setTimeout(() => message(...words), at * 1000);
});
setTimeout(() => {
  message("notifydeleted");
  process.exit(0);
}, situation.seconds * 1000);
