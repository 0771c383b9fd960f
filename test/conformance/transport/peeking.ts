import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { TransportError, type Transport } from '../../../core/src/transport/transport.ts'
import {
  dial,
  forever,
  kinds,
  openGate,
  openPath,
  plainRelay,
  readAll,
  readSome,
  soon,
} from './harness.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

export function peeking(transport: Transport): void {
  describe.each(kinds)('over %s', (kind) => {
    const open = async () => {
      const gate = await openGate(transport, kind)
      const client = await dial(gate.endpoint)
      return { client, inbound: await gate.accepted.take(), gate }
    }

    test('incremental peeks see every byte, and the relay delivers each once', async () => {
      const { client, inbound, outbound, upstream } = await openPath(transport, kind)
      for (let length = 1; length <= 50; length += 1) {
        client.write(String.fromCodePoint(64 + length))
        const { bytes, ended } = await inbound.peek(length, soon())
        expect(bytes).toHaveLength(length)
        expect(ended).toBe(false)
      }
      client.end('tail')
      const relay = inbound.relay(outbound, plainRelay)
      const expected = `${Array.from({ length: 50 }, (_, i) => String.fromCodePoint(65 + i)).join('')}tail`
      expect(text(await readAll(upstream))).toBe(expected)
      upstream.end()
      expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
      expect(relay.bytes.clientReceived).toBe(54)
    })

    test('a client that ends its side during a peek shows what it sent', async () => {
      const { client, inbound } = await open()
      client.end('short')
      const { bytes, ended } = await inbound.peek(100, forever)
      expect(text(bytes)).toBe('short')
      expect(ended).toBe(true)
      expect((await inbound.peek(6, forever)).ended).toBe(true)
      expect(inbound.closed).toBe(false)
      inbound.end(Buffer.from('answer'))
      expect(text(await readAll(client))).toBe('answer')
    })

    test('a timeout leaves the connection usable', async () => {
      const { client, inbound } = await open()
      client.write('ab')
      await expect(inbound.peek(3, soon(100))).rejects.toMatchObject({ failure: 'timeout' })
      client.write('c')
      expect(text((await inbound.peek(3, soon())).bytes)).toBe('abc')
    })

    test('after a cancelled peek the relay loses nothing', async () => {
      const { client, inbound, outbound, upstream } = await openPath(transport, kind)
      const controller = new AbortController()
      const peeked = inbound.peek(100, { deadline: Infinity, signal: controller.signal })
      client.write('first ')
      await inbound.peek(1, forever).catch(() => {})
      controller.abort()
      await expect(peeked).rejects.toMatchObject({ failure: 'cancelled' })
      client.end('second')
      inbound.relay(outbound, plainRelay)
      expect(text(await readAll(upstream))).toBe('first second')
    })

    test('a signal that is aborted already cancels', async () => {
      const { inbound } = await open()
      const peeked = inbound.peek(1, { deadline: Infinity, signal: AbortSignal.abort() })
      await expect(peeked).rejects.toBeInstanceOf(TransportError)
    })

    test('skipped bytes are gone, the others stay', async () => {
      const { client, inbound, outbound, upstream } = await openPath(transport, kind)
      client.end('PROXY x\r\npayload')
      await inbound.peek(9, soon())
      inbound.skip(9)
      expect(() => inbound.skip(1000)).toThrow(RangeError)
      expect(text((await inbound.peek(7, soon())).bytes)).toBe('payload')
      inbound.relay(outbound, plainRelay)
      expect(text(await readAll(upstream))).toBe('payload')
    })

    test('bytes that came one by one are skipped, and what follows them stays', async () => {
      const { client, inbound, outbound, upstream } = await openPath(transport, kind)
      const header = 'PROXY UNKNOWN\r\n'
      for (const [index, character] of [...header].entries()) {
        client.write(character)
        await inbound.peek(index + 1, soon())
      }
      inbound.skip(header.length)
      const silent = inbound.peek(1, soon(50))
      await expect(silent).rejects.toMatchObject({ failure: 'timeout' })
      client.write(`${header}pay`)
      expect(text((await inbound.peek(18, soon())).bytes)).toBe(`${header}pay`)
      client.end('load')
      inbound.relay(outbound, plainRelay)
      expect(text(await readAll(upstream))).toBe(`${header}payload`)
    })

    test('one peek at a time', async () => {
      const { client, inbound } = await open()
      const first = inbound.peek(1, soon())
      await expect(inbound.peek(1, soon())).rejects.toThrow('one peek')
      client.write('x')
      expect(text((await first).bytes)).toBe('x')
    })

    test('an upstream can be looked at, too', async () => {
      const { client, inbound, outbound, upstream } = await openPath(transport, kind)
      upstream.write('220 hello')
      expect(text((await outbound.peek(3, soon())).bytes)).toMatch(/^220/)
      inbound.relay(outbound, plainRelay)
      expect(text(await readSome(client, 9))).toBe('220 hello')
    })

    test('the gateway ends a connection that is being looked at', async () => {
      const { client, inbound } = await open()
      const peeked = inbound.peek(1, forever)
      inbound.end(Buffer.from('enough'))
      await expect(peeked).rejects.toMatchObject({ failure: 'cancelled' })
      expect(text(await readAll(client))).toBe('enough')
    })
  })

  test('a reset during a peek says so, before and after the first byte', async () => {
    const gate = await openGate(transport)
    for (const said of ['', 'x']) {
      const client = await dial(gate.endpoint)
      const inbound = await gate.accepted.take()
      const peeked = inbound.peek(2, forever)
      if (said !== '') client.write(said)
      client.resetAndDestroy()
      await expect(peeked).rejects.toMatchObject({ failure: 'reset' })
      await expect(inbound.peek(1, forever)).rejects.toMatchObject({ failure: 'reset' })
      expect(inbound.closed).toBe(true)
    }
  })

  test.runIf(process.platform === 'linux')('nothing is read until somebody asks', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    client.write('hello')
    // A whole conversation on the same listener passes, and the bytes are still in the kernel.
    const other = await dial(gate.endpoint)
    other.write('x')
    await (await gate.accepted.take()).peek(1, soon())
    expect(unreadBytes(gate.endpoint.port, client.localPort ?? 0)).toBe(5)
    expect(text((await inbound.peek(1, soon())).bytes)).toBe('hello')
  })

  test('a peek reads a bounded amount of a flood', async () => {
    const gate = await openGate(transport)
    const client = await dial(gate.endpoint)
    const inbound = await gate.accepted.take()
    client.write(Buffer.alloc(32 * 1024 * 1024))
    for (let round = 0; round < 20; round += 1) {
      const { bytes } = await inbound.peek(1, soon())
      expect(bytes.length).toBeLessThan(1024 * 1024)
      await new Promise((resolve) => setImmediate(resolve))
    }
  })
}

/** The receive queue of the accepted socket, from `/proc/net/tcp`: local and remote address, state, queues. */
function unreadBytes(localPort: number, remotePort: number): number {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0')
  const local = `0100007F:${hex(localPort)}`
  const remote = `0100007F:${hex(remotePort)}`
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, from, to, , queues] = line.trim().split(/\s+/)
    if (from === local && to === remote) return Number.parseInt(queues?.split(':')[1] ?? '', 16)
  }
  return Number.NaN
}
