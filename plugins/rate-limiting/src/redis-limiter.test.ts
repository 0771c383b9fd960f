import { expect, test } from 'vitest'
import { RedisLimiter } from './redis-limiter.ts'
import { scripts } from './redis-scripts.ts'
import type { Script } from './redis-scripts.ts'
import { rulesOf } from './rules.ts'
import type { RuleConfig } from './rules.ts'

async function asked(config: RuleConfig, now: number) {
  const questions: (readonly [Script, readonly string[], readonly string[]])[] = []
  const link = {
    ask: async (...question: readonly [Script, readonly string[], readonly string[]]) => {
      questions.push(question)
      return true
    },
  }
  const { algorithm } = config
  const clock = { now: () => now }
  const rules = rulesOf(config)
  const limiter = new RedisLimiter({ link, clock, algorithm, rules, namespace: 'mine' })
  expect(await limiter.take('ip:1.2.3.4')).toBe(true)
  return questions
}

test('all windows are asked for at once, each under its start and until a little after its end', async () => {
  const now = Date.UTC(2026, 0, 1, 0, 0, 30)
  const start = Date.UTC(2026, 0, 1)
  expect(await asked({ algorithm: 'fixed-window', minute: 5, day: 9 }, now)).toEqual([
    [
      scripts['fixed-window'],
      [`ratelimit:{mine:ip:1.2.3.4}:${start}:minute`, `ratelimit:{mine:ip:1.2.3.4}:${start}:day`],
      ['5', '31000', '9', '86371000'],
    ],
  ])
})

test('what comes back by itself is kept under its pace', async () => {
  expect(await asked({ algorithm: 'token-bucket', second: 5, burst: 8 }, 1)).toMatchObject([
    [{}, ['ratelimit:{mine:ip:1.2.3.4}:bucket:5:second'], ['8', '200']],
  ])
  expect(await asked({ algorithm: 'sliding-window', second: 5 }, 1)).toMatchObject([
    [{}, ['ratelimit:{mine:ip:1.2.3.4}:sliding:second'], ['5', '1000']],
  ])
})
