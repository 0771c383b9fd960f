import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readText } from './read-text.ts'
import { writeYaml } from './write-yaml.ts'

test('a document is a block that people can read', () => {
  const text = writeYaml({
    _format_version: '3.0',
    _transform: false,
    certificates: [
      { id: '0855b320-0dd2-547d-891d-601e9b38647f', cert: 'BEGIN\nabc\n', tags: null },
    ],
    services: [{ name: 'a', tags: ['b', 'yes'], config: { map: {}, list: [] } }],
  })
  expect(text.split('\n')).toEqual([
    '_format_version: "3.0"',
    '_transform: false',
    'certificates:',
    '- id: 0855b320-0dd2-547d-891d-601e9b38647f',
    '  cert: |',
    '    BEGIN',
    '    abc',
    '  tags: null',
    'services:',
    '- name: a',
    '  tags:',
    '  - b',
    '  - "yes"',
    '  config:',
    '    map: {}',
    '    list: []',
    '',
  ])
})

const tricky = fc.constantFrom(
  'yes',
  'No',
  'y',
  'null',
  '~',
  '1e3',
  '0x1f',
  '12:30',
  '1_000',
  '.inf',
  '-',
  '- a',
  'a: b',
  'a #b',
  ' a',
  'a ',
  'a\n',
  'a\n\n',
  '\na',
  ' a\nb',
  'a\n b\n',
  'a\r\nb',
  '---',
  '...\n',
  '# a\nb\n',
  '\u0085',
  '\u2028',
  '=',
  '<<',
  '2020-01-01',
  '',
  'ü',
  '\ud83d\ude00',
  '\u007f',
  '\ufeff',
  '%a',
  '@a',
  '`a',
  '*a',
  '&a',
  '!a',
)
const texts = fc.oneof(tricky, fc.string({ unit: 'grapheme', maxLength: 12 }))
/** Keys that no document may hold, and the one by which YAML 1.1 merges. */
const refused = new Set(['__proto__', 'constructor', 'prototype', '<<'])
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    texts,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0 || 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      texts.filter((key) => !refused.has(key)),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}))

test('what is written is read back, by readers of YAML 1.1 and 1.2', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value), (document) => {
      const plain: unknown = JSON.parse(JSON.stringify(document))
      const text = writeYaml(document)
      expect(parse(text, { version: '1.1' })).toEqual(plain)
      expect(parse(text)).toEqual(plain)
      expect(readText(text)).toEqual(plain)
    }),
    { numRuns: 500 },
  )
})
