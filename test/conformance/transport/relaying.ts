import { once } from 'node:events'
import { Transform } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { RelayOptions, Transport } from '../../../core/src/transport/transport.ts'
import { endOf, fill, kinds, openPath, plainRelay, readAll, readSome } from './harness.ts'

const mebibyte = 1024 * 1024

export function relaying(transport: Transport): void {
  describe.each(kinds)('over %s', (kind) => {
    const start = async (options: Partial<RelayOptions> = {}) => {
      const path = await openPath(transport, kind)
      return { ...path, relay: path.inbound.relay(path.outbound, { ...plainRelay, ...options }) }
    }

    test('the server may speak first', async () => {
      const { client, upstream, relay } = await start()
      upstream.end('220 ready\r\n')
      expect((await readAll(client)).toString()).toBe('220 ready\r\n')
      client.end()
      upstream.resume()
      expect(await relay.done).toEqual({ by: 'upstream', how: 'fin' })
    })

    test('after the client has ended its side the answer still flows', async () => {
      const { client, upstream, relay } = await start()
      client.end('question')
      expect((await readAll(upstream)).toString()).toBe('question')
      for (let part = 0; part < 5; part += 1) {
        upstream.write(`part ${part};`)
        await readSome(client, 7)
      }
      upstream.end('done')
      expect((await readAll(client)).toString()).toBe('done')
      expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
      expect(relay.bytes).toMatchObject({
        clientReceived: 8,
        upstreamSent: 8,
        upstreamReceived: 39,
        clientSent: 39,
      })
    })

    test('after the upstream has ended its side the client may go on', async () => {
      const { client, upstream, relay } = await start()
      upstream.end('bye')
      expect((await readAll(client)).toString()).toBe('bye')
      for (let part = 0; part < 5; part += 1) {
        client.write(`part ${part};`)
        await readSome(upstream, 7)
      }
      client.end('end')
      expect((await readAll(upstream)).toString()).toBe('end')
      expect(await relay.done).toEqual({ by: 'upstream', how: 'fin' })
    })

    test('many bytes arrive unchanged, both ways at once', async () => {
      const { client, upstream, relay } = await start()
      const up = Buffer.alloc(8 * mebibyte, 'upload: ')
      const down = Buffer.alloc(5 * mebibyte, 'down ')
      client.end(up)
      upstream.end(down)
      const [atUpstream, atClient] = await Promise.all([readAll(upstream), readAll(client)])
      expect(atUpstream.equals(up)).toBe(true)
      expect(atClient.equals(down)).toBe(true)
      expect((await relay.done).how).toBe('fin')
      expect(relay.bytes).toMatchObject({ clientSent: down.length, upstreamSent: up.length })
    })

    test('a client that never reads costs a bounded amount', { timeout: 30_000 }, async () => {
      const { upstream, relay } = await start()
      const sent = await fill(upstream, 256 * mebibyte)
      expect(sent).toBeLessThan(32 * mebibyte)
      expect(relay.bytes.upstreamReceived).toBeLessThan(16 * mebibyte)
      // What was read and could not be written is what the process holds.
      expect(relay.bytes.upstreamReceived - relay.bytes.clientSent).toBeLessThan(mebibyte)
      relay.stop('rst')
      expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
    })

    test('an upstream that never reads costs a bounded amount', { timeout: 30_000 }, async () => {
      const { client, relay } = await start()
      const sent = await fill(client, 256 * mebibyte)
      expect(sent).toBeLessThan(32 * mebibyte)
      expect(relay.bytes.clientReceived).toBeLessThan(16 * mebibyte)
      relay.stop('rst')
      expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
    })

    test('a stop in order ends both sides', async () => {
      const { client, upstream, relay } = await start()
      client.write('x')
      await readSome(upstream, 1)
      relay.stop('fin')
      const ends = Promise.all([endOf(client), endOf(upstream)])
      client.end()
      upstream.end()
      expect(await ends).toEqual(['fin', 'fin'])
      expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
    })

    test('bytes in one direction keep a session', async ({ skip }) => {
      const limit = 400
      const { client, upstream, relay } = await start({ readTimeout: limit, writeTimeout: limit })
      let longest = 0
      for (let round = 0; round < 8; round += 1) {
        const before = performance.now()
        client.write('x')
        await readSome(upstream, 1)
        await new Promise((resolve) => setTimeout(resolve, limit / 4))
        longest = Math.max(longest, performance.now() - before)
      }
      client.end()
      upstream.end()
      await Promise.all([endOf(client), endOf(upstream)])
      skip(longest > limit / 2, 'the machine was too busy to keep the session awake')
      expect((await relay.done).how).toBe('fin')
    })

    test('a silent session ends as idle', async () => {
      const { client, upstream, relay } = await start({ readTimeout: 60_000, writeTimeout: 100 })
      expect(await Promise.all([endOf(client), endOf(upstream)])).toEqual(['fin', 'fin'])
      client.end()
      upstream.end()
      expect(await relay.done).toEqual({ by: 'gateway', how: 'idle' })
    })

    test('the idle time of a direction that has ended does not count', async () => {
      const { client, upstream, relay } = await start({ readTimeout: 60_000, writeTimeout: 100 })
      client.end('x')
      await readAll(upstream)
      await new Promise((resolve) => setTimeout(resolve, 500))
      upstream.end('late')
      expect((await readAll(client)).toString()).toBe('late')
      expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
    })

    test('observers see every chunk of their direction', async () => {
      const seen: string[] = []
      const { client, upstream, relay } = await start({
        observers: {
          upload: [(chunk) => seen.push(`up ${Buffer.from(chunk).toString()}`)],
          download: [(chunk) => seen.push(`down ${Buffer.from(chunk).toString()}`)],
        },
      })
      client.end('ping')
      await readAll(upstream)
      upstream.end('pong')
      await readAll(client)
      expect((await relay.done).how).toBe('fin')
      expect(seen).toEqual(['up ping', 'down pong'])
    })

    test('an observer that throws ends the connection', async () => {
      const fault = new Error('seen enough')
      const { client, upstream, relay } = await start({
        observers: {
          upload: [
            () => {
              throw fault
            },
          ],
          download: [],
        },
      })
      client.write('x')
      expect(await relay.done).toEqual({ by: 'gateway', how: 'error', error: fault })
      const how = kind === 'tcp' ? 'reset' : 'fin'
      expect(await endOf(upstream)).toBe(how)
      expect(relay.bytes.upstreamSent).toBe(0)
    })

    test('transforms run in order, with their flush', async () => {
      const suffix = (end: string) =>
        new Transform({
          transform: (chunk: Buffer, _encoding, done) => done(null, chunk.toString().toUpperCase()),
          flush: (done) => done(null, end),
        })
      const { client, upstream, relay } = await start({
        transforms: { upload: [suffix('1'), suffix('two')], download: [] },
      })
      client.end('abc')
      expect((await readAll(upstream)).toString()).toBe('ABC1two')
      upstream.end()
      client.resume()
      expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
      expect(relay.bytes).toMatchObject({ clientReceived: 3, upstreamSent: 7 })
    })

    test('a transform keeps the bound, and many bytes pass it', { timeout: 30_000 }, async () => {
      const same = () => new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) })
      const { client, upstream, relay } = await start({
        transforms: { upload: [same(), same()], download: [] },
      })
      const sent = await fill(client, 256 * mebibyte)
      expect(sent).toBeLessThan(32 * mebibyte)
      expect(relay.bytes.clientReceived).toBeLessThan(16 * mebibyte)
      client.end()
      const all = await readAll(upstream)
      expect(all.length).toBe(client.bytesWritten)
      upstream.end()
      client.resume()
      expect((await relay.done).how).toBe('fin')
    })

    test('a transform that fails ends the connection', async () => {
      const fault = new Error('bad bytes')
      const { client, relay } = await start({
        transforms: {
          upload: [new Transform({ transform: (_chunk, _encoding, done) => done(fault) })],
          download: [],
        },
      })
      client.write('x')
      expect(await relay.done).toEqual({ by: 'gateway', how: 'error', error: fault })
    })

    test('a throttle slows one direction and can be lifted', async () => {
      const { client, upstream, relay } = await start({
        throttle: { upload: { bytesPerSecond: 20_000 } },
      })
      const begun = performance.now()
      client.write(Buffer.alloc(10_000))
      await readSome(upstream, 10_000)
      // The bucket holds 100 ms of the rate: the other 8,000 bytes cannot take less than 400 ms.
      expect(performance.now() - begun).toBeGreaterThan(350)
      upstream.write(Buffer.alloc(100_000))
      await readSome(client, 100_000)
      relay.throttle('upload', { bytesPerSecond: 1 })
      client.end(Buffer.alloc(200_000))
      relay.throttle('upload', undefined)
      expect(await readAll(upstream)).toHaveLength(200_000)
      upstream.end()
      client.resume()
      expect((await relay.done).how).toBe('fin')
    })
  })

  test('a reset of the client reaches the upstream as one', async () => {
    const { client, inbound, outbound, upstream } = await openPath(transport)
    const relay = inbound.relay(outbound, plainRelay)
    client.write('x')
    await readSome(upstream, 1)
    client.resetAndDestroy()
    expect(await endOf(upstream)).toBe('reset')
    expect(await relay.done).toEqual({ by: 'client', how: 'reset' })
  })

  test('a reset of the upstream reaches the client as one', async () => {
    const { client, inbound, outbound, upstream } = await openPath(transport)
    const relay = inbound.relay(outbound, plainRelay)
    upstream.write('x')
    await readSome(client, 1)
    upstream.resetAndDestroy()
    expect(await endOf(client)).toBe('reset')
    expect(await relay.done).toEqual({ by: 'upstream', how: 'reset' })
  })

  test('an upstream that has reset before the relay starts is found', async () => {
    const { client, inbound, outbound, upstream } = await openPath(transport)
    upstream.resetAndDestroy()
    await once(upstream, 'close')
    const relay = inbound.relay(outbound, plainRelay)
    expect(await relay.done).toEqual({ by: 'upstream', how: 'reset' })
    expect(await endOf(client)).toBe('reset')
  })

  test('a stop by reset resets both sides', async () => {
    const { client, inbound, outbound, upstream } = await openPath(transport)
    const relay = inbound.relay(outbound, plainRelay)
    relay.stop('rst')
    relay.stop('fin')
    expect(await Promise.all([endOf(client), endOf(upstream)])).toEqual(['reset', 'reset'])
    expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
  })
}
