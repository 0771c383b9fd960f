import { expect, test } from 'vitest'
import { failureOf, ManualTimers, settled } from './manual-timers.fixture.ts'
import type { RedisOptions } from './redis-client.ts'
import { RedisLink } from './redis-link.ts'
import { scripts } from './redis-scripts.ts'

const script = scripts['fixed-window']
const redis: RedisOptions = {
  host: 'redis.test',
  port: 6379,
  timeout: 100,
  database: 0,
  ssl: false,
  ssl_verify: false,
}

/** Answers a command, or fails. */
type Answer = (command: readonly string[]) => unknown

/** A link to servers that answer as the test says; each connection is the next one. */
function linked(...servers: readonly Answer[]) {
  const timers = new ManualTimers()
  const lines: string[] = []
  const say = (_: object, message: string) => void lines.push(message)
  const log = { debug: say, info: say, warn: say, error: say }
  const clients: { lost: (error: Error) => void; isDestroyed: boolean }[] = []
  const link = new RedisLink({
    redis,
    log,
    later: timers.later,
    open(_options, lost) {
      const answer = servers[clients.length] ?? (() => refuse('connect ECONNREFUSED'))
      const client = { lost, isDestroyed: false }
      clients.push(client)
      return {
        ready: Promise.resolve().then(() => answer(['connect'])),
        send: async (command) => answer(command),
        destroy: () => void (client.isDestroyed = true),
      }
    },
  })
  const ask = () => link.ask(script, ['k'], ['1', '1000'])
  return { timers, lines, clients, link, ask }
}

function refuse(message: string): never {
  throw new Error(message)
}

const never = new Promise<never>(() => undefined)
const admits: Answer = ([name]) => (name === 'EVALSHA' ? 1 : 'OK')

test('asks by the hash of the script, and by its text where it is not known', async () => {
  const asked: string[] = []
  const { ask, timers, lines } = linked(([name = '', text = '']) => {
    asked.push(name)
    if (name === 'EVALSHA') refuse('NOSCRIPT No matching script. Please use EVAL.')
    return name === 'EVAL' && text === script.text ? 0 : 'OK'
  })
  expect(await ask()).toBe(false)
  expect(asked.filter((name) => name.startsWith('EVAL'))).toEqual(['EVALSHA', 'EVAL'])
  expect([lines, timers.size]).toEqual([[], 0])
})

test('while it is away nobody waits for it; it is tried again until it answers', async () => {
  const down: Answer = () => refuse('connect ECONNREFUSED')
  const { ask, timers, lines, clients } = linked(down, down, admits)
  await expect(ask()).rejects.toThrow('ECONNREFUSED')
  await expect(ask()).rejects.toThrow('ECONNREFUSED')
  await timers.advance(500)
  expect([clients.length, clients[0]?.isDestroyed]).toEqual([2, true])
  await timers.advance(500)
  expect(await ask()).toBe(true)
  expect(lines).toEqual(['Redis is away: connect ECONNREFUSED', 'Redis is back'])
  expect(timers.size).toBe(0)
})

test.each<readonly [string, Answer]>([
  ['never lets anybody in', () => never],
  ['lets in and never answers', ([name]) => (name === 'connect' ? 'OK' : never)],
])('a server that %s is waited for as long as it may take, once', async (_what, server) => {
  const { ask, timers, lines, clients } = linked(server, server)
  const first = failureOf(ask())
  await timers.advance(100)
  expect(await first).toBe('Error: no answer within 100 ms')
  await expect(ask()).rejects.toThrow('no answer within 100 ms')
  // While it is tried again, too.
  await timers.advance(500)
  await expect(ask()).rejects.toThrow('no answer within 100 ms')
  expect([clients.length, lines]).toEqual([2, ['Redis is away: no answer within 100 ms']])
})

test.each([['OK'], [2], [null], [[1]]])('an answer that is no verdict: %j', async (answer) => {
  const { ask, clients } = linked(([name]) => (name === 'EVALSHA' ? answer : 'OK'))
  await settled()
  await expect(ask()).rejects.toThrow('its answer is not that of the script')
  expect(clients[0]?.isDestroyed).toBe(true)
})

test('a connection that is lost meanwhile, or an old one that is lost again', async () => {
  const { ask, timers, clients, lines } = linked(admits, admits)
  expect(await ask()).toBe(true)
  clients[0]?.lost(new Error('Socket closed unexpectedly'))
  await expect(ask()).rejects.toThrow('Socket closed')
  await timers.advance(500)
  clients[0]?.lost(new Error('again'))
  expect(await ask()).toBe(true)
  expect(lines).toEqual(['Redis is away: Socket closed unexpectedly', 'Redis is back'])
})

test('closed, it lets go of everything', async () => {
  const open = linked(admits)
  expect(await open.ask()).toBe(true)
  open.link.close()
  expect([open.clients[0]?.isDestroyed, open.timers.size]).toEqual([true, 0])
  await expect(open.ask()).rejects.toThrow('closed')
  const away = linked()
  await settled()
  away.link.close()
  await away.timers.advance(5000)
  expect([away.clients.length, away.timers.size]).toEqual([1, 0])
})
