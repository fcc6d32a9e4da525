ardour {
	["type"]    = "EditorHook",
	name        = "Roomtone: inbox",
	license     = "GPL-3.0-or-later",
	author      = "Roomtone",
	description = [[Imports every clip that Roomtone's panel sends to the DAW, at the playhead, on a track of its own.]]
}

function signals () return LuaSignal.Set ():add ({ [LuaSignal.LuaTimerDS] = true }) end

-- Roomtone drops whole files named 1 to 9 into <mailbox>/ardour-inbox: the path of a clip a line. Ten times a second
-- one of the nine names is looked at until one is there, so that a turn costs next to nothing.
function factory ()
	local STATE = "@ROOMTONE_STATE@"
	local NAMES = 9
	local exists, turn, busy, folder = ARDOUR.LuaAPI.FileTest.Exists, 0, false, nil

	local function state_folder ()
		if STATE:sub (1, 1) ~= "@" then return STATE end
		-- Copied by hand: the places that Roomtone uses by itself.
		local home = os.getenv ("HOME") or ""
		if os.getenv ("ROOMTONE_HOME") then return os.getenv ("ROOMTONE_HOME") .. "/state" end
		if os.getenv ("LOCALAPPDATA") then return (os.getenv ("LOCALAPPDATA"):gsub ("\\", "/")) .. "/roomtone" end
		if ARDOUR.LuaAPI.file_test (home .. "/Library/Application Support", ARDOUR.LuaAPI.FileTest.IsDir) then
			return home .. "/Library/Application Support/roomtone"
		end
		return (os.getenv ("XDG_STATE_HOME") or home .. "/.local/state") .. "/roomtone"
	end

	local function import (path)
		if not ARDOUR.LuaAPI.file_test (path, exists) then return end
		local files = C.StringVector ()
		files:push_back (path)
		Editor:do_import (files, Editing.ImportDistinctFiles, Editing.ImportAsTrack, ARDOUR.SrcQuality.SrcBest,
			ARDOUR.MidiTrackNameSource.SMFTrackName or ARDOUR.MidiTrackNameSource.SMFFileAndTrackName,
			ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore, Temporal.timepos_t (Session:transport_sample ()),
			ARDOUR.PluginInfo (), ARDOUR.Track (), false)
		local bridge = state_folder () .. "/bridge.json"
		local port = ARDOUR.LuaAPI.file_test (bridge, exists)
			and (ARDOUR.LuaAPI.file_get_contents (bridge) or ""):match ('"udp_port"%s*:%s*(%d+)') or "9000"
		ARDOUR.LuaOSC.Address ("osc.udp://127.0.0.1:" .. port):send ("/roomtone/1/imported", "ss", "inbox", path)
	end

	local function look ()
		-- Without os (the sandbox of Ardour 8) a file could be read but not taken away, and would come in for ever.
		if not (os and os.rename and Session) then return end
		folder = folder or state_folder () .. "/mailbox/ardour-inbox/"
		turn = turn % NAMES + 1
		if not ARDOUR.LuaAPI.file_test (folder .. turn, exists) then return end
		-- Taken first: what comes under the same name from now on is another letter.
		local taken = folder .. "taken"
		if not os.rename (folder .. turn, taken) then return end
		local text = ARDOUR.LuaAPI.file_get_contents (taken) or ""
		os.remove (taken)
		for path in text:gmatch ("[^\n]+") do import (path) end
	end

	return function (signal, ref, ...)
		if busy then return end
		busy = true
		-- An error that leaves a hook takes the hook out of Ardour without a word.
		pcall (look)
		collectgarbage ()
		busy = false
	end
end
