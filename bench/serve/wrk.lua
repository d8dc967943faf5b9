-- Sends the request targets of a file (one a line) in turn, and prints what was measured as JSON on a line of its own.
-- Arguments after "--": the file, and the media type to accept.

function init(args)
   wrk.headers["Accept"] = args[2]
   requests, current = {}, 0
   for target in io.lines(args[1]) do
      requests[#requests + 1] = wrk.format("GET", target)
   end
end

function request()
   current = current % #requests + 1
   return requests[current]
end

function done(summary, latency, _)
   local errors = summary.errors
   print(string.format(
      'MEASURED {"requests": %d, "seconds": %f, "refused": %d, "broken": %d, "p50": %f, "p99": %f}',
      summary.requests, summary.duration / 1e6, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
