-- For wrk: posts one body again and again, counts the answers that lack the expected word,
-- and prints one line that bench/run reads. Arguments: file of the body, word of a good answer.
local bad = 0

function init(args)
	local f = assert(io.open(args[1], "rb"))
	wrk.method, wrk.body = "POST", f:read("*a")
	f:close()
	wrk.headers["Content-Type"] = "text/xml"
	word = args[2]
end

function response(status, headers, body)
	if status ~= 200 or not body:find(word, 1, true) then
		bad = bad + 1
		wrk.thread:set("bad", bad)
	end
end

local threads = {}
function setup(thread)
	thread:set("bad", 0)
	table.insert(threads, thread)
end

function done(summary, latency, requests)
	local wrong = 0
	for _, thread in ipairs(threads) do
		wrong = wrong + thread:get("bad")
	end
	local e = summary.errors
	io.write(string.format("RESULT %f %f %f %d\n", summary.requests / (summary.duration / 1e6),
		latency:percentile(50) / 1000, latency:percentile(99) / 1000, wrong + e.connect + e.read + e.write + e.timeout))
end
