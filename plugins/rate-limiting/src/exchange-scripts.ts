import type { Algorithm } from './rules.ts'
import { scriptOf } from './redis-scripts.ts'
import type { Script } from './redis-scripts.ts'

/*
 * What gateways tell each other by Redis every now and then, under the keys under which they count there when they ask
 * for each connection: both may be mixed. Each script gets the keys of one client and answers with a list for each.
 */

/** Arguments for each key: how many more, and the milliseconds after which the window is forgotten. Answer: the sum. */
const fixedWindow = `
local heard = {}
for i, key in ipairs(KEYS) do
  local more, sum = tonumber(ARGV[2 * i - 1])
  if more > 0 then
    sum = redis.call('INCRBY', key, more)
    if sum == more then redis.call('PEXPIRE', key, ARGV[2 * i]) end
  else sum = tonumber(redis.call('GET', key) or '0') end
  heard[i] = { tostring(sum) }
end
return heard`

/** Arguments for each key: how many more, and the milliseconds in which one comes back. Answer: those until all are back. */
const tokenBucket = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local heard = {}
for i, key in ipairs(KEYS) do
  local more, every = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now) + more * every
  if more > 0 then
    redis.call('SET', key, string.format('%.3f', full), 'PX', math.max(1, math.ceil(full - now)))
  end
  heard[i] = { string.format('%.3f', full - now) }
end
return heard`

/**
 * Arguments for each key: the time, the milliseconds after which each comes back, the number of groups, and of each
 * group its number and how many more. Answer: all groups that are not back, in turns with how many are in them. The
 * time is the gateway's: what it counts by itself and what it hears must fall into the same groups.
 */
const slidingWindow = `
local read = 0
local function argument()
  read = read + 1
  return ARGV[read]
end
local heard = {}
for i, key in ipairs(KEYS) do
  local now, after, more = tonumber(argument()), tonumber(argument()), tonumber(argument())
  local width = math.max(1, after / 100)
  for j = 1, more do
    local group = argument()
    redis.call('HINCRBY', key, group, argument())
  end
  local groups, left = redis.call('HGETALL', key), {}
  for j = 1, #groups, 2 do
    if tonumber(groups[j]) * width + after <= now then redis.call('HDEL', key, groups[j])
    else
      table.insert(left, groups[j])
      table.insert(left, groups[j + 1])
    end
  end
  if more > 0 then redis.call('PEXPIRE', key, math.ceil(after + width)) end
  heard[i] = left
end
return heard`

export const exchangeScripts: { readonly [A in Algorithm]: Script } = {
  'fixed-window': scriptOf(fixedWindow),
  'sliding-window': scriptOf(slidingWindow),
  'token-bucket': scriptOf(tokenBucket),
}
