// A scene that Roomtone is asked for over OSC, until its clip is there.
//
// It knows no sound engine but Roomtone's addresses. Roomtone answers to the port that sclang sends from, so there is
// nothing to set up. Nothing here waits: all of it runs from answers and from a clock that ticks once a second.
Roomtone {
	// Where Roomtone listens: `roomtone bridge` says the port.
	classvar <>host = "127.0.0.1", <>port = 9000;
	classvar <jobs, made = 0, listening = false;

	// UDP may lose a message, so it is repeated once; then nobody is there. A job that was accepted is asked for again
	// after each long silence (asking twice never renders twice), which also finds a Roomtone started anew.
	classvar <>repeatAfter = 1, <>giveUpAfter = 2, <>askAgainEvery = 10, <>lostAfter = 60;
	classvar notRunning = "Roomtone is not running: open its panel, or type  roomtone bridge  in a terminal.";

	var <name, <prompt, <seconds, <bpm, <path, <fraction = 0, <stage = "";
	var action, onProgress, onError, accepted = false, silentSeconds = 0;

	*initClass { jobs = IdentityDictionary.new }

	// The clip in a Buffer of that server: Roomtone.render("steady rain", 8) { |buf| buf.play }
	*render { |prompt, seconds = 8, action, bpm = 0, server, onProgress, onError|
		^this.renderFile(prompt, seconds, { |path, length, rate, job|
			job.prRead(server ? Server.default, action)
		}, bpm, onProgress, onError)
	}

	// The same, so many bars of a clock long: of the default one when none is given.
	*renderBars { |prompt, bars = 4, action, clock, server, onProgress, onError|
		var beats = clock ? TempoClock.default;
		^this.render(
			prompt, bars * beats.beatsPerBar / beats.tempo, action, beats.tempo * 60, server, onProgress, onError
		)
	}

	// The clip as a file: action is called with path, seconds, sample rate and the job. Needs no server.
	*renderFile { |prompt, seconds = 8, action, bpm = 0, onProgress, onError|
		^super.new.prInit(prompt, seconds, bpm, action, onProgress, onError).prStart
	}

	cancel {
		jobs.removeAt(name);
		this.prSend("cancel", name)
	}

	*prListen {
		var heard = { |word, answer|
			OSCFunc({ |message|
				var job = jobs[message[1].asSymbol];
				if(job.notNil) { job.prHeard; answer.value(job, *message.drop(2)) }
			}, "/roomtone/1/" ++ word).permanent_(true)
		};
		heard.value("accepted", {});
		heard.value("progress", { |job, fraction, stage| job.prProgress(fraction, stage.asString) });
		heard.value("done", { |job, path, seconds, rate| job.prDone(path.asString, seconds, rate) });
		heard.value("error", { |job, code, sentence| job.prFail(sentence.asString, code.asSymbol) });
		listening = true
	}

	prInit { |argPrompt, argSeconds, argBpm, argAction, argOnProgress, argOnError|
		made = made + 1;
		name = "sc-%-%-%".format(Date.seed, 1000000.rand, made).asSymbol;
		prompt = argPrompt.asString;
		seconds = argSeconds.asFloat;
		bpm = argBpm.asFloat;
		action = argAction;
		onProgress = argOnProgress;
		onError = argOnError ? { |sentence| ("Roomtone: " ++ sentence).warn }
	}

	prStart {
		if(listening.not) { this.class.prListen };
		jobs[name] = this;
		this.prAsk;
		SystemClock.sched(1, { if(jobs[name] === this) { this.prLookAfter; 1 } })
	}

	prAsk { this.prSend("render", name, prompt, seconds, bpm) }

	prSend { |word ...arguments| NetAddr(host, port).sendMsg("/roomtone/1/" ++ word, *arguments) }

	prLookAfter {
		silentSeconds = silentSeconds + 1;
		case
		{ accepted.not and: { silentSeconds >= giveUpAfter } } { this.prFail(notRunning, \notRunning) }
		{ silentSeconds >= lostAfter } { this.prFail("it stopped answering. " ++ notRunning, \lost) }
		{ accepted.not and: { silentSeconds == repeatAfter } } { this.prAsk }
		{ accepted and: { silentSeconds % askAgainEvery == 0 } } { this.prAsk }
	}

	prHeard {
		accepted = true;
		silentSeconds = 0
	}

	prProgress { |argFraction, argStage|
		fraction = argFraction;
		stage = argStage;
		onProgress.value(fraction, stage)
	}

	prFail { |sentence, code|
		jobs.removeAt(name);
		onError.value(sentence, code)
	}

	prDone { |argPath, argSeconds, rate|
		jobs.removeAt(name);
		path = argPath;
		seconds = argSeconds;
		fraction = 1;
		action.value(path, seconds, rate, this)
	}

	prRead { |server, onBuffer|
		if(server.serverRunning.not) {
			("Roomtone: the clip is ready, and is read as soon as the sound server runs: type  s.boot").postln
		};
		server.doWhenBooted({
			Buffer.read(server, path, action: { |buffer|
				this.prSend("imported", name, path);
				onBuffer.value(buffer, this)
			})
		}, inf)
	}
}
