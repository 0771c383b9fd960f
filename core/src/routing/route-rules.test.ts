import { expect, test } from 'vitest'
import { entries, route } from './route.fixture.ts'
import { categories, rulesOf } from './route-rules.ts'

test('every combination of what a route sets has its category', () => {
  const set = { sni: { snis: ['a'] }, source: { sources: entries(':1') } }
  const all = { ...set, destination: { destinations: entries(':1') } }
  categories.forEach((category, index) => {
    const fields = Object.assign({}, ...category.map((attribute) => all[attribute]))
    expect(rulesOf(route({ id: 'r', ...fields })).category).toBe(index)
  })
  expect(new Set(categories.map((category) => category.join())).size).toBe(8)
})

test('an attribute of which nothing can be read is set and has no pattern', () => {
  const rules = rulesOf(route({ id: 'r', sources: [{ ip: 'x', port: null }] }))
  expect([rules.sets.source, rules.source]).toEqual([true, []])
})
