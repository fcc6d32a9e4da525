// Roomtone in Bitwig Studio 5: a prompt and a length in bars, and the clip lies in the selected launcher slot.
//
// It asks a running Roomtone over OSC (see README.md beside the other hosts) and knows nothing of the engine. Bitwig
// inserts files into launcher slots only, so neither does this script reach the arranger. It never overwrites a clip:
// when the slot was filled in the meantime, the next empty one below is taken.

loadAPI(12);
host.setShouldFailOnDeprecatedUse(true);
host.defineController("Roomtone", "Roomtone", "1.0", "5f4e3f62-0d0c-4f0a-9b1e-7a3d5c9e2b41", "Roomtone");
host.defineMidiPorts(0, 0);

// Where Roomtone listens: change it here when `roomtone bridge` says another port.
var ROOMTONE_PORT = 9000;
// Where this script listens: the first of these ports that is free.
var FIRST_ANSWER_PORT = 9020;
var LAST_ANSWER_PORT = 9049;

var PREFIX = "/roomtone/1/";
var NOT_RUNNING = "Roomtone is not running: open its panel, or type  roomtone bridge  in a terminal.";
var TRACKS = 64;
var SCENES = 64;

// In seconds: a message is repeated once, as UDP may lose it; then nobody is there. A job that was accepted is asked
// for again after each long silence (asking twice never renders twice), which also finds a Roomtone started anew.
var REPEAT_AFTER = 1;
var GIVE_UP_AFTER = 2;
var ASK_AGAIN_EVERY = 10;
var LOST_AFTER = 60;

var form, transport, tracks, roomtone;
var answerPort = 0;
var filled = [];
var selected = null;
var jobs = {};
var jobsMade = 0;
var ticking = false;

function init() {
   form = makeForm(host.getDocumentState());
   form.render.addSignalObserver(askForClip);
   transport = host.createTransport();
   transport.tempo().value().markInterested();
   transport.timeSignature().numerator().markInterested();
   transport.timeSignature().denominator().markInterested();
   watchSlots();
   connect(host.getOscModule());
}

function flush() {}

function exit() {}

function makeForm(settings) {
   var made = {
      prompt: settings.getStringSetting("Prompt", "Roomtone", 400, "steady rain on a canvas tent"),
      bars: settings.getNumberSetting("Length", "Roomtone", 1, 128, 1, "bars", 4),
      loop: settings.getEnumSetting("Loop", "Roomtone", ["off", "on"], "on"),
      render: settings.getSignalSetting("Clip", "Roomtone", "Render into the selected slot")
   };
   made.prompt.markInterested();
   made.bars.markInterested();
   made.loop.markInterested();
   return made;
}

function watchSlots() {
   tracks = host.createMainTrackBank(TRACKS, 0, SCENES);
   for (var track = 0; track < TRACKS; track++) {
      tracks.getItemAt(track).canHoldAudioData().markInterested();
      watchTrack(track, tracks.getItemAt(track).clipLauncherSlotBank());
   }
}

function watchTrack(track, slots) {
   filled[track] = [];
   slots.addHasContentObserver(function (slot, hasContent) {
      filled[track][slot] = hasContent;
   });
   slots.addIsSelectedObserver(function (slot, isSelected) {
      if (isSelected) selected = { track: track, slot: slot };
      else if (selected && selected.track === track && selected.slot === slot) selected = null;
   });
}

// Bitwig allows connections in init() alone. Its sending and its listening socket are two, hence the answer port.
function connect(osc) {
   var space = osc.createAddressSpace();
   space.registerMethod(PREFIX + "accepted", "*", "the job is queued", heard(function () {}));
   space.registerMethod(PREFIX + "progress", "*", "how far a job is", heard(onProgress));
   space.registerMethod(PREFIX + "done", "*", "a clip is ready", heard(onDone));
   space.registerMethod(PREFIX + "error", "*", "a job failed", heard(onError));
   answerPort = startServer(osc.createUdpServer(space));
   roomtone = osc.connectToUdpServer("127.0.0.1", ROOMTONE_PORT, osc.createAddressSpace());
}

function startServer(server) {
   for (var port = FIRST_ANSWER_PORT; port <= LAST_ANSWER_PORT; port++) {
      try {
         server.start(port);
         return port;
      } catch (taken) {
         println("Roomtone: port " + port + " is taken, trying the next one");
      }
   }
   say("no port from " + FIRST_ANSWER_PORT + " to " + LAST_ANSWER_PORT + " is free, so no clip can arrive.");
   return 0;
}

function askForClip() {
   if (!answerPort) return say("no port was free when Bitwig started this script: switch it off and on again.");
   if (!selected) return say("select a launcher slot first; the clip will lie there.");
   if (!tracks.getItemAt(selected.track).canHoldAudioData().get()) {
      return say("this track takes no audio: select a slot of an audio track.");
   }
   var name = "bitwig-" + Date.now() + "-" + ++jobsMade;
   jobs[name] = { place: selected, scene: sceneOfForm(), accepted: false, silentSeconds: 0 };
   send(name);
   if (!ticking) tick();
}

// Roomtone makes of it bars x numerator x 4/denominator x 60/bpm seconds, to the sample.
function sceneOfForm() {
   var signature = transport.timeSignature();
   return JSON.stringify({
      prompt: form.prompt.get(),
      bars: Math.round(form.bars.getRaw()),
      bpm: transport.tempo().value().getRaw(),
      meter: signature.numerator().get() + "/" + signature.denominator().get(),
      loop: form.loop.get() === "on"
   });
}

function send(name) {
   try {
      roomtone.sendMessage(PREFIX + "render/scene", name, jobs[name].scene, "", answerPort);
   } catch (refused) {
      println("Roomtone: " + refused);
   }
}

function tick() {
   ticking = true;
   host.scheduleTask(function () {
      ticking = false;
      for (var name in jobs) lookAfter(name, jobs[name]);
      for (var left in jobs) return tick();
   }, 1000);
}

function lookAfter(name, job) {
   job.silentSeconds += 1;
   if (!job.accepted && job.silentSeconds >= GIVE_UP_AFTER) return drop(name, NOT_RUNNING);
   if (job.silentSeconds >= LOST_AFTER) return drop(name, "Roomtone has stopped answering. " + NOT_RUNNING);
   if (!job.accepted && job.silentSeconds === REPEAT_AFTER) send(name);
   if (job.accepted && job.silentSeconds % ASK_AGAIN_EVERY === 0) send(name);
}

function drop(name, sentence) {
   delete jobs[name];
   say(sentence);
}

// An answer to one of our jobs; answers to others, and to jobs that are over, are none of our business.
function heard(answer) {
   return function (source, message) {
      var name = message.getString(0);
      if (!jobs.hasOwnProperty(name)) return;
      jobs[name].accepted = true;
      jobs[name].silentSeconds = 0;
      answer(name, message);
   };
}

function onProgress(name, message) {
   say(Math.round(100 * message.getFloat(1)) + " %, " + message.getString(2));
}

function onError(name, message) {
   drop(name, message.getString(2));
}

function onDone(name, message) {
   var job = jobs[name], path = message.getString(1);
   var slot = emptySlotFrom(job.place);
   if (slot < 0) return drop(name, "every slot below is filled; the clip is " + path);
   delete jobs[name];
   tracks.getItemAt(job.place.track).clipLauncherSlotBank().getItemAt(slot).replaceInsertionPoint().insertFile(path);
   filled[job.place.track][slot] = "inserting";
   host.scheduleTask(function () { confirm(name, path, job.place.track, slot); }, 1000);
}

function emptySlotFrom(place) {
   for (var slot = place.slot; slot < SCENES; slot++) if (!filled[place.track][slot]) return slot;
   return -1;
}

// insertFile says nothing when it fails, so look whether the slot has become full.
function confirm(name, path, track, slot) {
   if (filled[track][slot] !== true) {
      filled[track][slot] = false;
      return say("Bitwig did not take the clip; drag it in: " + path);
   }
   say("the clip is in slot " + (slot + 1) + ".");
   roomtone.sendMessage(PREFIX + "imported", name, path);
}

function say(sentence) {
   var text = sentence.indexOf("Roomtone") === 0 ? sentence : "Roomtone: " + sentence;
   host.showPopupNotification(text);
   println(text);
}
