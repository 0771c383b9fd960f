import { expect, test } from 'vitest'
import { DeclarativeError } from './declarative-error.ts'
import { readText } from './read-text.ts'

function faultOf(text: string, file?: string): string {
  try {
    readText(text, file)
  } catch (error) {
    if (error instanceof DeclarativeError) return String(error.details?.['error'])
    throw error
  }
  throw new Error('it was read')
}

test.each([
  ['{"a": [1, null]}', undefined, { a: [1, null] }],
  ['a: [1, null]\nb: ~', undefined, { a: [1, null], b: null }],
  ['{a: 1,}', undefined, { a: 1 }],
  ['{"a": 1}', 'x.yaml', { a: 1 }],
  ['{"a": 1}', 'x.JSON', { a: 1 }],
  ['v: "3.0"\nw: 3.0\nx: 1e3', 'x.yml', { v: '3.0', w: 3, x: 1000 }],
  [
    'a: yes\nb: Off\nc: "on"\nd: true\ne: yesterday',
    undefined,
    {
      a: true,
      b: false,
      c: 'on',
      d: true,
      e: 'yesterday',
    },
  ],
  [
    'd: &d {port: 1, tags: [x]}\na: {<<: *d, port: 2}\nb: *d',
    undefined,
    {
      d: { port: 1, tags: ['x'] },
      a: { port: 2, tags: ['x'] },
      b: { port: 1, tags: ['x'] },
    },
  ],
  [
    '1: a\n2020-01-01: b\nt: 2020-01-01',
    undefined,
    { '1': 'a', '2020-01-01': 'b', t: '2020-01-01' },
  ],
])('%s in %s', (text, file, value) => {
  expect(readText(text, file)).toEqual(value)
})

test.each([
  ['bobby tables', undefined, 'failed parsing declarative configuration: expected an object'],
  ['', undefined, 'failed parsing declarative configuration: expected an object'],
  ['[1]', undefined, 'failed parsing declarative configuration: expected an object'],
  ['a: 1', 'x.toml', 'unknown file type: x.toml. (Accepted types: json, yaml)'],
  ['a: 1', 'x', 'unknown file type: x. (Accepted types: json, yaml)'],
])('%s in %s: %s', (text, file, fault) => {
  expect(faultOf(text, file)).toBe(fault)
})

test.each([
  ['a: [1', undefined, /^failed parsing declarative configuration: .*line 1/s],
  ['a: 1\na: 2', undefined, /unique at line 2, column 1$/],
  ['a: {b: 1, "b": 2}', undefined, /unique at line 1, column 11$/],
  ['a: *nobody', undefined, /nobody/],
  ['a: 1\n---\nb: 2', undefined, /multiple documents/i],
  ['{"a": 1', 'x.json', /JSON at position 7/],
  ['a: {__proto__: {x: 1}}', undefined, /'__proto__' is not allowed/],
  ['{"constructor": 1}', undefined, /'constructor' is not allowed/],
  [`a: ${'['.repeat(100)}${']'.repeat(100)}`, undefined, /nested more than 64 levels/],
])('%s in %s is refused', (text, file, fault) => {
  expect(faultOf(text, file)).toMatch(fault)
})

test.each([
  ['key: secret: it', undefined],
  ['{"key": "secret" it}', undefined],
  ['key: "secret\nit', undefined],
  ['- a\n]secret: it', undefined],
  ['key: |secret', undefined],
  ['{"key": "secret" it}', 'x.json'],
  ['{"key": secret}', 'x.json'],
])('what is wrong with %j in %s is told without what it says', (text, file) => {
  expect(faultOf(text, file)).toMatch(/^failed parsing declarative configuration: ./)
  expect(faultOf(text, file)).not.toContain('secret')
})

test('the time for a mapping grows with its keys, not with their square', () => {
  const keys = Array.from({ length: 60_000 }, (_, i) => `k${i}: 1`)
  expect(Object.keys(readText(keys.join('\n')))).toHaveLength(keys.length)
}, 20_000)

test('an anchor may be used as often as a large file needs', () => {
  const routes = Array.from({ length: 5000 }, (_, i) => `- {<<: *d, name: r${i}}`)
  const { routes: read } = readText(`d: &d {tags: [a, b]}\nroutes:\n${routes.join('\n')}`)
  expect(read).toHaveLength(5000)
})

test('aliases within aliases do not multiply without an end', () => {
  const levels = Array.from({ length: 12 }, (_, i) => {
    const below = Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*l${i - 1}`))
    return `l${i}: &l${i} [${below.join(', ')}]`
  })
  expect(faultOf(levels.join('\n'))).toMatch(/alias|too many values/i)
})
