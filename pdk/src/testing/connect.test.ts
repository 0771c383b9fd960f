import { expect, test } from 'vitest'
import type { Instance, Phases, Plugin } from '../plugin.ts'
import { definePlugin } from '../plugin.ts'
import { slot } from '../slot.ts'
import { connect } from './connect.ts'
import { accept, handshake, match, show, slotsOf } from './connection.ts'
import { fillIn } from './dial.ts'
import type { Dial } from './dial.ts'
import { LocalCounters } from './local-counters.ts'
import { localOnce } from './local-once.ts'
import { LocalShared } from './local-shared.ts'
import { logTo } from './log-lines.ts'
import { ManualClock } from './manual-clock.ts'
import { openLane, stillness } from './relay.ts'
import { summarize } from './summarize.ts'
import { walk } from './walk.ts'

const clock = new ManualClock(1000)
const self: Instance = {
  id: 'i',
  config: {},
  state: undefined,
  log: logTo([]),
  clock,
  signal: new AbortController().signal,
  counters: new LocalCounters(clock),
  shared: new LocalShared(clock),
  once: localOnce('trial', clock, AbortSignal.abort()),
}

function trial(phases: Phases): Plugin {
  return definePlugin({
    name: 'p',
    version: '1.0.0',
    priority: 1,
    schema: { type: 'object', properties: {} },
    phases,
  })
}

function setOut(phases: Phases, dial: Dial = {}) {
  const call = fillIn(dial)
  const accepted = accept(call, 'c', clock.now())
  const lanes = { upload: openLane(), download: openLane() }
  return {
    plugin: trial(phases),
    self,
    call,
    clock,
    accepted,
    lanes,
    progress: { tries: [] },
    relayed: stillness(),
    early: { said: Buffer.alloc(0), taken: 0 },
  }
}

test('a connection shows what is known, phase by phase, and nothing beyond it', () => {
  const call = fillIn({ sni: 'a.example' })
  const accepted = accept(call, 'c', 5)
  expect(Object.keys(accepted).toSorted()).toEqual([
    'client',
    'get',
    'id',
    'listener',
    'set',
    'startedAt',
  ])
  expect(Object.keys(match(accepted, call))).toEqual(
    expect.arrayContaining(['route', 'service', 'protocol', 'hello']),
  )
})

test('what a PROXY header told is there, filled in', async () => {
  const seen: unknown[] = []
  const look = trial({ accept: ({ client, proxy }) => void seen.push(client, proxy) })
  const outcome = await connect(
    look,
    self,
    { from: '192.0.2.1', proxy: { tlvs: { alpn: 'h2' } } },
    'c',
  )
  expect(seen).toEqual([
    { address: '192.0.2.1', port: 50_000 },
    {
      version: 2,
      peer: { address: '127.0.0.1', port: 50_001 },
      destination: { address: '127.0.0.1', port: 5555 },
      tlvs: { alpn: 'h2' },
    },
  ])
  expect(outcome.summary.serialize()).toMatchObject({
    client_ip: '192.0.2.1',
    peer_ip: '127.0.0.1',
  })
})

test('a certificate is shown only when it is asked for', () => {
  const call = fillIn({ certificate: { subject: 'CN=bob' } })
  expect(show(call, {})).toBeUndefined()
  const shown = show(call, { clientCertificate: { required: false, ca: [] } })
  expect(handshake(shown).clientCertificate?.subject).toBe('CN=bob')
  expect(handshake(undefined)).not.toHaveProperty('clientCertificate')
})

test('slots hold what was set', () => {
  const slots = slotsOf(new Map())
  const number = slot<number>('n')
  expect(slots.get(number)).toBeUndefined()
  slots.set(number, 1)
  expect(slots.get(number)).toBe(1)
})

test('a walk leaves behind how far it came', async () => {
  const whole = setOut({}, { bytes: 'abc', targets: ['a:1', 'b:1'], failing: ['a:1'] })
  await walk(whole)
  expect(summarize(whole, { outcome: 'proxied', ending: 'client.closed' })).toMatchObject({
    target: { host: 'b', port: 1 },
    tries: [{ host: 'a' }, { host: 'b' }],
    bytes: { client: { received: 3 }, upstream: { sent: 3 } },
    status: 200,
  })
  const short = setOut({ accept: () => Promise.reject(new Error('broken')) })
  await expect(walk(short)).rejects.toMatchObject({ fate: { ending: 'plugin.p.failed' } })
  expect(summarize(short, { outcome: 'failed', ending: 'plugin.p.failed' })).toMatchObject({
    route: undefined,
    protocol: undefined,
    target: undefined,
    status: 500,
  })
})

test('the outcome holds the bytes as they are', async () => {
  const ended = await connect(
    trial({}),
    self,
    { bytes: Uint8Array.of(255, 0), targets: ['unix:run/a'] },
    'c',
  )
  expect([...ended.bytes.upload]).toEqual([255, 0])
  expect(ended.target).toBe('unix:run/a')
})
