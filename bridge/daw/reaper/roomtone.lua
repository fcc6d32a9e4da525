-- Roomtone for REAPER 6 and 7: asks for a scene in words, has Roomtone render it, and inserts the clip at the edit
-- cursor or at the start of the time selection, in one undo step.
--
-- Load it with Actions > Show action list > New action > Load ReaScript. It speaks OSC where LuaSocket is installed
-- (ReaPack: mavriq-lua-sockets), and otherwise writes into Roomtone's mailbox, which needs nothing. It waits in
-- REAPER's defer loop and holds nothing up. Licence: GPL-3.0-or-later

local STATE = "@ROOMTONE_STATE@"
local PREFIX = "/roomtone/1/"
local START = "Start it with: roomtone bridge"
local AGAIN_S, AFRESH_S, SILENT_S, PATIENCE_S, LOOK_S = 2, 10, 4, 30, 0.2
local RETRY = 4 -- what a message box of type 5 returns for it

local function state_folder ()
  if STATE:sub (1, 1) ~= "@" then return STATE end
  -- Copied by hand: the places that Roomtone uses by itself.
  local home, system = os.getenv ("HOME") or "", reaper.GetOS ()
  if os.getenv ("ROOMTONE_HOME") then return os.getenv ("ROOMTONE_HOME") .. "/state" end
  if system:find ("Win") then return ((os.getenv ("LOCALAPPDATA") or ""):gsub ("\\", "/")) .. "/roomtone" end
  if system:find ("OSX") or system:find ("macOS") then return home .. "/Library/Application Support/roomtone" end
  return (os.getenv ("XDG_STATE_HOME") or home .. "/.local/state") .. "/roomtone"
end

local function content (path)
  local file = io.open (path, "rb")
  if not file then return nil end
  local text = file:read ("*a")
  file:close ()
  return text
end

-- OSC 1.0, text (s), whole numbers (i) and numbers (f) only ------------------------------------------------------

local function padded (text) return text .. string.rep ("\0", 4 - #text % 4) end

local function encode (word, tags, values)
  local parts = { padded (PREFIX .. word), padded ("," .. tags) }
  for place = 1, #tags do
    local tag, value = tags:sub (place, place), values[place]
    parts[#parts + 1] = tag == "s" and padded (value) or string.pack (tag == "i" and ">i4" or ">f", value)
  end
  return table.concat (parts)
end

local function text_at (packet, place)
  local finish = packet:find ("\0", place, true) or #packet + 1
  return packet:sub (place, finish - 1), place + ((finish - place) // 4 + 1) * 4
end

-- The word after the prefix and the values, or nil for what is none of ours.
local function decode (packet)
  local address, place = text_at (packet, 1)
  if address:sub (1, #PREFIX) ~= PREFIX then return nil end
  local tags, values = nil, {}
  tags, place = text_at (packet, place)
  for tag in tags:sub (2):gmatch (".") do
    local value
    if tag == "s" then value, place = text_at (packet, place)
    elseif tag == "i" then value, place = string.unpack (">i4", packet, place)
    elseif tag == "f" then value, place = string.unpack (">f", packet, place)
    else return nil end
    values[#values + 1] = value
  end
  return address:sub (#PREFIX + 1), values
end

-- Two ways to Roomtone, with the same two functions: send (word, tags, values) and news (), the latest answer -----

local function by_socket (job)
  local folder = reaper.GetResourcePath () .. "/Scripts/Mavriq ReaScript Repository/Various/Mavriq-Lua-Sockets/"
  package.cpath = package.cpath .. ";" .. folder .. "?.so;" .. folder .. "?.dll"
  local found, socket = pcall (require, "socket.core")
  if not found then return nil end
  local udp = socket.udp ()
  udp:settimeout (0)
  udp:setsockname ("127.0.0.1", 0)
  local port = tonumber ((content (state_folder () .. "/bridge.json") or ""):match ('"udp_port"%s*:%s*(%d+)')) or 9000
  return {
    send = function (word, tags, values) udp:sendto (encode (word, tags, values), "127.0.0.1", port) end,
    news = function ()
      local latest
      for _ = 1, 32 do
        local packet = udp:receivefrom ()
        if not packet then break end
        local fine, word, values = pcall (decode, packet)
        if fine and word and values[1] == job then latest = { word, table.unpack (values, 2) } end
        if latest and (latest[1] == "done" or latest[1] == "error") then break end
      end
      return latest
    end,
    close = function () udp:close () end,
  }
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function json (value)
  if type (value) == "number" then return math.type (value) == "integer" and tostring (value) or string.format ("%.17g", value) end
  return '"' .. value:gsub ('["\\]', ESCAPES):gsub ("%c", function (sign) return string.format ("\\u%04x", sign:byte ()) end) .. '"'
end

local function by_mailbox (job)
  local mailbox = state_folder () .. "/mailbox"
  local reply, known, sent = mailbox .. "/replies/" .. job .. ".reply", nil, 0
  return {
    send = function (word, tags, values)
      sent = sent + 1
      local name, texts = mailbox .. "/requests/" .. job .. "-" .. sent, {}
      for place = 1, #tags do texts[place] = json (values[place]) end
      local file = io.open (name .. ".part", "wb")
      if not file then return end -- no Roomtone has run here: silence, which is spoken of
      file:write ('{"address": ', json (PREFIX .. word), ', "args": [', table.concat (texts, ", "), "]}")
      file:close ()
      os.rename (name .. ".part", name .. ".json")
    end,
    news = function ()
      local text = content (reply)
      if not text or text == known then return nil end
      known = text
      local latest = {}
      for line in text:gmatch ("([^\n]*)\n") do latest[#latest + 1] = line end
      return latest[1] and latest or nil
    end,
    close = function () os.remove (reply) end,
  }
end

-- What is asked for ----------------------------------------------------------------------------------------------

local function remembered (key, otherwise)
  local value = reaper.GetExtState ("roomtone", key)
  return value ~= "" and value or otherwise
end

-- Prompt, length and track as the user typed them; nil when cancelled.
local function ask (has_selection)
  local length = has_selection and "selection" or remembered ("length", "4 bars")
  local before = table.concat ({ remembered ("prompt", "steady rain on a canvas tent"), length, remembered ("track", "new") }, "|")
  local captions = "Scene,Length (4 bars or 10 s or selection),Track (new or selected),extrawidth=260,separator=|"
  local fine, typed = reaper.GetUserInputs ("Roomtone", 3, captions, before)
  if not fine then return nil end
  local prompt, length_typed, track = typed:match ("^(.*)|([^|]*)|([^|]*)$")
  if not prompt then return nil end
  reaper.SetExtState ("roomtone", "prompt", prompt, true)
  reaper.SetExtState ("roomtone", "track", track, true)
  if not length_typed:find ("selection") then reaper.SetExtState ("roomtone", "length", length_typed, true) end
  return prompt, length_typed, track
end

-- Exact across changes of tempo and meter: from a place in one bar to the same place so many bars on.
local function seconds_of_bars (bars, from)
  local beats, measure = reaper.TimeMap2_timeToBeats (0, from)
  return reaper.TimeMap2_beatsToTime (0, beats, measure + bars) - from
end

-- Where and how long, in seconds; nil, nil and a sentence when that cannot be said.
local function place (length, from, to)
  local at = from < to and from or reaper.GetCursorPosition ()
  local number, unit = length:match ("^%s*([%d.]+)%s*(%a*)")
  number = tonumber (number)
  if length:find ("^%s*sel") or length:find ("^%s*$") then
    if from < to then return from, to - from end
    return nil, nil, "There is no time selection: drag one in the ruler, or type a length such as 4 bars or 10 s."
  end
  if number and number > 0 and unit:find ("^s") then return at, number end
  if number and number >= 1 and (unit == "" or unit:find ("^b")) then return at, seconds_of_bars (math.floor (number), at) end
  return nil, nil, "The length '" .. length .. "' is not understood: type for example 4 bars, 10 s or selection."
end

local function project_rate ()
  if reaper.GetSetProjectInfo (0, "PROJECT_SRATE_USE", 0, false) == 0 then return 0.0 end -- Roomtone's own
  return reaper.GetSetProjectInfo (0, "PROJECT_SRATE", 0, false)
end

-- What comes back ------------------------------------------------------------------------------------------------

local function item_of (path)
  local function is_it (item)
    local take = item and reaper.GetActiveTake (item)
    local source = take and reaper.GetMediaItemTake_Source (take)
    return source and reaper.GetMediaSourceFileName (source) == path and take
  end
  for index = 0, reaper.CountSelectedMediaItems (0) - 1 do
    local item = reaper.GetSelectedMediaItem (0, index)
    local take = is_it (item)
    if take then return item, take end
  end
  for index = reaper.CountMediaItems (0) - 1, 0, -1 do
    local item = reaper.GetMediaItem (0, index)
    local take = is_it (item)
    if take then return item, take end
  end
end

-- Returns a sentence when REAPER did not take the clip.
local function insert (wish, path)
  if not reaper.file_exists (path) then return "The clip is not there any more: " .. path end
  local cursor = reaper.GetCursorPosition ()
  reaper.Undo_BeginBlock ()
  reaper.PreventUIRefresh (1)
  local on_track = wish.track and reaper.ValidatePtr2 (0, wish.track, "MediaTrack*")
  if on_track then reaper.SetOnlyTrackSelected (wish.track) end
  reaper.SetEditCurPos (wish.at, false, false)
  reaper.InsertMedia (path, on_track and 0 or 1)
  reaper.SetEditCurPos (cursor, false, false)
  local item, take = item_of (path)
  if item then
    reaper.SetMediaItemInfo_Value (item, "D_POSITION", wish.at)
    reaper.SetMediaItemInfo_Value (item, "D_LENGTH", wish.seconds)
    reaper.GetSetMediaItemTakeInfo_String (take, "P_NAME", wish.prompt, true)
  end
  reaper.PreventUIRefresh (-1)
  reaper.UpdateArrange ()
  reaper.Undo_EndBlock ("Roomtone: " .. wish.prompt, -1)
  if not item then return "REAPER did not take the clip. It is here, to be dragged in: " .. path end
end

local function tell (text) reaper.ShowMessageBox (text, "Roomtone", 0) end

local function main ()
  local from, to = reaper.GetSet_LoopTimeRange (false, false, 0, 0, false)
  local prompt, length, track = ask (from < to)
  if not prompt then return end
  if not prompt:find ("%S") then return tell ("Say what shall be heard, for example: steady rain on a canvas tent") end
  local at, seconds, sentence = place (length, from, to)
  if not at then return tell (sentence) end
  local wish = { prompt = prompt, at = at, seconds = seconds, project = reaper.EnumProjects (-1),
    track = track:find ("^%s*[sS]el") and reaper.GetSelectedTrack (0, 0) or nil }

  local job = string.format ("reaper-%d-%06d", os.time (), math.floor (reaper.time_precise () * 1e6) % 1000000)
  local way = by_socket (job) or by_mailbox (job)
  local num, den, bpm = reaper.TimeMap_GetTimeSigAtTime (0, at)
  local rate = project_rate ()
  local function send () way.send ("render", "ssfff", { job, prompt, seconds, bpm, rate }) end
  local ended, heard, path = false, false, nil
  local now = reaper.time_precise ()
  local sent, news, looked = now, now, 0

  local function finish (text)
    ended = true
    reaper.Help_Set ("", false)
    if text then tell (text) end
  end

  local function take_in (answer)
    if not answer then return end
    heard, news = true, reaper.time_precise ()
    if answer[1] == "progress" then
      reaper.Help_Set (string.format ("Roomtone: %d %% %s", math.floor (100 * (tonumber (answer[2]) or 0)), answer[3] or ""), true)
    elseif answer[1] == "accepted" then reaper.Help_Set ("Roomtone: waiting for its turn", true)
    elseif answer[1] == "error" then finish (answer[3] or "Roomtone could not render this scene.")
    elseif answer[1] == "done" then path = answer[2] end
  end

  local function place_clip ()
    if reaper.EnumProjects (-1) ~= wish.project then
      return reaper.Help_Set ("Roomtone: the clip is ready; go back to its project and it comes in", true)
    end
    local complaint = insert (wish, path)
    if not complaint then way.send ("imported", "ss", { job, path }) end
    finish (complaint)
  end

  local function complain ()
    local silence = heard and "There was no news from Roomtone for a while." or "Roomtone does not answer."
    if reaper.ShowMessageBox (silence .. " " .. START .. "\n\nThen go on waiting?", "Roomtone", 5) ~= RETRY then return finish () end
    news = reaper.time_precise ()
    sent = news
    send ()
  end

  local function turn ()
    local time = reaper.time_precise ()
    if not path and time - looked > LOOK_S then looked = time take_in (way.news ()) end
    if path then place_clip ()
    elseif not ended and time - news > (heard and PATIENCE_S or SILENT_S) then complain ()
    elseif not ended and time - sent > (heard and AFRESH_S or AGAIN_S) then sent = time send () end
  end

  local function loop ()
    local fine, fault = pcall (turn)
    if not fine then finish ("Roomtone's script failed: " .. tostring (fault)) end
    if not ended then reaper.defer (loop) end
  end

  reaper.atexit (function ()
    if not ended and not path then way.send ("cancel", "s", { job }) end
    way.close ()
  end)
  way.send ("transport", "fiif", { bpm, num, den, at })
  send ()
  loop ()
end

main ()
