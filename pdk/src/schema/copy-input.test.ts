import { expect, test } from 'vitest'
import { copyInput } from './copy-input.ts'

function copy(value: unknown): [unknown, string[]] {
  const complaints: string[] = []
  const copied = copyInput(value, (path, message) =>
    complaints.push(`${path.join('.')}: ${message}`),
  )
  return [copied, complaints]
}

test('copies plain data to every depth', () => {
  const input = { a: [{ b: 1 }, 'x'], c: { d: false } }
  const [copied] = copy(input)
  expect(copied).toEqual(input)
  expect(copied).not.toBe(input)
})

test('what is not set is left out of objects; a position in a list stays', () => {
  expect(copy({ a: null, b: undefined, c: [null, 1] })).toEqual([{ c: [null, 1] }, []])
})

test('names the way to keys that reach a prototype', () => {
  const [copied, complaints] = copy(JSON.parse('{"list":[{"__proto__":{"x":1}}],"constructor":{}}'))
  expect(copied).toEqual({ list: [{}] })
  expect(complaints).toEqual(['list.1.__proto__: unknown field', 'constructor: unknown field'])
})
