import { describe, expect, test } from 'vitest'
import { hubOf } from '../../core/src/transport/native/hub.ts'
import { createNativeTransport } from '../../core/src/transport/native/native.ts'
import { once } from 'node:events'
import type { ConnectionOptions } from 'node:tls'
import type { Transport } from '../../core/src/transport/transport.ts'
import { createPortableTransport } from '../../core/src/transport/portable/portable.ts'
import { overTls, serverTls } from './transport/tls-path.ts'
import { loadTestAddon } from './transport/transports.ts'
import { dial, openGate, openPath, plainRelay, readAll, soon } from './transport/harness.ts'

/** What can only be seen from the inside of the native transport. */
const addon = loadTestAddon()
const isBuilt = !('missing' in addon)
const hasTls = isBuilt && addon.tls !== undefined

function parts() {
  if (!isBuilt) throw new Error(addon.missing)
  const hub = hubOf(addon)
  const tally = () => {
    addon.tally()
    return {
      events: hub.number(0),
      sockets: hub.number(1),
      trims: hub.number(2),
      spliced: hub.number(3),
    }
  }
  return { addon, tally, transport: createNativeTransport(addon) }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe.runIf(isBuilt)('inside of the native transport', () => {
  test('bytes that were peeked wake nobody until more come', async () => {
    const { tally, transport } = parts()
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    client.write(Buffer.from([22, 3, 1]))
    await inbound.peek(3, soon())
    const peeked = inbound.peek(600, soon())
    const before = tally().events
    await pause(200)
    expect(tally().events - before).toBeLessThanOrEqual(1)
    client.write(Buffer.alloc(597))
    expect((await peeked).bytes).toHaveLength(600)
    expect(tally().events - before).toBeLessThanOrEqual(3)
    inbound.reset()
  })

  test('what many connections have freed is given back once they are gone', async () => {
    const { tally, transport } = parts()
    const gate = await openGate(transport)
    // Twice: the first time it may have been what the start has left behind.
    for (let crowd = 0; crowd < 2; crowd++) {
      const before = tally().trims
      for (let count = 0; count < 600; count++) {
        const client = await dial(gate.endpoint)
        const inbound = await gate.accepted.take()
        inbound.reset()
        client.destroy()
      }
      while (tally().trims === before) await pause(20)
    }
    expect(tally().trims).toBeGreaterThanOrEqual(2)
  })

  test('bulk is spliced, small messages are not, and both are whole', async () => {
    const { tally, transport } = parts()
    const { client, inbound, outbound, upstream } = await openPath(transport)
    const relay = inbound.relay(outbound, plainRelay)
    const before = tally().spliced
    upstream.end('small')
    expect((await readAll(client)).toString()).toBe('small')
    expect(tally().spliced).toBe(before)
    const bulk = Buffer.alloc(16 * 1024 * 1024, 'a number of bytes that is prime to the buffers;')
    client.end(bulk)
    expect((await readAll(upstream)).equals(bulk)).toBe(true)
    expect((await relay.done).how).toBe('fin')
    expect(tally().spliced).toBeGreaterThan(before)
  })

  test('bulk is spliced under limits, too', async () => {
    const { tally, transport } = parts()
    const { client, inbound, outbound, upstream } = await openPath(transport)
    const allowance = transport.allowance(1024 * 1024, () => allowance.grant(4 * 1024 * 1024))
    const draws = { upload: [{ allowance, isSoft: false }], download: [] }
    const throttle = { upload: { bytesPerSecond: 1e9 } }
    inbound.relay(outbound, { ...plainRelay, draws, throttle })
    const before = tally().spliced
    const bulk = Buffer.alloc(16 * 1024 * 1024, 'a number of bytes that is prime to the buffers;')
    client.end(bulk)
    expect((await readAll(upstream)).equals(bulk)).toBe(true)
    expect(tally().spliced).toBeGreaterThan(before)
    allowance.close()
  })

  test('a command for what is gone reaches nobody else', async () => {
    const { addon: engine, transport } = parts()
    const gate = await openGate(transport)
    const gone = await dial(gate.endpoint)
    const first = await gate.accepted.take()
    first.reset()
    gone.destroy()
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    // Every generation but the live one, for each index that there may be.
    for (let index = 0; index < 64; index += 1) {
      for (const generation of [2 ** 20, 2 ** 29]) {
        const stale = generation * 2 ** 22 + index
        engine.reset(stale)
        engine.discard(stale)
        engine.end(stale)
        engine.stop(stale, true)
        expect(engine.release(stale)).toBeLessThan(0)
        expect(engine.alive(stale)).toBe(false)
      }
    }
    client.write('alive')
    expect(Buffer.from((await inbound.peek(5, soon())).bytes).toString()).toBe('alive')
  })

  test('who waits in the queue of a listener that closes is served', async () => {
    const { transport } = parts()
    const gate = await openGate(transport)
    const dialling = Promise.all(Array.from({ length: 20 }, () => dial(gate.endpoint)))
    const clients = await dialling
    await gate.listening.close()
    for (const client of clients) {
      const inbound = await gate.accepted.take()
      inbound.end(Buffer.from('served'))
      client.end()
    }
    for (const client of clients) expect((await readAll(client)).toString()).toBe('served')
  })

  test('what has ended is forgotten', async () => {
    const { tally, transport } = parts()
    const before = tally().sockets
    const { client, inbound, outbound, upstream } = await openPath(transport)
    const relay = inbound.relay(outbound, plainRelay)
    expect(tally().sockets).toBe(before + 3)
    client.end()
    upstream.resume().end()
    await relay.done
    expect(inbound.closed).toBe(true)
    // The listener goes with the test.
    expect(tally().sockets).toBe(before + 1)
  })

  test.runIf(hasTls).each(['TLSv1.2', 'TLSv1.3'] as const)(
    '%s sessions resume on any worker, whichever transport it has',
    async (maxVersion) => {
      const workers = [parts().transport, parts().transport, createPortableTransport()]
      for (const home of workers) {
        const { isResumed, ...ticket } = await handshake(home, { maxVersion })
        expect(isResumed).toBe(false)
        for (const other of workers) {
          expect((await handshake(other, { maxVersion, ...ticket })).isResumed).toBe(true)
        }
      }
    },
  )

  test.runIf(hasTls)(
    'a handshake is run by the engine, and its descriptor stays there',
    async () => {
      const { tally, transport } = parts()
      const before = await settled(() => tally().sockets)
      const gate = await openGate(transport)
      const client = overTls(await dial(gate.endpoint))
      const inbound = await gate.accepted.take()
      const secured = await inbound.secure(await serverTls(), soon())
      expect(tally().sockets).toBe(before + 2)
      secured.reset()
      expect(tally().sockets).toBe(before + 1)
      client.destroy()
    },
  )

  test.runIf(hasTls)('a context that the engine cannot build is left to Node', async () => {
    const { tally, transport } = parts()
    const gate = await openGate(transport)
    const { context, ...options } = await serverTls()
    const strange = { options: { ...context.options, ciphers: 'NONSENSE' } }
    const before = await settled(() => tally().sockets)
    const client = overTls(await dial(gate.endpoint))
    const inbound = await gate.accepted.take()
    const mixed = { ...strange, secureContext: context.secureContext }
    const secured = await inbound.secure({ ...options, context: mixed }, soon())
    expect(secured.tls.version).toBe('TLSv1.3')
    expect(tally().sockets).toBe(before)
    secured.reset()
    client.destroy()
  })
})

/** A count that is the same for a tenth of a second: what the tests before have closed may be on its way out. */
async function settled(count: () => number): Promise<number> {
  let last = count()
  for (let same = 0; same < 10; same++) {
    await pause(10)
    if (count() !== last) [last, same] = [count(), -1]
  }
  return last
}

/** A handshake and the session that it leaves behind. */
async function handshake(transport: Transport, options: ConnectionOptions) {
  const gate = await openGate(transport)
  const client = overTls(await dial(gate.endpoint), options)
  const ticket = once(client, 'session')
  const secured = await (await gate.accepted.take()).secure(await serverTls(), soon())
  secured.end(Buffer.from('bye'))
  await readAll(client)
  const isResumed = client.isSessionReused()
  // With TLS 1.2 a session that is resumed brings no new ticket.
  const [session]: unknown[] = isResumed ? [] : await ticket
  return { isResumed, ...(Buffer.isBuffer(session) && { session }) }
}
