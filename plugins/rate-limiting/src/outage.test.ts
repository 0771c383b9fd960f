import { expect, test } from 'vitest'
import { errorOf, Outage } from './outage.ts'

function told() {
  const lines: string[] = []
  const say = (_: object, message: string) => void lines.push(message)
  const outage = new Outage('Redis', { debug: say, info: say, warn: say, error: say })
  return { lines, outage }
}

test('is told once, and so is its end', () => {
  const { lines, outage } = told()
  outage.worked()
  for (const why of ['refused', 'refused', 'no answer']) outage.failed(new Error(why))
  outage.worked()
  outage.worked()
  outage.failed(new Error('refused'))
  const away = ['Redis is away: refused', 'Redis is away: no answer']
  expect(lines).toEqual([...away, 'Redis is back', 'Redis is away: refused'])
})

test('whatever is thrown is an error', () => {
  const error = new TypeError('x')
  expect([errorOf(error), errorOf('text').message]).toEqual([error, 'text'])
})
