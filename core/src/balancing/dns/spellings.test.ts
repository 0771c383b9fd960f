import { expect, test } from 'vitest'
import { isName, spellings } from './spellings.ts'

const search = { search: ['a.test', 'b.test'], ndots: 2 }

test.each([
  ['short', ['short.a.test', 'short.b.test', 'short']],
  ['with.dot', ['with.dot.a.test', 'with.dot.b.test', 'with.dot']],
  ['WITH.two.dots', ['with.two.dots', 'with.two.dots.a.test', 'with.two.dots.b.test']],
  ['whole.', ['whole']],
  [
    'bücher.example',
    ['xn--bcher-kva.example.a.test', 'xn--bcher-kva.example.b.test', 'xn--bcher-kva.example'],
  ],
  ['_sip._tcp.x', ['_sip._tcp.x', '_sip._tcp.x.a.test', '_sip._tcp.x.b.test']],
])('%s stands for %j', (host, names) => {
  expect(spellings(host, search)).toEqual(names)
})

test('a domain that makes a name too long is left out', () => {
  const host = `${'x.'.repeat(125)}x`
  expect(spellings(host, search)).toEqual([host])
})

test('what is no name stands for none', () => {
  for (const host of ['', '.', 'a..b', '.a', 'a b', 'x'.repeat(64), 'x.'.repeat(127) + 'x']) {
    expect([host, spellings(host, search)]).toEqual([host, []])
  }
  expect(isName('é.test')).toBe(false)
})
