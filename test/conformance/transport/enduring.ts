import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { Transport } from '../../../core/src/transport/transport.ts'
import { acts, askAll, descriptors, type Session } from './acts.ts'
import {
  dial,
  kinds,
  openGate,
  openUpstream,
  plainRelay,
  readAll,
  soon,
  type Kind,
} from './harness.ts'

const crowd = 600

export function enduring(transport: Transport): void {
  test.each(kinds)('a peek outlasts a thousand single bytes over %s', async (kind) => {
    const gate = await openGate(transport, kind)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    const peeked = inbound.peek(1000, soon())
    for (let count = 0; count < 1000; count += 1) {
      // Each is a packet of its own, which the kernel counts at many times its size.
      client.write('x')
      if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await peeked).bytes).toHaveLength(1000)
    inbound.end(Buffer.from('seen'))
    client.end()
    expect((await readAll(client)).toString()).toBe('seen')
  })

  test('a crowd of silent sessions that all speak at once', async () => {
    const street = await openStreet(transport)
    const sessions = await Promise.all(Array.from({ length: crowd }, () => street.open()))
    expect(await askAll(sessions)).toEqual([])
  })

  test.each(kinds)('whatever both sides do over %s, all ends and nothing leaks', async (kind) => {
    const street = await openStreet(transport, kind)
    const before = descriptors()
    const act = fc.constantFrom(...acts)
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (plan) => {
        const session = await street.open()
        for (const step of plan) await step(session)
        // Whoever is still there leaves.
        for (const socket of [session.client, session.upstream]) socket.resume().end()
        const end = await session.relay.done
        expect(['fin', 'reset', 'stopped']).toContain(end.how)
        for (const socket of [session.client, session.upstream]) socket.destroy()
      }),
      { numRuns: 60 },
    )
    await expect.poll(descriptors, { timeout: 5000 }).toBeLessThanOrEqual(before)
  })
}

/** One gate and one upstream for many sessions. */
async function openStreet(transport: Transport, kind: Kind = 'tcp') {
  const gate = await openGate(transport, kind)
  const server = await openUpstream(kind)
  let last: Promise<unknown> = Promise.resolve()
  const connect = async (): Promise<Session> => {
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    const outbound = await inbound.connect(server.endpoint, { ...soon(), keepAlive: 60 })
    const upstream = await server.accepted.take()
    const relay = inbound.relay(outbound, plainRelay)
    onTestFinished(() => relay.stop('rst'))
    return { client, upstream, relay }
  }
  // In turn, so that each client knows its inbound and its upstream.
  const open = (): Promise<Session> => {
    const session = last.then(connect)
    last = session
    return session
  }
  return { open }
}
