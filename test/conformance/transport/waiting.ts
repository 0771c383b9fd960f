import { describe, expect, onTestFinished, test } from 'vitest'
import type { Inbound, Outbound, Transport } from '../../../core/src/transport/transport.ts'
import {
  dial,
  forever,
  kinds,
  openGate,
  openUpstream,
  plainRelay,
  readAll,
  readSome,
  soon,
  type Kind,
} from './harness.ts'

/** A signal that was aborted before: such a peek looks once and does not wait. */
const atOnce = { deadline: Infinity, signal: AbortSignal.abort() }

/** An upstream that was connected before there is a client. */
export function waiting(transport: Transport): void {
  const open = async (kind: Kind = 'tcp') => {
    const server = await openUpstream(kind)
    const outbound = await transport.connect(server.endpoint, { ...soon(), keepAlive: 60 })
    onTestFinished(() => outbound.discard())
    return { outbound, upstream: await server.accepted.take(), endpoint: server.endpoint }
  }

  describe.each(kinds)('over %s', (kind) => {
    test('it is silent until its peer speaks', async () => {
      const { outbound, upstream, endpoint } = await open(kind)
      expect(outbound.remote).toEqual(endpoint)
      await expect(outbound.peek(1, atOnce)).rejects.toMatchObject({ failure: 'cancelled' })
      const watch = outbound.peek(1, forever)
      upstream.write('220 ready')
      expect((await watch).ended).toBe(false)
      expect((await outbound.peek(9, soon())).bytes).toEqual(Buffer.from('220 ready'))
    })

    test('it hears that its peer leaves', async () => {
      const { outbound, upstream } = await open(kind)
      const watch = outbound.peek(1, forever)
      upstream.end()
      expect(await watch).toMatchObject({ ended: true })
      expect(await outbound.peek(1, atOnce)).toMatchObject({ ended: true })
    })

    test.each(['plain', 'observed'] as const)(
      'a client that comes later is relayed, %s',
      async (how) => {
        const { outbound, upstream } = await open(kind)
        const { over, inbound, client } = await later(outbound)
        const seen: Uint8Array[] = []
        const see = (chunk: Uint8Array) => void seen.push(chunk)
        const observers = { upload: how === 'plain' ? [] : [see], download: [] }
        over.abort()
        const relay = inbound.relay(outbound, { ...plainRelay, observers })
        client.write('ping')
        expect((await readSome(upstream, 4)).toString()).toBe('ping')
        upstream.end('pong')
        expect((await readAll(client)).toString()).toBe('pong')
        client.end()
        expect(await relay.done).toEqual({ by: 'upstream', how: 'fin' })
        expect(Buffer.concat(seen).toString()).toBe(how === 'plain' ? '' : 'ping')
      },
    )
  })

  /** A client that comes while the upstream is watched. */
  const later = async (outbound: Outbound) => {
    const over = new AbortController()
    const watch = outbound.peek(1, { deadline: Infinity, signal: over.signal })
    watch.catch(() => {})
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound: Inbound = await gate.accepted.take()
    return { over, inbound, client, watch }
  }

  test('a watch that is given up leaves it as it was', async () => {
    const { outbound, upstream } = await open()
    const { over, watch } = await later(outbound)
    over.abort()
    await expect(watch).rejects.toMatchObject({ failure: 'cancelled' })
    upstream.write('x')
    expect((await outbound.peek(1, soon())).bytes).toEqual(Buffer.from('x'))
  })

  test('it hears that its peer resets', async () => {
    const { outbound, upstream } = await open()
    const watch = outbound.peek(1, forever)
    upstream.resetAndDestroy()
    await expect(watch).rejects.toMatchObject({ failure: 'reset' })
  })
}
