// Roomtone in Max and Max for Live: messages in, the path of the finished clip out.
//
// For [js roomtone.js] between [udpreceive] and [udpsend]: those two speak OSC, this file knows the addresses and
// nothing of the engine. In a Max for Live device, [js roomtone.js live], it takes tempo and meter from the song and
// puts the clip into the selected slot. Written for the old and the new engine of Max: no syntax newer than 2009.

autowatch = 0;
inlets = 1;
outlets = 4;
setinletassist(0, "render SECONDS prompt, bars BARS prompt, tempo BPM NUM DEN, cancel; answers from udpreceive");
setoutletassist(0, "to udpsend");
setoutletassist(1, "path of the finished clip");
setoutletassist(2, "how much is done, 0 to 1");
setoutletassist(3, "what to show: a sentence");

var TO_UDPSEND = 0, PATH = 1, FRACTION = 2, SENTENCE = 3;
var PREFIX = "/roomtone/1/";
var NOT_RUNNING = "Roomtone is not running: open its panel, or type  roomtone bridge  in a terminal.";

// In seconds: a message is repeated once, as UDP may lose it; then nobody is there. A job that was accepted is asked
// for again after each long silence (asking twice never renders twice), which also finds a Roomtone started anew.
var REPEAT_AFTER = 1;
var GIVE_UP_AFTER = 2;
var ASK_AGAIN_EVERY = 10;
var LOST_AFTER = 60;

var inLive = jsarguments.length > 1 && jsarguments[1] === "live";
var answerPort = 9010;
var bpm = 120, numerator = 4, denominator = 4;
var looped = 0;
var jobs = {};
var jobsMade = 0;
var lastJob = "";
var ticking = false;
var clock = new Task(tick, this);

// The port that [udpreceive] listens at.
function port(number) {
   answerPort = Math.round(number);
}

function tempo(newBpm, newNumerator, newDenominator) {
   bpm = newBpm;
   if (newNumerator) numerator = newNumerator;
   if (newDenominator) denominator = newDenominator;
}

function loop(on) {
   looped = on ? 1 : 0;
}

function render(seconds) {
   if (inLive) tempoOfSong();
   ask({ prompt: words(arguments, 1), seconds: Number(seconds), bpm: bpm, loop: looped === 1 });
}

// Roomtone makes of it bars x numerator x 4/denominator x 60/bpm seconds, to the sample.
function bars(count) {
   if (inLive) tempoOfSong();
   var meter = numerator + "/" + denominator;
   ask({ prompt: words(arguments, 1), bars: Number(count), bpm: bpm, meter: meter, loop: looped === 1 });
}

function cancel() {
   if (!jobs.hasOwnProperty(lastJob)) return show("there is nothing to cancel.");
   outlet(TO_UDPSEND, PREFIX + "cancel", lastJob);
}

// What [udpreceive] gives: the address is the name of the message.
function anything() {
   var given = arrayfromargs(arguments);
   var answers = {};
   answers[PREFIX + "accepted"] = onAccepted;
   answers[PREFIX + "progress"] = onProgress;
   answers[PREFIX + "done"] = onDone;
   answers[PREFIX + "error"] = onError;
   if (!answers.hasOwnProperty(messagename)) {
      if (messagename.charAt(0) !== "/") show("there is no message " + messagename + ": send render, bars, tempo or cancel.");
      return;
   }
   // An answer to somebody else's job, or to one that is over, is none of our business.
   if (!jobs.hasOwnProperty(given[0])) return;
   jobs[given[0]].accepted = true;
   jobs[given[0]].silentSeconds = 0;
   answers[messagename].apply(null, given);
}

function notifydeleted() {
   clock.cancel();
}

function words(given, from) {
   var text = [];
   for (var at = from; at < given.length; at++) text.push(String(given[at]));
   return text.join(" ");
}
words.local = 1;

function ask(scene) {
   if (!scene.prompt) return show("say what shall be heard, after the length.");
   lastJob = "max-" + new Date().getTime() + "-" + ++jobsMade;
   jobs[lastJob] = { scene: JSON.stringify(scene), place: inLive ? selectedSlot() : null, accepted: false, silentSeconds: 0 };
   send(lastJob);
   if (!ticking) wait();
}
ask.local = 1;

function send(name) {
   outlet(TO_UDPSEND, PREFIX + "render/scene", name, jobs[name].scene, "", answerPort);
}
send.local = 1;

function wait() {
   ticking = true;
   clock.schedule(1000);
}
wait.local = 1;

function tick() {
   ticking = false;
   for (var name in jobs) lookAfter(name, jobs[name]);
   for (var left in jobs) return wait();
}
tick.local = 1;

function lookAfter(name, job) {
   job.silentSeconds += 1;
   if (!job.accepted && job.silentSeconds >= GIVE_UP_AFTER) return drop(name, NOT_RUNNING);
   if (job.silentSeconds >= LOST_AFTER) return drop(name, "Roomtone has stopped answering. " + NOT_RUNNING);
   if (!job.accepted && job.silentSeconds === REPEAT_AFTER) send(name);
   if (job.accepted && job.silentSeconds % ASK_AGAIN_EVERY === 0) send(name);
}
lookAfter.local = 1;

function drop(name, sentence) {
   delete jobs[name];
   show(sentence);
}
drop.local = 1;

function onAccepted(name) {
   show("waiting for its turn.");
}
onAccepted.local = 1;

function onProgress(name, fraction, stage) {
   outlet(FRACTION, fraction);
   show(Math.round(100 * fraction) + " %, " + stage);
}
onProgress.local = 1;

function onError(name, code, sentence) {
   drop(name, sentence);
}
onError.local = 1;

function onDone(name, path) {
   var place = jobs[name].place;
   delete jobs[name];
   outlet(FRACTION, 1);
   outlet(PATH, path);
   if (inLive && !putIntoSlot(place, path)) return;
   if (!inLive) show("the clip is ready.");
   outlet(TO_UDPSEND, PREFIX + "imported", name, path);
}
onDone.local = 1;

function tempoOfSong() {
   var song = new LiveAPI("live_set");
   tempo(Number(song.get("tempo")), Number(song.get("signature_numerator")), Number(song.get("signature_denominator")));
}
tempoOfSong.local = 1;

// Its id, which stays when the user selects another one while the clip is made.
function selectedSlot() {
   return Number(new LiveAPI("live_set view highlighted_clip_slot").id);
}
selectedSlot.local = 1;

function putIntoSlot(place, path) {
   var slot = place ? new LiveAPI("id " + place) : null;
   if (!slot || Number(slot.id) === 0) return failed("select a slot of an audio track first", path);
   if (Number(slot.get("has_clip"))) return failed("the slot has a clip already", path);
   slot.call("create_audio_clip", path);
   if (!Number(slot.get("has_clip"))) return failed("Live 12.0.5 or newer and an audio track are needed to place it", path);
   // Live warps what it imports; unwarped it keeps its length and its sound.
   new LiveAPI(slot.get("clip").join(" ")).set("warping", 0);
   show("the clip is in its slot.");
   return true;
}
putIntoSlot.local = 1;

function failed(why, path) {
   show(why + "; drag the clip in: " + path);
   return false;
}
failed.local = 1;

function show(sentence) {
   var text = sentence.indexOf("Roomtone") === 0 ? sentence : "Roomtone: " + sentence;
   outlet(SENTENCE, "set", text);
}
show.local = 1;
