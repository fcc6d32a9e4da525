ardour {
	["type"]    = "EditorAction",
	name        = "Roomtone: render a scene",
	license     = "GPL-3.0-or-later",
	author      = "Roomtone",
	description = [[Asks for a scene in words, has Roomtone render it, and puts the clip at the playhead or at the start of the selection. The length is in bars (exact, across changes of tempo and meter), in seconds, or that of the selection. Roomtone must run: roomtone bridge]]
}

-- Everything stands inside factory: Ardour keeps its bytecode and nothing around it. Lua in Ardour sends OSC but
-- receives none, so Roomtone answers in a file, <mailbox>/replies/<job>.reply, which is replaced as a whole.
function factory ()
	-- What was asked for last, for the next time.
	local asked = { prompt = "steady rain on a canvas tent", length = "bars", bars = 4, seconds = 10, where = "new track" }

return function ()

	local STATE    = "@ROOMTONE_STATE@"
	local START    = "Start it with: roomtone bridge"
	local SILENT   = 2e6  -- microseconds until a message without answer is sent again, and said to be without
	local AFRESH   = 10e6 -- the same once it has been answered: Roomtone may have been started anew
	local PATIENCE = 30e6 -- microseconds without news until that is said

	local function state_folder ()
		if STATE:sub (1, 1) ~= "@" then return STATE end
		-- Copied by hand: the places that Roomtone uses by itself.
		local get = os and os.getenv or function () end
		local home = get ("HOME") or ""
		if get ("ROOMTONE_HOME") then return get ("ROOMTONE_HOME") .. "/state" end
		if get ("LOCALAPPDATA") then return (get ("LOCALAPPDATA"):gsub ("\\", "/")) .. "/roomtone" end
		if ARDOUR.LuaAPI.file_test (home .. "/Library/Application Support", ARDOUR.LuaAPI.FileTest.IsDir) then
			return home .. "/Library/Application Support/roomtone"
		end
		return (get ("XDG_STATE_HOME") or home .. "/.local/state") .. "/roomtone"
	end

	-- The sandbox of Ardour 8 takes io away, but leaves this way to read.
	local function content (path)
		if not ARDOUR.LuaAPI.file_test (path, ARDOUR.LuaAPI.FileTest.Exists) then return "" end
		return ARDOUR.LuaAPI.file_get_contents (path) or ""
	end

	local function lines (text)
		local all = {}
		for line in text:gmatch ("([^\n]*)\n") do all[#all + 1] = line end
		return all
	end

	local function tell (text)
		LuaDialog.Message ("Roomtone says", text, LuaDialog.MessageType.Warning, LuaDialog.ButtonType.Close):run ()
		collectgarbage ()
	end

	-- Seconds of so many bars from a sample on, as the tempo map has them: exact across its changes.
	local function seconds_of_bars (bars, from)
		local map = Temporal.TempoMap.read ()
		local start = map:bbt_at (Temporal.timepos_t (from))
		local finish = map:bbt_walk (start, Temporal.BBT_Offset (bars, 0, 0))
		local first = map:sample_at_beats (map:quarters_at_bbt (start))
		local last = map:sample_at_beats (map:quarters_at_bbt (finish))
		return (last - first) / Session:nominal_sample_rate ()
	end

	local function tempo_at (from)
		-- A tick later: what lies on a change of tempo itself counts as before it.
		local map = Temporal.TempoMap.read ()
		local beats = map:quarters_at (Temporal.timepos_t (from)) + Temporal.Beats (0, 1)
		return map:tempo_at_beats (beats):quarter_notes_per_minute ()
	end

	local function ask ()
		local answer = LuaDialog.Dialog ("Roomtone", {
			{ type = "label",    title = "What shall be heard at the playhead, or at the start of the selected range?" },
			{ type = "entry",    key = "prompt",  title = "Scene",   default = asked.prompt },
			{ type = "dropdown", key = "length",  title = "Length",  default = asked.length,
			  values = { ["bars"] = "bars", ["seconds"] = "seconds", ["selection"] = "selection" } },
			{ type = "number",   key = "bars",    title = "Bars",    min = 1, max = 256, step = 1, digits = 0, default = asked.bars },
			{ type = "number",   key = "seconds", title = "Seconds", min = 1, max = 600, step = 1, digits = 3, default = asked.seconds },
			{ type = "dropdown", key = "where",   title = "Into",    default = asked.where,
			  values = { ["new track"] = "new track", ["selected track"] = "selected track" } },
		}):run ()
		collectgarbage ()
		return answer
	end

	-- Where the clip goes and how long it is: sample, seconds. Two nils and a sentence when that cannot be said.
	local function place (answer)
		local selected = Editor:get_selection ().time
		local from, to = selected:start_sample (), selected:end_sample ()
		if answer.length == "selection" then
			if from >= to then return nil, nil, "No range is selected: drag one in Range mode, or choose bars or seconds." end
			return from, (to - from) / Session:nominal_sample_rate ()
		end
		local at = from < to and from or Session:transport_sample ()
		if answer.length == "bars" then return at, seconds_of_bars (math.floor (answer.bars), at) end
		return at, answer.seconds
	end

	-- What the progress window shows for a reply that is so many microseconds old: a fraction and a text.
	local function shown (word, prompt, age)
		if not word[1] and age < SILENT then return 0, "asking Roomtone" end
		if not word[1] then return 0, "Roomtone does not answer. " .. START end
		if age > PATIENCE then return 0, "No news from Roomtone for a while. If it has ended: " .. START end
		if word[1] == "progress" then
			return math.max (0, math.min (tonumber (word[2]) or 0, 0.999)), (word[3] or "") .. ": " .. prompt
		end
		return 0, "waiting for its turn: " .. prompt
	end

	-- Waits beside the running editor, which handles its events in each turn of 10 ms. Returns a path, or nil and
	-- a sentence, which is empty when the user has cancelled.
	local function wait (reply_file, prompt, send)
		local window = LuaDialog.ProgressWindow ("Roomtone renders", true)
		local clock = ARDOUR.LuaAPI.monotonic_time
		local looked, sent, news, known, word = 0, clock (), clock (), "", {}
		while not window:canceled () do
			local now = clock ()
			if now - looked > 1e5 then
				looked = now
				local text = content (reply_file)
				if text ~= known then known, news, word = text, now, lines (text) end
				if word[1] == "done" or word[1] == "error" then break end
				-- Once more does no harm: a job is rendered once, and after a restart of Roomtone it is known anew.
				if now - sent > (word[1] and AFRESH or SILENT) then sent = now send () end
			end
			window:progress (shown (word, prompt, now - news))
			ARDOUR.LuaAPI.usleep (10000)
		end
		window:done ()
		collectgarbage ()
		if word[1] == "done" then return word[2] end
		if word[1] == "error" then return nil, word[3] or "Roomtone could not render this scene." end
		return nil, ""
	end

	local function tracks ()
		local found = {}
		for route in Session:get_tracks ():iter () do found[route:to_stateful ():id ():to_s ()] = route end
		return found
	end

	-- do_import says nothing when it fails, so the outcome is looked for.
	local function import (path, at, where, prompt)
		if not ARDOUR.LuaAPI.file_test (path, ARDOUR.LuaAPI.FileTest.Exists) then
			return "The clip is not there any more: " .. path
		end
		local before = tracks ()
		local files = C.StringVector ()
		files:push_back (path)
		Editor:do_import (files, Editing.ImportDistinctFiles,
			where == "selected track" and Editing.ImportToTrack or Editing.ImportAsTrack, ARDOUR.SrcQuality.SrcBest,
			ARDOUR.MidiTrackNameSource.SMFTrackName or ARDOUR.MidiTrackNameSource.SMFFileAndTrackName,
			ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore, Temporal.timepos_t (at), ARDOUR.PluginInfo (), ARDOUR.Track (), false)
		if where == "selected track" then return nil end
		for id, route in pairs (tracks ()) do
			if not before[id] then
				route:set_name (prompt:sub (1, 60))
				return nil
			end
		end
		return "Ardour did not take the clip. It is here, to be dragged in: " .. path
	end

	local function run ()
		local answer = ask ()
		if not answer then return end
		for key, value in pairs (answer) do asked[key] = value end
		if not answer.prompt:find ("%S") then return tell ("Say what shall be heard, for example: steady rain on a canvas tent") end
		local at, seconds, sentence = place (answer)
		if not at then return tell (sentence) end

		local mailbox = state_folder () .. "/mailbox"
		if not ARDOUR.LuaAPI.file_test (mailbox .. "/replies", ARDOUR.LuaAPI.FileTest.IsDir) then
			return tell ("Roomtone has not run here yet: there is no folder " .. mailbox .. "/replies. " .. START)
		end
		local port = content (state_folder () .. "/bridge.json"):match ('"udp_port"%s*:%s*(%d+)') or "9000"
		local osc = ARDOUR.LuaOSC.Address ("osc.udp://127.0.0.1:" .. port)
		local job = string.format ("ardour-%d-%06d", os and os.time () or 0, ARDOUR.LuaAPI.monotonic_time () % 1000000)
		local rate, bpm = Session:nominal_sample_rate (), tempo_at (at)
		local function send () -- its answer is no sign of success: Ardour compares it wrongly
			osc:send ("/roomtone/1/render", "ssfffs", job, answer.prompt, seconds, bpm, rate, mailbox .. "/replies")
		end
		local meter = Temporal.TempoMap.read ():meter_at (Temporal.timepos_t (at))
		osc:send ("/roomtone/1/transport", "fiif", bpm, math.floor (meter:divisions_per_bar ()),
			math.floor (meter:note_value ()), at / rate)
		send ()
		local reply_file = mailbox .. "/replies/" .. job .. ".reply"
		local path, complaint = wait (reply_file, answer.prompt, send)
		if path then complaint = import (path, at, answer.where, answer.prompt) end
		if path and not complaint then osc:send ("/roomtone/1/imported", "ss", job, path) end
		if complaint == "" then osc:send ("/roomtone/1/cancel", "s", job) end
		if os and os.remove then os.remove (reply_file) end
		if complaint and complaint ~= "" then tell (complaint) end
	end

	-- An error that leaves an action takes the action out of Ardour without a word.
	local fine, fault = pcall (run)
	collectgarbage ()
	if not fine then pcall (tell, "Roomtone's script failed: " .. tostring (fault)) end
end end
