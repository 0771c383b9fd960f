import { once } from 'node:events'
import { connect as connectTls } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Transport } from '../../../core/src/transport/transport.ts'
import { dial, kinds, openGate, openPath, plainRelay, readAll, readSome, soon } from './harness.ts'
import { serverTls } from './tls-path.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const { deadline: later } = soon(1_000_000)

/** A gateway that speaks before anything flows. */
export function saying(transport: Transport): void {
  describe.each(kinds)('over %s', (kind) => {
    const open = async () => {
      const gate = await openGate(transport, kind)
      const client = await dial(gate.endpoint)
      return { client, inbound: await gate.accepted.take() }
    }

    test('a dialogue, of which the upstream hears the rest', async () => {
      const { client, inbound, outbound, upstream } = await openPath(transport, kind)
      await inbound.say(Buffer.from('who?'), later)
      expect(text(await readSome(client, 4))).toBe('who?')
      client.write('alice and more')
      await inbound.peek(5, soon())
      inbound.skip(5)
      await inbound.say(Buffer.from('welcome '), later)
      const relay = inbound.relay(outbound, plainRelay)
      upstream.write('from upstream')
      client.end()
      upstream.end()
      expect(text(await readAll(upstream))).toBe(' and more')
      expect(text(await readAll(client))).toBe('welcome from upstream')
      await relay.done
      expect(relay.bytes.clientReceived).toBe(9)
    })

    test('something is said while a peek waits', async () => {
      const { client, inbound } = await open()
      const looking = inbound.peek(2, soon())
      await inbound.say(Buffer.from('hello'), later)
      expect(text(await readSome(client, 5))).toBe('hello')
      client.write('ok')
      expect(text((await looking).bytes)).toBe('ok')
      inbound.reset()
    })

    test('a farewell follows what was said', async () => {
      const { client, inbound } = await open()
      await inbound.say(Buffer.from('220 '), later)
      inbound.end(Buffer.from('bye'))
      expect(text(await readAll(client))).toBe('220 bye')
    })

    test('a client that does not read ends the patience, not the gateway', async () => {
      const { client, inbound } = await open()
      client.pause()
      const much = Buffer.alloc(1024 * 1024, 'x')
      const flood = async (): Promise<never> => {
        for (;;) await inbound.say(much, performance.now() + 100)
      }
      await expect(flood()).rejects.toMatchObject({ failure: 'timeout' })
      inbound.reset()
    })

    test('a client that has left is told of', async () => {
      const { client, inbound } = await open()
      if (kind === 'tcp') client.resetAndDestroy()
      else client.destroy()
      await inbound.peek(1, soon()).catch(() => undefined)
      const insist = async (): Promise<never> => {
        for (;;) await inbound.say(Buffer.from('hello'), later)
      }
      await expect(insist()).rejects.toMatchObject({
        failure: expect.stringMatching(/reset|closed/),
      })
      inbound.reset()
    })
  })

  test('TLS begins after a dialogue in the clear', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    client.write('STARTTLS')
    await inbound.peek(8, soon())
    inbound.skip(8)
    await inbound.say(Buffer.from('OK'), later)
    expect(text(await readSome(client, 2))).toBe('OK')
    const secure = connectTls({ socket: client, rejectUnauthorized: false })
    onTestFinished(() => void secure.destroy())
    // The hello is looked at before the handshake, as it is for the route.
    expect((await inbound.peek(1, soon())).bytes[0]).toBe(0x16)
    const [secured] = await Promise.all([
      inbound.secure(await serverTls(), soon()),
      once(secure, 'secureConnect'),
    ])
    secured.end(Buffer.from('in secret'))
    expect(text(await readAll(secure))).toBe('in secret')
  })
}
