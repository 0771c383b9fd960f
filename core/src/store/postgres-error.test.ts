import pg from 'pg'
import { expect, test } from 'vitest'
import { isConnectionLost, isReadOnly, isUndefinedTable, postgresError } from './postgres-error.ts'

function answer(code: string, message = 'why'): Error {
  return Object.assign(new pg.DatabaseError(message, 0, 'error'), { code })
}

test.each([
  ['08006', 'unavailable'],
  ['25006', 'unavailable'],
  ['28P01', 'unavailable'],
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['53300', 'unavailable'],
  ['57014', 'unavailable'],
  ['57P01', 'unavailable'],
  ['XX001', 'corrupt'],
])('%s is %s', (code, reason) => {
  const error = answer(code)
  expect(postgresError(error)).toMatchObject({ name: 'StoreError', reason, cause: error })
})

test('a fault of the statement stays what it is', () => {
  const error = answer('23505')
  expect(postgresError(error)).toBe(error)
  expect(postgresError('no error')).toBe('no error')
})

test('what is no answer of the server is the way to it', () => {
  const error = new AggregateError([
    new Error('connect ECONNREFUSED ::1'),
    new Error('and 127.0.0.1'),
  ])
  expect(postgresError(error)).toMatchObject({
    reason: 'unavailable',
    message: 'the database cannot be used: connect ECONNREFUSED ::1, and 127.0.0.1',
  })
  expect(isConnectionLost(error)).toBe(true)
})

test('which connections may be used again', () => {
  expect(['23505', '40001', '57014'].filter((code) => isConnectionLost(answer(code)))).toEqual([])
  expect(['08006', '57P01'].filter((code) => !isConnectionLost(answer(code)))).toEqual([])
  expect([isReadOnly(answer('25006')), isUndefinedTable(answer('42P01'))]).toEqual([true, true])
})
