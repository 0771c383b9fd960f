import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { createNativeTransport } from '../../core/src/transport/native/native.ts'
import type { Inbound } from '../../core/src/transport/transport.ts'
import { dial, kinds, openGate, openUpstream, soon, type Gate } from './transport/harness.ts'
import { loadTestAddon } from './transport/transports.ts'

const addon = loadTestAddon()

/** As long as a client has for its first bytes, in milliseconds. */
const hold = 10

const ageOf = ({ age }: Inbound) => age

/** A client that says nothing before it has been handed out. */
async function admitSilent(gate: Gate) {
  const client = await dial(gate.endpoint)
  return { client, inbound: await gate.accepted.take() }
}

/** Asks a client for its first byte before it has said one. */
async function lookInVain(gate: Gate): Promise<Inbound> {
  const { client, inbound } = await admitSilent(gate)
  const looking = inbound.look(1, soon(), (bytes) => bytes.length)
  expect(looking).toBeInstanceOf(Promise)
  client.write('x')
  expect(await looking).toBe(1)
  return inbound
}

/** What a connection is handed out with depends on what was asked of those before it. */
describe.runIf(!('missing' in addon)).each(kinds)(
  'arrivals at the native transport over %s',
  (kind) => {
    const open = async () => {
      if ('missing' in addon) throw new Error(addon.missing)
      return openGate(createNativeTransport(addon), kind)
    }

    test('whoever is not asked for bytes is handed out at once', async () => {
      const gate = await open()
      for (let count = 0; count < 3; count += 1) {
        expect(ageOf((await admitSilent(gate)).inbound)).toBe(0)
      }
    })

    test('the client after one that was asked has a moment for its first bytes', async () => {
      const gate = await open()
      expect(ageOf(await lookInVain(gate))).toBe(0)
      const inbound = await lookInVain(gate)
      expect(ageOf(inbound)).toBeGreaterThanOrEqual(hold)
    })

    test('it is handed out with the bytes that have come', async () => {
      const gate = await open()
      await lookInVain(gate)
      for (let count = 0; count < 3; count += 1) {
        const client = await dial(gate.endpoint)
        client.write('hello')
        const inbound = await gate.accepted.take()
        const seen = await inbound.look(5, soon(), (bytes) => Buffer.from(bytes).toString())
        expect(seen).toBe('hello')
        inbound.reset()
      }
    })

    test('a connect that did without them ends it', async () => {
      const gate = await open()
      const { endpoint } = await openUpstream(kind)
      await lookInVain(gate)
      const { inbound } = await admitSilent(gate)
      const outbound = await inbound.connect(endpoint, { ...soon(), keepAlive: 0 })
      expect(ageOf((await admitSilent(gate)).inbound)).toBe(0)
      outbound.discard()
    })

    test('a client that ends before it says anything is handed out', async () => {
      const gate = await open()
      await lookInVain(gate)
      const client = await dial(gate.endpoint)
      client.end()
      const inbound = await gate.accepted.take()
      expect(await inbound.peek(1, soon())).toMatchObject({ ended: true })
    })

    test('a client that resets before it says anything is handed out, or nobody', async () => {
      const gate = await open()
      await lookInVain(gate)
      const client = await dial(gate.endpoint)
      if (kind === 'tcp') client.resetAndDestroy()
      else client.destroy()
      await once(client, 'close')
      const next = await dial(gate.endpoint)
      next.write('next')
      const heard = Array.from({ length: 2 }, async () => {
        const inbound = await gate.accepted.take()
        return inbound.peek(4, soon()).then(
          ({ bytes }) => Buffer.from(bytes).toString(),
          () => '',
        )
      })
      expect((await Promise.all(heard)).toSorted()).toEqual(['', 'next'])
    })

    test('a listener that closes hands out everybody first', async () => {
      const gate = await open()
      await lookInVain(gate)
      const clients = await Promise.all(Array.from({ length: 5 }, () => dial(gate.endpoint)))
      await gate.listening.close()
      expect(gate.accepted.size).toBe(clients.length)
    })
  },
)
