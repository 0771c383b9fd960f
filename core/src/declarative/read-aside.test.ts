import { expect, test } from 'vitest'
import { DeclarativeError } from './declarative-error.ts'
import { readTextAside } from './read-aside.ts'
import { readText } from './read-text.ts'

const long = `services:\n${Array.from({ length: 5000 }, (_, i) => `- name: service-${i}\n`).join('')}`

test.each([
  ['a short text', 'a: 1'],
  ['a long one', long],
])('%s is read as it would be here', async (_name, text) => {
  expect(await readTextAside(text)).toEqual(readText(text))
})

test('the event loop turns while a long text is read', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await readTextAside(long)
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})

test('a short text with anchors, which may stand for a long one, is read aside too', async () => {
  const list = Array.from({ length: 1000 }, () => 'x').join(',')
  const text = `a: &a [${list}]\nb: [${Array.from({ length: 1000 }, () => '*a').join(',')}]`
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  expect(await readTextAside(text)).toEqual(readText(text))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
})

test('a text that takes too long is given up', async () => {
  const error = await readTextAside(long, undefined, 1).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 14, details: { error: expect.stringMatching(/too long/) } })
})

test.each([
  ['broken', `${long}a: [`, 'kong.yml', /^failed parsing/],
  ['of no known type', long, 'kong.toml', /^unknown file type: kong.toml/],
])('a long text that is %s is refused in the same words', async (_name, text, file, fault) => {
  const error = await readTextAside(text, file).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(DeclarativeError)
  expect(error).toMatchObject({ code: 14, details: { error: expect.stringMatching(fault) } })
})
