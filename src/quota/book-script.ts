/**
 * The booking of window.ts as a script of Redis: one call, one slot, exact, whoever asks.
 *
 * KEYS[1]: the log, a list. Its first element is the head: "b BIRTH PAUSED-UNTIL SERVER"; the rest are times in order. Head and times
 * are one key, so that they are lost together. It has no expiry: an eviction policy of the kind volatile-* leaves it alone, and an
 * idle organization's log does not become young again.
 * KEYS[2]: the frontend's times, when it has a cap; expires by itself. Losing it loosens that cap for a window, never the budget.
 *
 * A look writes the head again although it is the same: so it fails where a booking would (full, read-only), and tells the truth.
 *
 * SERVER is the run id of the Redis that executes the script (reading it costs 3 µs): a log that was restored from an older file, or
 * that came to a replica with its last entries missing, is not believed.
 */

/** Redis's own clock in milliseconds: the only one that counts. */
const REDIS_CLOCK = "now_of(redis.call('TIME'))";

/**
 * ARGV: take (1 or 0), windowMs, youthMs, horizonMs, clockStepMs, line, maxWaitMs, pauseMs, cap (-1: none), maxPauseMs.
 * Returns: verdict (its place in VERDICTS), at, now, used, pausedMs, youngMs.
 * @param clock a Lua expression for the time; only tests give one
 */
export function bookScript(clock: string = REDIS_CLOCK): string {
  return `
local function now_of(time) return time[1] * 1000 + math.floor(time[2] / 1000) end
local log, caps = KEYS[1], KEYS[2]
local window, youth = tonumber(ARGV[2]), tonumber(ARGV[3])
local limit = tonumber(ARGV[4]) + tonumber(ARGV[5])
local line, wait = tonumber(ARGV[6]), tonumber(ARGV[7])
local now = ${clock}

local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or '-'

local function forget(list, first, size)
  local gone = 0
  while gone < 32 and gone < size do
    local time = tonumber(redis.call('LINDEX', list, first + gone))
    if time and time > now - window then break end
    gone = gone + 1
  end
  return gone
end

local function free_at(list, count, size)
  if count < 1 then return now + window end
  if size < count then return 0 end
  return (tonumber(redis.call('LINDEX', list, -count)) or now) + window
end

local head = redis.pcall('LINDEX', log, 0)
local birth, paused, home
if type(head) == 'string' then birth, paused, home = string.match(head, '^b (%d+) (%d+) (%S+)$') end
birth, paused = tonumber(birth), tonumber(paused) or 0
if paused > now + tonumber(ARGV[10]) then paused = 0 end

local size = birth and redis.call('LLEN', log) - 1 or 0
local newest = 0
if size > 0 then newest = tonumber(redis.call('LINDEX', log, -1)) end
if not birth or home ~= server or birth > now + tonumber(ARGV[5]) or not newest or newest > now + limit then
  birth, size, newest, head = now, 0, 0, nil
  redis.call('DEL', log)
end

local pause = tonumber(ARGV[8])
if pause > 0 and now + pause > paused then paused = now + pause end
local gone = head and forget(log, 1, size) or 0
size = size - gone
if size == 0 then newest = 0 end
local new_head = string.format('b %.0f %.0f %s', birth, paused, server)
if not head then
  redis.call('RPUSH', log, new_head)
elseif gone > 0 or new_head ~= head or ARGV[1] ~= '1' then
  redis.call('LSET', log, gone, new_head)
  if gone > 0 then redis.call('LTRIM', log, gone, -1) end
end

local young = math.max(0, birth + youth - now)
local function reply(verdict, at)
  return { verdict, at, now, size, math.max(0, paused - now), young }
end
if ARGV[1] ~= '1' then return reply(0, now) end
if young > 0 then return reply(5, now + young) end

local at = math.max(now, paused, newest, free_at(log, line, size))
if at - now > wait then return reply(paused - now > wait and 4 or 2, at) end
local cap = tonumber(ARGV[9])
if cap >= 0 then
  local count = redis.pcall('LLEN', caps)
  if type(count) ~= 'number' or count > 0 and (tonumber(redis.call('LINDEX', caps, -1)) or now + limit + 1) > now + limit then
    redis.call('DEL', caps)
    count = 0
  end
  local old = forget(caps, 0, count)
  if old > 0 then redis.call('LTRIM', caps, old, -1) end
  local free = free_at(caps, cap, count - old)
  if free > at then return reply(3, free) end
  redis.call('RPUSH', caps, at)
  redis.call('PEXPIRE', caps, window + limit)
end
redis.call('RPUSH', log, at)
size = size + 1
return reply(1, at)
`;
}
