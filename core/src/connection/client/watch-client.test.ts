import { expect, test } from 'vitest'
import { TransportError, type Peeked } from '../../transport/transport.ts'
import { fakeInbound, hostOf } from '../connection.fixture.ts'
import { Session } from '../session.ts'
import { isGone, watchClient, type Watched } from './watch-client.ts'

type Look = (atLeast: number) => Peeked

async function watch(look: Look): Promise<Watched | undefined> {
  const inbound = fakeInbound([], { peek: async (atLeast: number) => look(atLeast) })
  return watchClient(new Session(inbound, await hostOf()), new AbortController().signal)
}

const fail = (failure: 'reset' | 'cancelled') => () => {
  throw new TransportError(failure, 'no more')
}

test('tells how a client ends its side, or that it resets', async () => {
  expect(await watch(() => ({ bytes: new Uint8Array(), ended: true }))).toEqual({
    reset: false,
    said: 0,
  })
  const said = (atLeast: number) => ({ bytes: new Uint8Array(atLeast), ended: atLeast === 3 })
  expect(await watch(said)).toEqual({ reset: false, said: 3 })
  expect(await watch(fail('reset'))).toEqual({ reset: true })
})

test('a watch that is given up, or that has seen too much, tells nothing', async () => {
  expect(await watch(fail('cancelled'))).toBeUndefined()
  const flood = { bytes: new Uint8Array(1 << 20), ended: false }
  expect(await watch(() => flood)).toBeUndefined()
  await expect(
    watch(() => {
      throw new TypeError('a mistake')
    }),
  ).rejects.toThrow('a mistake')
})

test('who is gone', () => {
  expect([isGone(0, false), isGone(5, false), isGone(5, true)]).toEqual([true, false, true])
})
