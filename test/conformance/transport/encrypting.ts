import { once } from 'node:events'
import { Duplex, Transform } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { RelayOptions, Transport } from '../../../core/src/transport/transport.ts'
import { acts, askAll, descriptors } from './acts.ts'
import { dial, endOf, fill, openGate, plainRelay, readAll, readSome, soon } from './harness.ts'
import { everySide, openTlsStreet, overTls, serverTls, type Sides } from './tls-path.ts'

const mebibyte = 1024 * 1024
const crowd = 250

/** What relays do where one side or both are encrypted. */
export function encrypting(transport: Transport): void {
  const start = async (sides: Sides, options: Partial<RelayOptions> = {}) => {
    const path = await (await openTlsStreet(transport, sides)).open()
    const relay = path.inbound.relay(path.outbound, { ...plainRelay, ...options })
    onTestFinished(() => relay.stop('rst'))
    return { ...path, relay }
  }
  const watched = () => ({ observers: { upload: [() => {}], download: [() => {}] } })

  describe.each(everySide)('$name', (sides) => {
    test.each([
      { seen: 'unseen', options: () => ({}) },
      { seen: 'observed', options: watched },
    ])('many bytes both ways at once, $seen', async ({ options }) => {
      const { client, upstream, relay } = await start(sides, options())
      const up = Buffer.alloc(3 * mebibyte, 'upload: ')
      const down = Buffer.alloc(2 * mebibyte, 'down ')
      client.end(up)
      upstream.end(down)
      const [atUpstream, atClient] = await Promise.all([readAll(upstream), readAll(client)])
      expect(atUpstream.equals(up)).toBe(true)
      expect(atClient.equals(down)).toBe(true)
      expect((await relay.done).how).toBe('fin')
      expect(relay.bytes).toMatchObject({ clientSent: down.length, upstreamSent: up.length })
    })

    test('each side may end first', async () => {
      const one = await start(sides)
      one.client.end('question')
      expect((await readAll(one.upstream)).toString()).toBe('question')
      one.upstream.write('late ')
      await readSome(one.client, 5)
      one.upstream.end('answer')
      expect((await readAll(one.client)).toString()).toBe('answer')
      expect(await one.relay.done).toEqual({ by: 'client', how: 'fin' })
      const two = await start(sides)
      two.upstream.end('bye')
      expect((await readAll(two.client)).toString()).toBe('bye')
      two.client.end('bye, too')
      expect((await readAll(two.upstream)).toString()).toBe('bye, too')
      expect(await two.relay.done).toEqual({ by: 'upstream', how: 'fin' })
    })

    test('plugins see and change what is inside', async () => {
      const seen: string[] = []
      const shout = new Transform({
        transform: (chunk: Buffer, _encoding, done) => done(null, chunk.toString().toUpperCase()),
      })
      const { client, upstream, relay } = await start(sides, {
        observers: { upload: [], download: [(chunk) => seen.push(Buffer.from(chunk).toString())] },
        transforms: { upload: [shout], download: [] },
      })
      client.end('quiet')
      expect((await readAll(upstream)).toString()).toBe('QUIET')
      upstream.end('pong')
      expect((await readAll(client)).toString()).toBe('pong')
      expect(await relay.done).toEqual({ by: 'client', how: 'fin' })
      expect(seen.join('')).toBe('pong')
    })

    test.each([
      { seen: 'unseen', options: () => ({}) },
      { seen: 'observed', options: watched },
    ])('a reset stays one, $seen', async ({ options }) => {
      const one = await start(sides, options())
      one.client.write('x')
      await readSome(one.upstream, 1)
      one.carriers.client.resetAndDestroy()
      expect(await endOf(one.upstream)).toBe('reset')
      expect(await one.relay.done).toEqual({ by: 'client', how: 'reset' })
      const two = await start(sides, options())
      two.upstream.write('x')
      await readSome(two.client, 1)
      two.carriers.upstream.resetAndDestroy()
      expect(await endOf(two.client)).toBe('reset')
      expect(await two.relay.done).toEqual({ by: 'upstream', how: 'reset' })
    })

    test('who leaves without a word has ended', async () => {
      const { client, carriers, upstream, relay } = await start(sides)
      client.write('x')
      await readSome(upstream, 1)
      // Below TLS: no close_notify.
      carriers.client.end()
      expect((await readAll(upstream)).toString()).toBe('')
      upstream.end('heard')
      expect((await relay.done).how).toBe('fin')
    })

    test('a throttle holds inside', async () => {
      const { client, upstream, relay } = await start(sides, {
        throttle: { upload: { bytesPerSecond: 20_000 } },
      })
      const begun = performance.now()
      client.write(Buffer.alloc(10_000))
      await readSome(upstream, 10_000)
      expect(performance.now() - begun).toBeGreaterThan(350)
      relay.throttle('upload', undefined)
      client.end(Buffer.alloc(200_000))
      expect(await readAll(upstream)).toHaveLength(200_000)
      upstream.end()
      client.resume()
      expect((await relay.done).how).toBe('fin')
    })

    test('a peer that never reads costs a bounded amount', { timeout: 30_000 }, async () => {
      for (const options of [{}, watched()]) {
        const { upstream, relay } = await start(sides, options)
        expect(await fill(upstream, 256 * mebibyte)).toBeLessThan(32 * mebibyte)
        expect(relay.bytes.upstreamReceived).toBeLessThan(16 * mebibyte)
        relay.stop('rst')
        expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
      }
    })

    test('a stop in order says close_notify', async () => {
      const { client, upstream, relay } = await start(sides)
      client.write('x')
      await readSome(upstream, 1)
      relay.stop('fin')
      expect(await Promise.all([endOf(client), endOf(upstream)])).toEqual(['fin', 'fin'])
      expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
    })

    test('whatever both sides do, all ends and nothing leaks', async () => {
      const street = await openTlsStreet(transport, sides)
      const before = descriptors()
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...acts), { maxLength: 8 }),
          fc.boolean(),
          async (plan, isWatched) => {
            const { carriers, ...path } = await street.open()
            const options = isWatched ? watched() : {}
            const relay = path.inbound.relay(path.outbound, { ...plainRelay, ...options })
            for (const step of plan) await step({ ...path, relay, carriers })
            for (const socket of [path.client, path.upstream]) socket.resume().end()
            const end = await relay.done
            expect(['fin', 'reset', 'stopped']).toContain(end.how)
            for (const socket of [path.client, path.upstream]) socket.destroy()
            for (const socket of Object.values(carriers)) socket.destroy()
          },
        ),
        { numRuns: 40 },
      )
      await expect.poll(descriptors, { timeout: 10_000 }).toBeLessThanOrEqual(before)
    })
  })

  test('a crowd of silent TLS sessions that all speak at once', async () => {
    const street = await openTlsStreet(transport, { client: true, upstream: false })
    const sessions = []
    while (sessions.length < crowd) {
      const path = await street.open()
      const relay = path.inbound.relay(path.outbound, plainRelay)
      sessions.push({ ...path, relay })
    }
    expect(await askAll(sessions)).toEqual([])
  })

  test('a hello that comes byte by byte, and one that comes too slowly', async () => {
    const gate = await openGate(transport)
    const socket = await dial(gate.endpoint)
    const client = connectTls({ socket: trickle(socket, Infinity), rejectUnauthorized: false })
    client.on('error', () => {})
    const inbound = await gate.accepted.take()
    await inbound.peek(1, soon())
    await inbound.peek(20, soon())
    const secured = await inbound.secure(await serverTls(), soon())
    expect(secured.tls.version).toBe('TLSv1.3')
    secured.reset()
    client.destroy()
    const slow = await dial(gate.endpoint)
    const late = connectTls({ socket: trickle(slow, 100), rejectUnauthorized: false })
    late.on('error', () => {})
    const refused = (await gate.accepted.take()).secure(await serverTls(), soon(200))
    await expect(refused).rejects.toMatchObject({ failure: 'timeout' })
    late.destroy()
  })

  test('a connection that is ended or reset during the handshake lets go of who waits', async () => {
    const gate = await openGate(transport)
    for (const act of ['end', 'reset'] as const) {
      const client = await dial(gate.endpoint)
      const inbound = await gate.accepted.take()
      const secured = inbound.secure(await serverTls(), soon())
      inbound[act]()
      await expect(secured, act).rejects.toMatchObject({ name: 'TransportError' })
      expect(inbound.closed).toBe(true)
      expect(await endOf(client)).toMatch(/fin|reset/)
    }
  })

  test('whatever a client garbles, all ends and nothing leaks', async () => {
    const gate = await openGate(transport)
    const options = await serverTls()
    const before = descriptors()
    const place = fc.nat({ max: 1200 })
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const socket = await dial(gate.endpoint)
        const client = connectTls({ socket: garble(socket, at, mask), rejectUnauthorized: false })
        client.on('error', () => {})
        client.end(Buffer.alloc(600))
        const inbound = await gate.accepted.take()
        await inbound.secure(options, soon(100)).then(
          async (secured) => {
            await secured.peek(600, soon(100)).catch(() => {})
            secured.end(Buffer.from('bye'))
          },
          () => inbound.end(),
        )
        client.destroy()
        socket.destroy()
      }),
      { numRuns: 40 },
    )
    await expect.poll(descriptors, { timeout: 10_000 }).toBeLessThanOrEqual(before)
  })

  test('renegotiation is refused', async () => {
    const gate = await openGate(transport)
    const client = overTls(await dial(gate.endpoint), { maxVersion: 'TLSv1.2' })
    const inbound = await gate.accepted.take()
    const [secured] = await Promise.all([
      inbound.secure(await serverTls(), soon()),
      once(client, 'secureConnect'),
    ])
    const renegotiated = new Promise((resolve) => {
      client.renegotiate({}, resolve)
      client.on('error', resolve)
    })
    const looked = secured.peek(1, soon()).catch((error: unknown) => error)
    expect(await renegotiated).toMatchObject({ message: expect.stringMatching(/renegotiation/) })
    client.destroy()
    await looked
  })
}

/** Carries a client of whose bytes one is changed. */
function garble(socket: Duplex, at: number, mask: number): Duplex {
  let sent = 0
  const carrier = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const index = at - sent
      sent += chunk.length
      const bytes = Buffer.from(chunk)
      if (index >= 0 && index < bytes.length) bytes[index] = (bytes[index] ?? 0) ^ mask
      socket.write(bytes, () => done())
    },
  })
  return answerTo(carrier, socket)
}

function answerTo(carrier: Duplex, socket: Duplex): Duplex {
  socket.on('data', (chunk: Buffer) => carrier.push(chunk))
  socket.on('end', () => carrier.push(null))
  socket.resume()
  return carrier
}

/** Carries a client whose bytes leave one by one, a turn each; after so many, none. */
function trickle(socket: Duplex, most: number): Duplex {
  let sent = 0
  const carrier = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      const next = (at: number): void => {
        if (sent >= most) return
        if (at === chunk.length) {
          done()
          return
        }
        sent += 1
        socket.write(chunk.subarray(at, at + 1))
        setImmediate(next, at + 1)
      }
      next(0)
    },
  })
  return answerTo(carrier, socket)
}
