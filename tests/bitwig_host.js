// A stand-in for Bitwig Studio's controller host: real UDP, and the rules that the API has. A name that the API
// (version 12) does not have, a wrong number or type of arguments, a value read without interest, and an object made
// outside of init() all end it with an error.
//
//   node bitwig_host.js SCRIPT ROOMTONE_PORT SITUATION     prints one JSON line for each thing that happened
//
// SITUATION is JSON: prompt, bars, loop, tempo, numerator, denominator, selected [track, slot], filled [[track, slot]],
// audio, refusesFiles, pressesAt [seconds], fillAfterPress [track, slot], takenPorts, firstPort, asksAgainEvery,
// seconds, endsAfter (an event).
"use strict";

const dgram = require("dgram");
const fs = require("fs");
const vm = require("vm");
const { encode, decode } = require("./osc_packet.js");

const [script, roomtonePort, situationText] = process.argv.slice(2);
const situation = {
  prompt: "rain", bars: 4, loop: "on", tempo: 120, numerator: 4, denominator: 4, selected: [0, 0], filled: [],
  audio: true, refusesFiles: false, pressesAt: [0.2], fillAfterPress: null, seconds: 3, ...JSON.parse(situationText),
};
let initialising = true;
const sockets = [];
function tell(event, rest) {
  console.log(JSON.stringify({ event, ...rest }));
  if (event === situation.endsAfter) setTimeout(() => process.exit(0), 200);
}

// An object of the API: each method with the types of its arguments; anything else does not exist.
function api(name, methods) {
  const object = {};
  for (const [method, [types, body]] of Object.entries(methods)) {
    object[method] = (...given) => {
      const variable = types[types.length - 1] === "...";
      const wanted = variable ? types.slice(0, -1) : types;
      if (given.length < wanted.length || (!variable && given.length !== wanted.length))
        throw new TypeError(`${name}.${method} takes ${wanted.length} arguments, not ${given.length}`);
      wanted.forEach((type, at) => {
        const found = Array.isArray(given[at]) ? "array" : typeof given[at];
        if (found !== type) throw new TypeError(`${name}.${method}: argument ${at + 1} is ${found}, not ${type}`);
      });
      return body(...given);
    };
  }
  return new Proxy(object, {
    get(target, property) {
      if (typeof property === "symbol" || property in target) return target[property];
      throw new TypeError(`Bitwig has no ${name}.${property}`);
    },
  });
}

function onlyInInit(what) {
  if (!initialising) throw new Error(`${what} is possible in init() only`);
}

function value(name, read, reader = "get") {
  let interested = false;
  return api(name, {
    markInterested: [[], () => { onlyInInit("markInterested"); interested = true; }],
    [reader]: [[], () => {
      if (initialising || !interested) throw new Error(`${name} was read without interest, or in init()`);
      return read();
    }],
  });
}

const observers = { filled: [], selected: [] };

function slotBank(track) {
  return api("ClipLauncherSlotBank", {
    addHasContentObserver: [["function"], (callback) => { onlyInInit("observer"); observers.filled[track] = callback; }],
    addIsSelectedObserver: [["function"], (callback) => { onlyInInit("observer"); observers.selected[track] = callback; }],
    getItemAt: [["number"], (slot) => api("ClipLauncherSlot", {
      replaceInsertionPoint: [[], () => api("InsertionPoint", {
        insertFile: [["string"], (path) => {
          tell("inserted", { track, slot, path, there: fs.existsSync(path) });
          if (!situation.refusesFiles) setTimeout(() => observers.filled[track](slot, true), 50);
        }],
      })],
    })],
  });
}

const tracks = Array.from({ length: 64 }, (_, track) => {
  const canHoldAudioData = value("Track.canHoldAudioData", () => situation.audio);
  const slots = slotBank(track);
  return api("Track", {
    canHoldAudioData: [[], () => canHoldAudioData],
    clipLauncherSlotBank: [[], () => slots],
  });
});

const tempo = value("tempo", () => situation.tempo, "getRaw");
const numerator = value("numerator", () => situation.numerator);
const denominator = value("denominator", () => situation.denominator);
const transport = api("Transport", {
  tempo: [[], () => api("Parameter", { value: [[], () => tempo] })],
  timeSignature: [[], () => api("TimeSignatureValue", {
    numerator: [[], () => numerator],
    denominator: [[], () => denominator],
  })],
});

let press;
const settings = api("DocumentState", {
  getStringSetting: [["string", "string", "number", "string"], () => value("prompt", () => situation.prompt)],
  getNumberSetting: [["string", "string", "number", "number", "number", "string", "number"],
    () => value("bars", () => situation.bars, "getRaw")],
  getEnumSetting: [["string", "string", "array", "string"], () => value("loop", () => situation.loop)],
  getSignalSetting: [["string", "string", "string"], () => api("Signal", {
    addSignalObserver: [["function"], (callback) => { onlyInInit("observer"); press = callback; }],
  })],
});

function message(address, values) {
  const at = (index, type) => {
    if (typeof values[index] !== type) throw new TypeError(`${address}: argument ${index} is no ${type}`);
    return values[index];
  };
  return api("OscMessage", {
    getString: [["number"], (index) => at(index, "string")],
    getFloat: [["number"], (index) => at(index, "number")],
  });
}

function addressSpace() {
  const callbacks = {};
  const space = api("OscAddressSpace", {
    registerMethod: [["string", "string", "string", "function"], (address, tags, description, callback) => {
      onlyInInit("registerMethod");
      callbacks[address] = callback;
    }],
  });
  return { space, callbacks };
}

const spaces = new Map();
const takenPorts = new Set(situation.takenPorts || []);
const osc = api("OscModule", {
  createAddressSpace: [[], () => {
    onlyInInit("createAddressSpace");
    const { space, callbacks } = addressSpace();
    spaces.set(space, callbacks);
    return space;
  }],
  createUdpServer: [["object"], (space) => {
    onlyInInit("createUdpServer");
    return api("OscServer", { start: [["number"], (port) => {
      if (takenPorts.has(port)) throw new Error("java.net.BindException");
      const socket = dgram.createSocket("udp4").bind(port, "127.0.0.1");
      sockets.push(socket);
      tell("listening", { port });
      socket.on("message", (packet) => {
        const { address, values } = decode(packet);
        if (spaces.get(space)[address]) spaces.get(space)[address]({}, message(address, values));
      });
    }] });
  }],
  connectToUdpServer: [["string", "number", "object"], (address, port) => {
    onlyInInit("connectToUdpServer");
    const socket = dgram.createSocket("udp4");
    sockets.push(socket);
    return api("OscConnection", {
      sendMessage: [["string", "..."], (path, ...values) => socket.send(encode(path, values, "d"), port, address)],
    });
  }],
});

const host = api("ControllerHost", {
  setShouldFailOnDeprecatedUse: [["boolean"], () => {}],
  defineController: [["string", "string", "string", "string", "string"], () => {}],
  defineMidiPorts: [["number", "number"], () => {}],
  getDocumentState: [[], () => settings],
  createTransport: [[], () => { onlyInInit("createTransport"); return transport; }],
  createMainTrackBank: [["number", "number", "number"], () => {
    onlyInInit("createMainTrackBank");
    return api("TrackBank", { getItemAt: [["number"], (track) => tracks[track]] });
  }],
  getOscModule: [[], () => osc],
  scheduleTask: [["function", "number"], (task, milliseconds) => { setTimeout(task, milliseconds); }],
  showPopupNotification: [["string"], (text) => tell("popup", { text })],
});

// What a user would edit at the head of the script.
const source = fs.readFileSync(script, "utf8")
  .replace("ROOMTONE_PORT = 9000", `ROOMTONE_PORT = ${roomtonePort}`)
  .replace("FIRST_ANSWER_PORT = 9020", `FIRST_ANSWER_PORT = ${situation.firstPort}`)
  .replace("LAST_ANSWER_PORT = 9049", `LAST_ANSWER_PORT = ${situation.firstPort + 29}`)
  .replace("ASK_AGAIN_EVERY = 10", `ASK_AGAIN_EVERY = ${situation.asksAgainEvery || 10}`);
const world = vm.createContext({ host, loadAPI: () => {}, println: () => {} });
vm.runInContext(source, world, { filename: script });

function timed(call) {
  const start = process.hrtime.bigint();
  call();
  tell("call", { milliseconds: Number(process.hrtime.bigint() - start) / 1e6 });
}

world.init();
initialising = false;
for (const [track, slot] of situation.filled) observers.filled[track](slot, true);
if (situation.selected) observers.selected[situation.selected[0]](situation.selected[1], true);
for (const at of situation.pressesAt) {
  setTimeout(() => {
    timed(press);
    if (situation.fillAfterPress) observers.filled[situation.fillAfterPress[0]](situation.fillAfterPress[1], true);
  }, at * 1000);
}
setTimeout(() => {
  timed(world.flush);
  timed(world.exit);
  sockets.forEach((socket) => socket.close());
  process.exit(0);
}, situation.seconds * 1000);
