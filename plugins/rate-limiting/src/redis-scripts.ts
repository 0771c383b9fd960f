import { createHash } from 'node:crypto'
import type { Algorithm } from './rules.ts'

/** A script as Redis knows it: by its text, and by the SHA-1 of that once it has seen it. */
export interface Script {
  readonly text: string
  readonly sha: string
}

/*
 * Each script gets one key for each limit, and two arguments for each key; it answers 1 when the connection is within
 * all of them, and then it is counted in all; else 0, and nothing has changed. Redis runs a script as a whole, so that
 * the answer is exact whoever asks at the same time. What comes back by itself does so by the clock of Redis: the
 * gateways' own need not agree.
 */

/** Arguments: the limit, and the milliseconds after which the window is forgotten. */
const fixedWindow = `
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then return 0 end
end
for i, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i]) end
end
return 1`

const clock = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000`

/** Arguments: the limit, and the milliseconds in which one comes back. The value is the moment when all are back. */
const tokenBucket = `${clock}
local full = {}
for i, key in ipairs(KEYS) do
  local limit, every = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  full[i] = math.max(tonumber(redis.call('GET', key) or '0'), now) + every
  if full[i] > now + limit * every + 0.001 then return 0 end
end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.3f', full[i]), 'PX', math.ceil(full[i] - now))
end
return 1`

/** Arguments: the limit, and the milliseconds after which each comes back; those of a hundredth of that do so together. */
const slidingWindow = `${clock}
local gone = {}
for i, key in ipairs(KEYS) do
  local limit, after = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local width = math.max(1, after / 100)
  local groups, out = redis.call('HGETALL', key), 0
  gone[i] = {}
  for j = 1, #groups, 2 do
    if tonumber(groups[j]) * width + after <= now then table.insert(gone[i], groups[j])
    else out = out + tonumber(groups[j + 1]) end
  end
  if out >= limit then return 0 end
end
for i, key in ipairs(KEYS) do
  local after = tonumber(ARGV[2 * i])
  local width = math.max(1, after / 100)
  if #gone[i] > 0 then redis.call('HDEL', key, unpack(gone[i])) end
  redis.call('HINCRBY', key, string.format('%.0f', math.ceil(now / width)), 1)
  redis.call('PEXPIRE', key, math.ceil(after + width))
end
return 1`

export const scripts: { readonly [A in Algorithm]: Script } = {
  'fixed-window': scriptOf(fixedWindow),
  'sliding-window': scriptOf(slidingWindow),
  'token-bucket': scriptOf(tokenBucket),
}

export function scriptOf(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') }
}
