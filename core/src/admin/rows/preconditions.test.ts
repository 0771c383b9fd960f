import { expect, test } from 'vitest'
import { HttpError } from '../http-error.ts'
import { checkPreconditions, isUnchanged } from './preconditions.ts'

const tag = '"a,b"'

function statusOf(headers: Record<string, string>, now: string | undefined): number {
  try {
    checkPreconditions(headers, () => now)
    return 200
  } catch (error) {
    return error instanceof HttpError ? error.status : 0
  }
}

test.each<[string, string | undefined, number]>([
  [tag, tag, 200],
  [`"x", ${tag}`, tag, 200],
  [`"x",${tag},"y"`, tag, 200],
  [' * ', tag, 200],
  ['*', undefined, 412],
  [tag, undefined, 412],
  ['"x"', tag, 412],
  [`W/${tag}`, tag, 412],
  ['a,b', tag, 412],
  ['"a', tag, 412],
  ['', tag, 412],
  ['"*"', tag, 412],
])('If-Match: %s of %s', (list, now, status) => {
  expect(statusOf({ 'if-match': list }, now)).toBe(status)
})

test.each<[string, string | undefined, number]>([
  ['*', undefined, 200],
  ['*', tag, 412],
  [tag, tag, 412],
  [`W/${tag}`, tag, 412],
  [`"x", W/${tag}`, tag, 412],
  ['"x"', tag, 200],
  [tag, undefined, 200],
])('If-None-Match: %s of %s', (list, now, status) => {
  expect(statusOf({ 'if-none-match': list }, now)).toBe(status)
  expect(isUnchanged({ 'if-none-match': list }, tag)).toBe(
    now === tag && status === 412 ? true : matchesTag(list),
  )
})

function matchesTag(list: string): boolean {
  return list === '*' || list.includes(tag)
}

test('without a condition nobody asks for the tag', () => {
  expect(() =>
    checkPreconditions({}, () => {
      throw new Error('asked')
    }),
  ).not.toThrow()
  expect(isUnchanged({}, tag)).toBe(false)
})
