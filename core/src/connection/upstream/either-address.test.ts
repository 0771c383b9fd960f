import { expect, test } from 'vitest'
import { TransportError, type Outbound, type TransportFailure } from '../../transport/transport.ts'
import { fakeOutbound } from '../connection.fixture.ts'
import { connectEither } from './either-address.ts'

/** A race of 10.0.0.1 and ::1 in which everything happens when the test says so. */
function raceOf([spare]: readonly string[] = ['::1']) {
  const events: string[] = []
  const pending = new Map<string, PromiseWithResolvers<Outbound>>()
  let over = (): void => {}
  const open = (address: string): Promise<Outbound> => {
    events.push(`open ${address}`)
    const dial = Promise.withResolvers<Outbound>()
    pending.set(address, dial)
    return dial.promise
  }
  const decided = (address: string): void => void events.push(`decided ${address}`)
  const connecting = connectEither({ first: '10.0.0.1', spare }, { open, decided }, (ms, call) => {
    events.push(`pause ${ms}`)
    over = call
    return () => void events.push('called off')
  })
  connecting.catch(() => {})
  const answer = async (address: string): Promise<Outbound> => {
    const outbound = fakeOutbound([], { discard: () => void events.push(`discard ${address}`) })
    pending.get(address)?.resolve(outbound)
    await new Promise(setImmediate)
    return outbound
  }
  const fail = async (address: string, failure: TransportFailure): Promise<void> => {
    pending.get(address)?.reject(new TransportError(failure, address))
    await new Promise(setImmediate)
  }
  return { connecting, events, wait: () => over(), answer, fail }
}

test('one address is connected to as it is', async () => {
  const { connecting, events, answer } = raceOf([])
  const outbound = await answer('10.0.0.1')
  expect(await connecting).toBe(outbound)
  expect(events).toEqual(['decided 10.0.0.1', 'open 10.0.0.1'])
})

test('the first address that answers in time has no rival', async () => {
  const { connecting, events, answer } = raceOf()
  const outbound = await answer('10.0.0.1')
  expect(await connecting).toBe(outbound)
  expect(events).toEqual(['pause 250', 'open 10.0.0.1', 'called off', 'decided 10.0.0.1'])
})

test('a silent address has the spare one beside it; who answers late is discarded', async () => {
  const { connecting, events, answer, wait } = raceOf()
  wait()
  expect(events.at(-1)).toBe('open ::1')
  const outbound = await answer('::1')
  expect(await connecting).toBe(outbound)
  await answer('10.0.0.1')
  expect(events.slice(-2)).toEqual(['decided ::1', 'discard 10.0.0.1'])
})

test('the spare address does not wait for one that has failed, and is not opened twice', async () => {
  const { connecting, events, answer, fail, wait } = raceOf()
  await fail('10.0.0.1', 'refused')
  wait()
  const outbound = await answer('::1')
  expect(await connecting).toBe(outbound)
  expect(events.filter((event) => event === 'open ::1')).toHaveLength(1)
})

test('a spare address that fails leaves the first its time', async () => {
  const { connecting, answer, fail, wait } = raceOf()
  wait()
  await fail('::1', 'refused')
  const outbound = await answer('10.0.0.1')
  expect(await connecting).toBe(outbound)
})

test('who fails after the race is over changes nothing', async () => {
  const { connecting, events, answer, fail, wait } = raceOf()
  wait()
  await answer('::1')
  await fail('10.0.0.1', 'timeout')
  await connecting
  expect(events.at(-1)).toBe('decided ::1')
})

test('a peer that has accepted is the one, whatever fails then', async () => {
  const { connecting, events, fail } = raceOf()
  await fail('10.0.0.1', 'unverified')
  await expect(connecting).rejects.toMatchObject({ failure: 'unverified' })
  expect(events).not.toContain('open ::1')
  const both = raceOf()
  both.wait()
  await both.fail('::1', 'handshake')
  await expect(both.connecting).rejects.toMatchObject({ failure: 'handshake' })
  await both.answer('10.0.0.1')
  expect(both.events.at(-1)).toBe('discard 10.0.0.1')
})

test.each([
  ['refused', 'timeout', '::1'],
  ['refused', 'unreachable', '10.0.0.1'],
  ['unreachable', 'refused', '::1'],
  ['unreachable', 'unreachable', '10.0.0.1'],
] as const)('%s, then %s: the outcome is of %s', async (first, second, address) => {
  const { connecting, events, fail } = raceOf()
  await fail('10.0.0.1', first)
  await fail('::1', second)
  await expect(connecting).rejects.toMatchObject({ message: address })
  expect(events.at(-1)).toBe(`decided ${address}`)
})
