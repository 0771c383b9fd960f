import { Transform } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type {
  Allowance,
  Draw,
  Relay,
  RelayOptions,
  Transport,
} from '../../../core/src/transport/transport.ts'
import { openPath, plainRelay, readAll, readSome, type Path } from './harness.ts'

interface Heard {
  readonly allowance: Allowance
  calls: number
}

/** Bytes that several connections share, whoever moves them. */
export function sharing(transport: Transport): void {
  const open = (low = 0, hear: (heard: Heard) => void = () => {}): Heard => {
    const heard: Heard = {
      allowance: transport.allowance(low, () => {
        heard.calls += 1
        hear(heard)
      }),
      calls: 0,
    }
    onTestFinished(() => heard.allowance.close())
    return heard
  }
  const start = async (
    { allowance }: Heard,
    options: Partial<RelayOptions> & { isSoft?: boolean } = {},
  ): Promise<Path & { readonly relay: Relay }> => {
    const path = await openPath(transport)
    const draws: readonly Draw[] = [{ allowance, isSoft: options.isSoft ?? false }]
    const relay = path.inbound.relay(path.outbound, {
      ...plainRelay,
      draws: { upload: draws, download: draws },
      ...options,
    })
    return { ...path, relay }
  }
  /** Through streams of Node in either transport. */
  const streamed = () => ({
    transforms: { upload: [passOn()], download: [] },
  })

  test('not a byte passes that was not granted, and every one that was', async () => {
    const pot = open()
    const { client, upstream, relay } = await start(pot)
    client.write(Buffer.alloc(300_000))
    await until(() => pot.calls > 0)
    expect(relay.bytes.upstreamSent).toBe(0)
    pot.allowance.grant(1000)
    expect(await readSome(upstream, 1000)).toHaveLength(1000)
    await until(() => pot.calls > 1)
    expect(pot.allowance.left).toBe(0)
    pot.allowance.grant(200_000)
    expect(await readSome(upstream, 200_000)).toHaveLength(200_000)
    expect(relay.bytes.upstreamSent).toBe(201_000)
    pot.allowance.grant(500_000)
    client.end()
    expect(await readAll(upstream)).toHaveLength(99_000)
    expect(pot.allowance.left).toBe(401_000)
  })

  test('what is low is told once, until there is more', async () => {
    const pot = open(500)
    const { client, upstream } = await start(pot)
    pot.allowance.grant(1000)
    for (const size of [500, 100, 100]) {
      client.write(Buffer.alloc(size))
      await readSome(upstream, size)
    }
    await until(() => pot.calls === 1)
    pot.allowance.grant(1000)
    client.write(Buffer.alloc(900))
    await readSome(upstream, 900)
    await until(() => pot.calls === 2)
    expect(pot.allowance.left).toBe(400)
  })

  test('a grant is shared out evenly, and an idle connection takes nothing of it', async () => {
    const pot = open()
    const paths = await Promise.all([start(pot), start(pot), start(pot)])
    const [one, other, idle] = paths
    if (!one || !other || !idle) throw new Error('three were asked for')
    for (const { client } of [one, other]) client.write(Buffer.alloc(400_000))
    await until(() => pot.calls > 0)
    await settled()
    for (let round = 1; round <= 5; round++) {
      pot.allowance.grant(20_000)
      await until(() => pot.allowance.left < 1)
      await settled()
      const sent = [one, other].map(({ relay }) => relay.bytes.upstreamSent)
      expect(sent).toEqual([round * 10_000, round * 10_000])
    }
    idle.upstream.write('x')
    pot.allowance.grant(700_001)
    await Promise.all([one, other].map(({ upstream }) => readSome(upstream, 400_000)))
    expect(await readSome(idle.client, 1)).toHaveLength(1)
  })

  test('whoever is alone gets all of it; both directions may draw', async () => {
    const pot = open(1000, ({ allowance }) => allowance.grant(10_000))
    const { client, upstream, relay } = await start(pot)
    client.end(Buffer.alloc(300_000, 'u'))
    upstream.end(Buffer.alloc(400_000, 'd'))
    const [up, down] = await Promise.all([readAll(upstream), readAll(client)])
    expect([up.length, down.length]).toEqual([300_000, 400_000])
    expect((await relay.done).how).toBe('fin')
  })

  test('streams of Node and the rest draw from the same', async () => {
    const pot = open()
    const plain = await start(pot)
    const slow = await start(pot, streamed())
    for (const { client } of [plain, slow]) client.write(Buffer.alloc(200_000))
    await until(() => pot.calls > 0)
    await settled()
    let granted = 0
    const sent = () => plain.relay.bytes.upstreamSent + slow.relay.bytes.upstreamSent
    for (; granted < 200_000; granted += 20_000) {
      pot.allowance.grant(20_000)
      await until(() => pot.allowance.left < 2)
    }
    await settled()
    expect(sent() + pot.allowance.left).toBe(granted)
    expect(Math.min(plain.relay.bytes.upstreamSent, slow.relay.bytes.upstreamSent)).toBeGreaterThan(
      0,
    )
    pot.allowance.grant(1_000_000)
    await Promise.all([plain, slow].map(({ upstream }) => readSome(upstream, 200_000)))
    expect(sent()).toBe(400_000)
  })

  test('what is only counted is not held back', async () => {
    const pot = open()
    const { client, upstream } = await start(pot, { isSoft: true })
    client.end(Buffer.alloc(100_000))
    expect(await readAll(upstream)).toHaveLength(100_000)
    expect(pot.allowance.left).toBe(-100_000)
    await until(() => pot.calls > 0)
  })

  describe.each([
    ['as they are', () => ({})],
    ['through streams', streamed],
  ])('bytes %s', (_how, options) => {
    test('a connection that is stopped takes no more of it', async () => {
      const pot = open()
      const { client, upstream, relay } = await start(pot, options())
      pot.allowance.grant(1000)
      client.write(Buffer.alloc(100_000))
      await readSome(upstream, 1000)
      await until(() => pot.calls > 0)
      relay.stop('fin')
      pot.allowance.grant(5000)
      expect(await readAll(upstream)).toHaveLength(0)
      expect(pot.allowance.left).toBe(5000)
      client.destroy()
      expect(await relay.done).toEqual({ by: 'gateway', how: 'stopped' })
    })

    test('a reset while it waits leaves the line to the others', async () => {
      const pot = open()
      const gone = await start(pot, options())
      gone.client.write(Buffer.alloc(10_000))
      await until(() => pot.calls > 0)
      const other = await start(pot, options())
      other.client.write(Buffer.alloc(10_000))
      await settled()
      gone.relay.stop('rst')
      await gone.relay.done
      pot.allowance.grant(10_000)
      expect(await readSome(other.upstream, 10_000)).toHaveLength(10_000)
      expect(gone.relay.bytes.upstreamSent).toBe(0)
    })

    test('once it is closed nobody is held back', async () => {
      const pot = open()
      const { client, upstream } = await start(pot, options())
      client.end(Buffer.alloc(100_000))
      await until(() => pot.calls > 0)
      pot.allowance.close()
      expect(await readAll(upstream)).toHaveLength(100_000)
      pot.allowance.grant(1)
    })

    test('a rate of its own holds beside it, and can be lifted', async () => {
      const pot = open()
      const { client, upstream, relay } = await start(pot, {
        ...options(),
        throttle: { upload: { bytesPerSecond: 20_000, burst: 4000 } },
      })
      const begun = performance.now()
      pot.allowance.grant(10_000)
      client.write(Buffer.alloc(50_000))
      await readSome(upstream, 10_000)
      // After the burst the other 6,000 bytes cannot take less than 300 ms.
      expect(performance.now() - begun).toBeGreaterThan(250)
      relay.throttle('upload', undefined)
      await until(() => pot.calls > 0)
      await settled()
      expect(relay.bytes.upstreamSent).toBe(10_000)
      pot.allowance.grant(40_000)
      expect(await readSome(upstream, 40_000)).toHaveLength(40_000)
    })
  })
}

function passOn(): Transform {
  return new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) })
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** What is under way in this process arrives. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn()
}
