import { expect, test } from 'vitest'
import { ClientNews } from './client-news.ts'
import { rulesOf } from './rules.ts'
import type { RuleConfig } from './rules.ts'

const make = (config: RuleConfig) => ({ rules: rulesOf(config), client: new ClientNews() })

test('windows: what was counted is told once, and of each limit somebody wants to hear', () => {
  const { rules, client } = make({ algorithm: 'fixed-window', second: 5, minute: 9 })
  client.count(rules, 100)
  client.count(rules, 200)
  expect(client.untold).toBe(2)
  expect(client.take(rules, 300)).toMatchObject([
    { name: ':0:second', until: 1000, told: [{ until: 1000, amount: 2 }] },
    { name: ':0:minute', until: 60_000, told: [{ until: 60_000, amount: 2 }] },
  ])
  expect(client.isEmpty).toBe(true)
  expect(client.take(rules, 1500)).toMatchObject([
    { name: ':1000:second', told: [] },
    { name: ':0:minute', told: [] },
  ])
})

test('what could not be told is told with what came since, but for windows that are past', () => {
  const { rules, client } = make({ algorithm: 'fixed-window', second: 5, minute: 9 })
  client.count(rules, 100)
  const news = client.take(rules, 200)
  client.count(rules, 300)
  client.restore(news)
  client.count(rules, 1100)
  const sums = client
    .take(rules, 1200)
    .map(({ name, told }) => [name, told.reduce((sum, { amount }) => sum + amount, 0)])
  expect(Object.fromEntries(sums)).toEqual({ ':1000:second': 1, ':0:minute': 3 })
})

test('however long nobody can be told, only what still counts is kept', () => {
  for (const algorithm of ['fixed-window', 'sliding-window', 'token-bucket'] as const) {
    const { rules, client } = make({ algorithm, second: 1000 })
    for (let now = 0; now < 100_000; now += 7) {
      const news = client.take(rules, now)
      client.count(rules, now)
      client.restore(news)
    }
    const news = client.take(rules, 100_000)
    expect(news).toHaveLength(1)
    expect(news[0]?.told.length).toBeLessThanOrEqual(150)
  }
})

test('a sliding window tells when each part comes back', () => {
  const { rules, client } = make({ algorithm: 'sliding-window', second: 5 })
  for (const now of [3, 8, 12]) client.count(rules, now)
  expect(client.take(rules, 13)).toMatchObject([
    {
      told: [
        { at: 3, until: 1010, amount: 2 },
        { at: 12, until: 1020, amount: 1 },
      ],
    },
  ])
})
