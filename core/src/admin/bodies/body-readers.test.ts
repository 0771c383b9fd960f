import { expect, test } from 'vitest'
import { bodyReaders } from './body-readers.ts'

test('each type of body is read in its own way', async () => {
  const encode = (text: string) => new TextEncoder().encode(text)
  const readers = bodyReaders(8)
  const read = async (type: string, text: string, parameters = '') =>
    readers[type]?.(encode(text), `${type}${parameters}`)
  expect(await read('application/json', '{"a":1}')).toEqual({ kind: 'json', fields: { a: 1 } })
  const form = { kind: 'form', fields: { a: '1' } }
  expect(await read('application/x-www-form-urlencoded', 'a=1')).toEqual(form)
  const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'
  expect(await read('multipart/form-data', part, '; boundary=x')).toEqual(form)
})
