import { expect, test } from 'vitest'
import { DeclarativeError } from '../declarative/declarative-error.ts'
import { devComplaint } from './dev-complaint.ts'

test('faults are told by the options that were typed', () => {
  const config = { limit: { second: 'expected an integer' }, deny: [null, 'no address'] }
  const route = {
    snis: ['invalid'],
    '@entity': ['must set one of them'],
    plugins: [{ config, '@entity': ['at least one'] }],
  }
  const services = [{ host: 'invalid', routes: [route] }]
  const cause = new DeclarativeError({ services })
  expect(devComplaint(new Error('a document', { cause })).split('\n').toSorted()).toEqual([
    '--config deny.2: no address',
    '--config limit.second: expected an integer',
    '--route plugins.1: at least one',
    '--route snis.1: invalid',
    '--route: must set one of them',
    '--upstream host: invalid',
  ])
})

test('everything else is told as it is', () => {
  expect(devComplaint(new Error('no room'))).toBe('no room')
})
