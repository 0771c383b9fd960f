import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { world } from '../../entities/plan.fixture.ts'
import type { Call } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { listPage } from './list-page.ts'
import { locate, locateOrFail, notFound } from './locate.ts'
import { testNode } from '../node.fixture.ts'
import { planPut } from './plan-put.ts'

const pair = { cert: ecCert, key: ecKey }

test('a certificate is found by its id and by its SNIs', () => {
  const { create, set } = world()
  const { id } = create('certificates', { ...pair, snis: ['a.test'] })
  expect(locate(set, 'certificates', 'a.test')?.id).toBe(id)
  expect(locateOrFail(set, 'certificates', String(id).toUpperCase()).id).toBe(id)
  expect(() => locateOrFail(set, 'certificates', 'b.test')).toThrow(
    new HttpError(404, 'SNI not found'),
  )
  expect(notFound('certificates', String(id)).message).toBe('Not found')
})

test('PUT by an unknown SNI adds it to the list that is written', () => {
  const { set } = world()
  const { deps } = testNode()
  const body = { kind: 'json', fields: { ...pair, snis: ['a.test'] } } as const
  const call: Call = {
    deps,
    author: 'unix',
    params: { item: 'b.test' },
    query: new URLSearchParams(),
    headers: {},
    body,
  }
  const plan = planPut(set, call, 'certificates', undefined, {})
  expect(plan.result['snis']).toEqual(['a.test', 'b.test'])
  expect(plan.changes.map(({ entity }) => entity)).toEqual(['certificates', 'snis', 'snis'])
  expect(listPage({ ...call, params: {} }, 'snis')).toEqual({ data: [], next: null })
})
