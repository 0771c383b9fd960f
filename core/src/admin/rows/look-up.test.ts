import { expect, test } from 'vitest'
import { world } from '../../entities/plan.fixture.ts'
import { lookUp } from './look-up.ts'

test('only by a unique field beside the endpoint key', () => {
  const { set, create } = world()
  const { id } = create('consumers', { username: 'u', custom_id: 'c' })
  const by = (query: string) => lookUp(set, 'consumers', new URLSearchParams(query))
  expect(by('custom_id=c')).toMatchObject([{ id }])
  expect(by('custom_id=d')).toEqual([])
  expect(by('username=u')).toBeUndefined()
  expect(by('')).toBeUndefined()
  expect(() => by('custom_id=')).toThrow('custom_id must be an unempty string')
  // It has no endpoint key: its digest is an answer, not a question.
  const digest = new URLSearchParams('cert_digest=x')
  expect(lookUp(set, 'ca_certificates', digest)).toBeUndefined()
})
