import { join } from 'node:path'
import { expect, test } from 'vitest'
import { instantiations, instantiationsOfNothing } from './instantiations.ts'
import { compareContract, root } from './pdk-api.ts'

test('the contract of the PDK is the one that is written down; "npm run api" writes it down anew', () => {
  expect(compareContract(false)).toEqual([
    { file: 'pdk.api.md', isChanged: false },
    { file: 'pdk-testing.api.md', isChanged: false },
  ])
})

/** A third above what is needed today: a type that gets dear for every author is seen here. */
const budgets = { 'sdk-examples/1-maintenance': 700, 'plugins/rate-limiting': 6100 } as const

test('a plugin costs the compiler little', () => {
  const alone = instantiationsOfNothing()
  expect(alone).toBeLessThan(10_500)
  for (const [plugin, budget] of Object.entries(budgets)) {
    const needed = instantiations(join(root, plugin, 'src/index.ts')) - alone
    expect(needed, plugin).toBeGreaterThan(0)
    expect(needed, plugin).toBeLessThan(budget)
  }
})
