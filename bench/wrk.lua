-- What one run of wrk asks for, and what it measured as the last line, in JSON. Latencies in microseconds.
-- Arguments, when more than one target is asked for: a file with a target on each line, and a seed.

local SOUTH, WEST, DEGREES = 43, -1, 7

local function position()
  return string.format("%.5f,%.5f", SOUTH + DEGREES * math.random(), WEST + DEGREES * math.random())
end

function init(args)
  if args[1] == nil then return end
  math.randomseed(tonumber(args[2]))
  local targets, last = {}, 0
  for line in io.lines(args[1]) do targets[#targets + 1] = line end
  request = function()
    last = last % #targets + 1
    return wrk.format("GET", (targets[last]:gsub("{position}", position)))
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"bytes":%d,' ..
    '"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.bytes,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
