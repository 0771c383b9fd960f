import { describe, expect, test } from 'vitest'
import { hubOf } from '../../core/src/transport/native/hub.ts'
import { createNativeTransport } from '../../core/src/transport/native/native.ts'
import { loadTestAddon } from './transport/transports.ts'
import { dial, openGate, openPath, plainRelay, readAll, soon } from './transport/harness.ts'

/** What can only be seen from the inside of the native transport. */
const addon = loadTestAddon()
const isBuilt = !('missing' in addon)

function parts() {
  if (!isBuilt) throw new Error(addon.missing)
  const hub = hubOf(addon)
  const tally = () => {
    addon.tally()
    return { events: hub.number(0), sockets: hub.number(1), spliced: hub.number(3) }
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
})
