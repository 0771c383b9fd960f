import { expect, test } from 'vitest'
import { reject } from '../verdicts.ts'
import { ask, failed } from './ask.ts'
import { Ended, statusOf } from './fate.ts'

test('an answer is passed on, and null is none', async () => {
  const target = { host: 'a', port: 1 }
  expect(await ask('p', 'balance', () => target)).toBe(target)
  expect(await ask('p', 'balance', async () => null)).toBeUndefined()
  expect(await ask('p', 'balance', () => undefined)).toBeUndefined()
})

test('a rejection, a throw and nonsense end the connection, each in its own way', async () => {
  const endOf = (run: () => never) => ask('p', 'preread', run).catch((ended: Ended) => ended.fate)
  expect(await endOf(() => reject('no') as never)).toMatchObject({
    outcome: 'rejected',
    reason: 'no',
    ending: 'plugin.p.rejected',
  })
  expect(
    await endOf(() => {
      throw new Error('broken')
    }),
  ).toMatchObject({ outcome: 'failed', reason: 'broken', error: { plugin: 'p', phase: 'preread' } })
  expect(await endOf(() => 'no' as never)).toMatchObject({
    outcome: 'failed',
    ending: 'plugin.p.failed',
  })
})

test('an answer that cannot be looked at is a fault of the plugin', async () => {
  const trap = {
    get host(): string {
      throw new Error('hands off')
    },
    port: 1,
  }
  await expect(ask('p', 'balance', () => trap)).rejects.toMatchObject({
    fate: { outcome: 'failed', reason: 'hands off', ending: 'plugin.p.failed' },
  })
})

test('what was thrown need not be an error', () => {
  expect(failed('p', 'log', 'text').fate).toMatchObject({ reason: 'text', error: { phase: 'log' } })
})

test.each([
  ['client.closed', 200],
  ['plugin.p.rejected', 403],
  ['plugin.p.failed', 500],
  ['upstream.connect.refused', 502],
  ['gateway.service.none', 503],
  ['client.preread.timeout', 400],
])('%s is %i to Kong', (ending, status) => {
  expect(statusOf(ending)).toBe(status)
})
