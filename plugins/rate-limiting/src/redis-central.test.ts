import { ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { ClientNews } from './client-news.ts'
import { exchangeScripts } from './exchange-scripts.ts'
import { RedisCentral } from './redis-central.ts'
import type { Script } from './redis-scripts.ts'
import { rulesOf } from './rules.ts'
import type { RuleConfig } from './rules.ts'

/** What a client with so many connections tells, and what it hears when Redis answers so. */
async function exchange(config: RuleConfig, connections: number, answer: unknown) {
  const clock = new ManualClock(100)
  const asked: unknown[] = []
  const link = {
    run: async <T>(
      script: Script,
      keys: readonly string[],
      args: readonly string[],
      read: (answer: unknown) => T,
    ) => {
      asked.push(script === exchangeScripts[config.algorithm], keys, args)
      return read(answer)
    },
  }
  const central = new RedisCentral({ link, clock, algorithm: config.algorithm, namespace: 'n' })
  const rules = rulesOf(config)
  const client = new ClientNews()
  for (let i = 0; i < connections; i++) client.count(rules, 100)
  const heard = await central.exchange('k', client.take(rules, 100))
  return { asked, heard }
}

test('windows: how many more, and the sum of all', async () => {
  const config = { algorithm: 'fixed-window', second: 5, minute: 9 } as const
  expect(await exchange(config, 3, [['7'], ['0']])).toEqual({
    asked: [
      true,
      ['ratelimit:{n:k}:0:second', 'ratelimit:{n:k}:0:minute'],
      ['3', '1900', '3', '60900'],
    ],
    heard: [[{ until: 1000, amount: 7 }], []],
  })
})

test('sliding windows: when each comes back', async () => {
  const config = { algorithm: 'sliding-window', second: 5 } as const
  expect(await exchange(config, 2, [['10', '2', '12', '1']])).toEqual({
    asked: [true, ['ratelimit:{n:k}:sliding:second'], ['100', '1000', '1', '10', '2']],
    heard: [
      [
        { until: 1100, amount: 2 },
        { until: 1120, amount: 1 },
      ],
    ],
  })
})

test('buckets: how long it takes until they are full', async () => {
  const config = { algorithm: 'token-bucket', second: 5 } as const
  expect(await exchange(config, 2, [['400.000']])).toEqual({
    asked: [true, ['ratelimit:{n:k}:bucket:5:second'], ['2', '200']],
    heard: [[{ until: 500, amount: 0 }]],
  })
})

test.each([[1], ['OK'], [[]], [[1]], [[['x']]]])('%j is no answer', async (answer) => {
  const config = { algorithm: 'fixed-window', day: 5 } as const
  await expect(exchange(config, 1, answer)).rejects.toThrow('not that of the script')
})
