-- A small true REAPER for one script: lua reaper_stub.lua API SCENARIO SCRIPT
-- API is the table of published functions, as Lua text: every call is checked against it, in number and types of
-- its arguments. SCENARIO is Lua text that returns what the user does and how the project is. What happened is
-- printed as lines at the end.

local api, scenario = dofile (arg[1]), dofile (arg[2])
if scenario.no_socket then package.cpath = "" end

local tracks, items, projects = {}, {}, { { kind = "p" }, { kind = "p" } }
local ext, messages, undo, helps = {}, {}, {}, {}
local cursor, project, deferred, leaving, insert_mode = scenario.cursor, projects[1], nil, nil, nil
for index = 1, scenario.tracks or 0 do tracks[index] = { kind = "t", selected = index == scenario.selected_track } end

local function bar_length (bar) -- quarter notes and seconds of a bar, counted from 0
	local numerator, denominator, bpm = 4, 4, 120
	for _, change in ipairs (scenario.tempo) do
		if change.bar <= bar then numerator, denominator, bpm = change.num, change.den, change.bpm end
	end
	return numerator, denominator, bpm, numerator * 4 / denominator * 60 / bpm
end

local function bar_at (time)
	local bar = 0
	while true do
		local _, _, _, seconds = bar_length (bar)
		if time < seconds - 1e-9 then return bar, math.max (time, 0) end
		time, bar = time - seconds, bar + 1
	end
end

local model = {}
function model.GetCursorPosition () return cursor end
function model.SetEditCurPos (time) cursor = time end
function model.GetSet_LoopTimeRange () return scenario.from or 0.0, scenario.to or 0.0 end
function model.GetOS () return "Other" end
function model.GetResourcePath () return scenario.resources end
function model.GetExtState (section, key) return ext[section .. "." .. key] or "" end
function model.SetExtState (section, key, value) ext[section .. "." .. key] = value end
function model.GetUserInputs (_, count, captions, before)
	local separator = captions:match ("separator=(.)") or ","
	local _, fields = before:gsub ("%" .. separator, "")
	assert (fields + 1 == count, "as many values as fields")
	return scenario.typed ~= nil, scenario.typed or ""
end
function model.TimeMap2_timeToBeats (_, time)
	local bar, into = bar_at (time)
	local numerator, denominator, bpm = bar_length (bar)
	return into * bpm / 60 * denominator / 4, bar, numerator, 0.0, denominator
end
function model.TimeMap2_beatsToTime (_, beats, bar)
	local time = 0.0
	for earlier = 0, bar - 1 do time = time + select (4, bar_length (earlier)) end
	local _, denominator, bpm = bar_length (bar)
	return time + beats * 4 / denominator * 60 / bpm
end
function model.TimeMap_GetTimeSigAtTime (_, time) return bar_length ((bar_at (time))) end
function model.GetSetProjectInfo (_, key)
	assert (key == "PROJECT_SRATE" or key == "PROJECT_SRATE_USE")
	return key == "PROJECT_SRATE" and (scenario.rate or 44100.0) or (scenario.rate and 1.0 or 0.0)
end
function model.EnumProjects (index) assert (index == -1) return project, "" end
function model.GetSelectedTrack (_, index)
	for _, track in ipairs (tracks) do
		if track.selected then if index == 0 then return track end index = index - 1 end
	end
end
function model.ValidatePtr2 (_, thing) return thing ~= nil end
function model.SetOnlyTrackSelected (chosen) for _, track in ipairs (tracks) do track.selected = track == chosen end end
function model.InsertMedia (path, mode)
	insert_mode = mode
	if scenario.refuses_media then return 0 end
	local track = mode == 1 and { kind = "t" } or model.GetSelectedTrack (0, 0)
	if mode == 1 then tracks[#tracks + 1] = track model.SetOnlyTrackSelected (track) end
	local source = { kind = "c", path = path }
	local item = { kind = "m", track = track, at = cursor, length = 0.0 }
	item.take = { kind = "k", source = source, name = path }
	for _, other in ipairs (items) do other.selected = false end
	item.selected = not scenario.selects_nothing
	items[#items + 1] = item
	cursor = cursor + 1
	return 1
end
function model.CountMediaItems () return #items end
function model.GetMediaItem (_, index) return items[index + 1] end
local function selected_items ()
	local found = {}
	for _, item in ipairs (items) do if item.selected then found[#found + 1] = item end end
	return found
end
function model.CountSelectedMediaItems () return #selected_items () end
function model.GetSelectedMediaItem (_, index) return selected_items ()[index + 1] end
function model.GetActiveTake (item) return item.take end
function model.GetMediaItemTake_Source (take) return take.source end
function model.GetMediaSourceFileName (source) return source.path end
function model.SetMediaItemInfo_Value (item, key, value)
	item[({ D_POSITION = "at", D_LENGTH = "length" })[key]] = value
	return true
end
function model.GetSetMediaItemTakeInfo_String (take, key, value) assert (key == "P_NAME") take.name = value return true, value end
function model.Undo_BeginBlock () assert (not undo.open) undo.open = true end
function model.Undo_EndBlock (name) assert (undo.open) undo.open = false undo[#undo + 1] = name end
local refresh = 0
function model.PreventUIRefresh (step) refresh = refresh + step end
function model.UpdateArrange () end
function model.Help_Set (text) helps[#helps + 1] = text end
function model.ShowMessageBox (text, _, kind)
	messages[#messages + 1] = text:gsub ("\n", " ")
	if kind == 5 then return (scenario.retries or 0) >= #messages and 4 or 2 end
	return 1
end
function model.file_exists (path) local file = io.open (path) if file then file:close () end return file ~= nil end
local function now () return os.time () end
if pcall (require, "socket.core") then now = require ("socket.core").gettime end
local ticks = 0
function model.time_precise () if scenario.no_socket then return ticks * 0.05 end return now () end
function model.defer (what) deferred = what end
function model.atexit (what) leaving = what end

local KINDS = { s = "string", b = "boolean", f = "function" }
local function fits (kind, value)
	if kind == "a" then return true end
	if kind == "i" then return math.type (value) == "integer" or (math.type (value) == "float" and value == math.floor (value)) end
	if kind == "n" then return type (value) == "number" end
	if kind == "p" then return value == 0 or value == nil or value.kind == "p" end
	if KINDS[kind] then return type (value) == KINDS[kind] end
	return type (value) == "table" and value.kind == kind
end

reaper = setmetatable ({}, { __index = function (_, name)
	local signature = api[name] or error ("REAPER publishes no function " .. name)
	local kinds, required = signature[1]:gsub ("%?", ""), #signature[1]:gsub (".%?", "")
	local act = model[name] or error ("the stub does not play " .. name)
	return function (...)
		local count = select ("#", ...)
		assert (count >= required and count <= #kinds, name .. " takes " .. #kinds .. " arguments, not " .. count)
		for place = 1, count do
			local value = select (place, ...)
			assert (fits (kinds:sub (place, place), value), name .. ": argument " .. place .. " is " .. tostring (value))
		end
		return act (...)
	end
end })

dofile (arg[3])
local slowest, finish = 0, os.time () + (scenario.patience or 20)
while deferred and os.time () < finish do
	local turn = deferred
	deferred = nil
	ticks = ticks + 1
	if scenario.other_project and ticks < 10 then project = projects[2] else project = projects[1] end
	if scenario.no_socket then os.execute ("sleep 0.05") else require ("socket.core").sleep (0.03) end
	local start = os.clock ()
	turn ()
	slowest = math.max (slowest, os.clock () - start)
end
if leaving then leaving () end
assert (refresh == 0, "the user interface is left frozen")
for index, item in ipairs (items) do
	print ("item", item.take.name, string.format ("%.9f", item.at), string.format ("%.9f", item.length), item.take.source.path)
	for place, track in ipairs (tracks) do if track == item.track then print ("track", index, place, #tracks) end end
end
for _, text in ipairs (messages) do print ("message", text) end
for _, text in ipairs (helps) do print ("help", text) end
for _, name in ipairs (undo) do print ("undo", name) end
print ("cursor", cursor)
print ("slowest", string.format ("%.6f", slowest))
print ("still", deferred and "running" or "ended")
