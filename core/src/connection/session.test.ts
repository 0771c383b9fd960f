import { slot } from '@kong-ts/pdk'
import { Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { blame } from '../errors/plugin-failure.ts'
import { instanceOf } from '../pipeline/instances.fixture.ts'
import { apply, counted, Ledger } from '../gateway/configuration.fixture.ts'
import { pluginRow, routeRow, serviceRow } from '../gateway/rows.fixture.ts'
import { TransportError } from '../transport/transport.ts'
import { fakeInbound, fakeRelay, hostOf, shows } from './connection.fixture.ts'
import { Ended } from './ended.ts'
import { Pot } from './room/pot.ts'
import { Seen } from './client/seen.ts'
import { Session } from './session.ts'

const target = { host: 'a', port: 1 }

async function proxying(isShadow = false) {
  const session = new Session(fakeInbound([]), await hostOf())
  const served = { route: routeRow('r', 's'), service: serviceRow('s'), protocol: 'tcp' } as const
  const seen = session.seen.proxying(served, target, 7)
  const instance = await instanceOf('mine')
  const walk = session.walk(seen)
  walk.instance = instance
  walk.isShadow = isShadow
  return { session, conduct: instance.conduct }
}

function potOf(): Pot {
  return new Pot({ left: 0, grant: () => undefined, close: () => undefined })
}

test('observe and through belong to the phase proxy', async () => {
  const session = new Session(fakeInbound([]), await hostOf())
  expect(() => session.observe('upload', () => undefined)).toThrow(
    'observe(…) belongs to the phase proxy',
  )
  const { session: later } = await proxying()
  later.relay = fakeRelay({ by: 'client', how: 'fin' })
  expect(() => later.through('upload', new Transform())).toThrow(
    'through(…) belongs to the phase proxy',
  )
})

test('an observer that throws is blamed on the plugin that has added it', async () => {
  const { session } = await proxying()
  session.observe('upload', () => {
    throw new Error('boom')
  })
  session.walk({}).instance = await instanceOf('other')
  expect(() => session.attached.observers.upload[0]?.(new Uint8Array())).toThrow(
    'plugin mine, proxy: boom',
  )
})

test('of transforms the first failure counts', async () => {
  const { session } = await proxying()
  const [first, second] = [new Transform(), new Transform()]
  session.through('upload', first)
  session.walk({}).instance = await instanceOf('other')
  session.through('download', second)
  second.destroy(new Error('boom'))
  await new Promise((resolve) => second.once('close', resolve))
  session.dropTransforms()
  expect(session.accuse(new Error('any'))).toEqual(
    blame('other', 'proxy', new Error('boom'), 'plugin_stream_failed'),
  )
  const own = blame('observer', 'proxy', 'x')
  expect(session.accuse(own)).toBe(own)
})

test('a throttle takes rates above 0, also while the bytes flow', async () => {
  const { session } = await proxying()
  for (const wrong of [0, -1, Number.NaN])
    expect(() => session.throttle('upload', wrong)).toThrow(RangeError)
  session.throttle('upload', 5)
  const rates: unknown[] = []
  session.relay = fakeRelay(
    { by: 'client', how: 'fin' },
    { throttle: (...rate) => void rates.push(rate) },
  )
  session.throttle('download', 9)
  session.throttle('upload', undefined)
  expect(session.attached.throttle).toEqual({
    upload: undefined,
    download: { bytesPerSecond: 9, burst: undefined },
  })
  expect(rates).toEqual([
    ['download', { bytesPerSecond: 9, burst: undefined }],
    ['upload', undefined],
  ])
  expect(() => session.throttle('upload', 5, 0)).toThrow('burst, more than 0')
  session.throttle('upload', 5, 6)
  expect(rates[2]).toEqual(['upload', { bytesPerSecond: 5, burst: 6 }])
})

test('a session that draws is ended by the plugin that made it draw, and leaves with its end', async () => {
  const { session } = await proxying()
  const pot = potOf()
  expect(() => session.draw('upload', { left: 1 })).toThrow(TypeError)
  session.draw('upload', pot)
  session.draw('download', pot)
  expect(pot.size).toBe(1)
  expect(session.attached.draws?.upload).toEqual([{ allowance: pot.allowance, isSoft: false }])
  pot.end('enough')
  expect(session.stopped).toMatchObject({ ending: 'plugin.mine.ended', reason: 'enough' })
  session.leaveShared()
  expect(pot.size).toBe(0)
})

test('in shadow mode nothing is held back, and an end is told instead', async () => {
  const { session, conduct } = await proxying(true)
  const pot = potOf()
  session.throttle('upload', 5)
  expect(session.attached.throttle).toEqual({})
  session.draw('upload', pot)
  expect(session.attached.draws?.upload).toEqual([{ allowance: pot.allowance, isSoft: true }])
  pot.end('enough')
  pot.end('enough')
  expect(session.stopped).toBeUndefined()
  expect(session.seen.wouldReject).toEqual([{ plugin: 'mine', reason: 'enough' }])
  session.wouldReject('other', 'enough')
  pot.end('too much')
  expect(session.seen.wouldReject).toHaveLength(3)
  expect(conduct.stats).toMatchObject({ rejected: 0, wouldReject: 1, failed: 0 })
})

test('in shadow mode a connection that both of its transforms would end counts once', async () => {
  const { session, conduct } = await proxying(true)
  const transforms = [new Transform(), new Transform()] as const
  session.through('upload', transforms[0])
  session.through('download', transforms[1])
  for (const [at, transform] of transforms.entries()) {
    transform.destroy(new Error(`no ${at}`))
    await new Promise((resolve) => transform.once('close', resolve))
  }
  expect(session.seen.wouldReject).toEqual([
    { plugin: 'mine', reason: 'no 0' },
    { plugin: 'mine', reason: 'no 1' },
  ])
  expect(conduct.stats).toMatchObject({ wouldReject: 1, failed: 0 })
})

test('in shadow mode nothing is said, taken or begun, and the connection is sent nowhere else', async () => {
  const events: string[] = []
  const peek = shows(Buffer.from('hello'))
  // Neither `skip` nor `say` of the fake may be called.
  const session = new Session(fakeInbound(events, { peek }), await hostOf())
  session.choosing = true
  session.firstBytes.open()
  const walk = session.walk(session.seen)
  walk.isShadow = true
  session.seen.service = serviceRow('s')
  expect(session.forward({ host: 'elsewhere' })).toBe(true)
  expect(session.seen.service).toEqual(serviceRow('s'))
  expect(String(Buffer.from(await session.take(2)))).toBe('he')
  await session.say('220 ready')
  session.startTls()
  expect(session.firstBytes).toMatchObject({ said: 0, taken: 0, startsTls: false })
  expect(String(Buffer.from(await session.peek(16)))).toBe('llo')
  walk.instance = await instanceOf('next')
  expect(String(Buffer.from(await session.peek(1)))).toBe('hello')
})

test('the first one who stops a session counts; a relay ends in order', async () => {
  const events: string[] = []
  const session = new Session(fakeInbound(events), await hostOf())
  session.stop(new Ended('admin.killed'))
  session.relay = fakeRelay({ by: 'client', how: 'fin' }, { stop: (how) => void events.push(how) })
  session.stop(new Ended('gateway.drain.deadline'))
  expect(session.stopped?.ending).toBe('admin.killed')
  expect(events).toEqual(['reset', 'fin'])
})

test('after a second routing, who had a say is consulted no more', async () => {
  const host = await hostOf([counted('p', new Ledger())])
  await apply(host.configuration, { op: 'put', entity: 'plugins', row: pluginRow('1', 'p') })
  const session = new Session(fakeInbound([]), host)
  const route = routeRow('r', null)
  session.enter(host.configuration.pipelineFor(route, 'tcp'))
  expect(session.consulted).toBeUndefined()
  session.seen.matched(route, undefined, 'tcp', undefined)
  session.enter(host.configuration.pipelineFor(route, 'tls'))
  expect([...(session.consulted ?? [])].map(({ self }) => self.id)).toEqual(['1'])
})

test('plugins see one object with slots and a serialized form, and no socket', async () => {
  const { session } = await proxying()
  const { seen } = session
  expect(seen).toBeInstanceOf(Seen)
  const number = slot<number>('n')
  expect(seen.get(number)).toBeUndefined()
  seen.set(number, 3)
  expect(seen.get(slot<number>('n'))).toBe(3)
  const bytes = { clientReceived: 1, clientSent: 2, upstreamReceived: 3, upstreamSent: 4 }
  const summary = seen.summary({ ending: 'client.closed', reason: undefined, bytes, duration: 9 })
  expect(summary).toMatchObject({ target, latencies: { session: 9, kong: 7 }, status: 200 })
  expect(summary.serialize()).toMatchObject({
    ending: 'client.closed',
    session: { received: 1, sent: 2 },
    route: { id: 'r' },
  })
  expect(Object.values(seen)).not.toContain(session)
})

test.each([
  [{ bytes: new Uint8Array(), ended: true }, 'client.queue.closed'],
  [new TransportError('reset', 'gone'), 'client.reset'],
  [{ bytes: new Uint8Array(4), ended: true }, undefined],
  [new TransportError('cancelled', 'given up'), undefined],
])('a phase that keeps a client waiting hears when it leaves: %j', async (look, ending) => {
  const inbound = fakeInbound([], {
    peek: async () => {
      if (look instanceof Error) throw look
      return look
    },
  })
  const session = new Session(inbound, await hostOf())
  const left = session.left(new AbortController().signal).then(() => true)
  const stayed = new Promise((resolve) => setImmediate(() => setImmediate(resolve, false)))
  expect(await Promise.race([left, stayed])).toBe(ending !== undefined)
  expect(session.stopped?.ending).toBe(ending)
})

test('what has moved is told while the bytes flow', async () => {
  const { session } = await proxying()
  const { seen } = session
  const none = { received: 0, sent: 0 }
  expect(seen.moved()).toEqual({ client: none, upstream: none })
  const bytes = { clientReceived: 1, clientSent: 2, upstreamReceived: 3, upstreamSent: 4 }
  session.enterRelay(fakeRelay({ by: 'client', how: 'fin' }, { bytes }))
  const client = { received: 1, sent: 2 }
  expect(seen.moved()).toEqual({ client, upstream: { received: 3, sent: 4 } })
})

test('what a part of the session took is told where it came to pass', async () => {
  const { seen } = (await proxying()).session
  const bytes = { clientReceived: 0, clientSent: 0, upstreamReceived: 0, upstreamSent: 0 }
  const end = { ending: 'client.closed', reason: undefined, bytes, duration: 9 } as const
  expect(seen.summary(end).latencies).toEqual({ session: 9, kong: 7 })
  seen.passed(0.5)
  seen.secured({ version: 'TLSv1.3', cipher: 'c' }, 3.5)
  seen.queued(1)
  expect(seen.summary(end)).toMatchObject({
    tls: { version: 'TLSv1.3' },
    latencies: { session: 9, kong: 7, routed: 0.5, handshake: 3.5, queue: 1 },
  })
})
