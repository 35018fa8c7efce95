-- SPDX-License-Identifier: MIT
-- The steady part of the load: wrk asks, and looks at every answer.
local threads = {}
wrong = 0
turn = 0

function setup(thread)
    table.insert(threads, thread)
end

function request()
    turn = turn + 1
    if turn % 3 == 0 then
        return wrk.format("GET", "/users/" .. turn)
    end
    return wrk.format("GET", turn % 3 == 1 and "/quick" or "/rows/50")
end

local rows = {}
for row = 0, 49 do
    rows[#rows + 1] = tostring(row)
end
rows = "[" .. table.concat(rows, ",") .. "]"

function is_right(status, body)
    if status ~= 200 then
        return false
    end
    local id, length = body:match('^{"id":"(%d+)","length":(%d+),')
    if id then
        return #id == tonumber(length)
    end
    return body == "quick" or body == rows
end

function response(status, headers, body)
    if not is_right(status, body) then
        wrong = wrong + 1
    end
end

function done(summary, latency, requests)
    local all = 0
    for _, thread in ipairs(threads) do
        all = all + thread:get("wrong")
    end
    local e = summary.errors
    print(string.format("weight %d wrong %d errors %d", summary.requests, all,
        e.connect + e.read + e.write + e.status + e.timeout))
end
