import { expect, test } from 'vitest'
import { summaryOf } from './summary.fixture.ts'
import { whoseOf } from './whose.ts'

test.each([
  [{ name: 'r' }, { name: 's' }, 'r', 's'],
  [{ id: 'i', name: null }, { name: null, host: 'db.example' }, 'i', 'db.example'],
])('%j and %j are called %s and %s', async (route, service, on, of) => {
  const summary = await summaryOf({ route, service })
  const found = summary.route && whoseOf(summary.route, summary.service)
  expect(found).toEqual({ route: on, service: of, workspace: 'default' })
  expect(summary.route && whoseOf(summary.route, undefined).service).toBe('')
})
