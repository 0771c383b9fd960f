import fc from 'fast-check'
import { expect, test } from 'vitest'
import { read } from './proxy-header.fixture.ts'

const ends = (line: string) => {
  const parsed = read(line)
  if (parsed.kind !== 'header') return parsed
  const { addresses } = parsed.header
  const text = addresses && Object.values(addresses).map(({ address, port }) => [address, port])
  return { length: parsed.length, text }
}

test.each([
  ['TCP4 192.168.0.1 192.168.0.11 56324 443', ['192.168.0.1', 56324], ['192.168.0.11', 443]],
  ['TCP4 0.0.0.0 255.255.255.255 0 65535', ['0.0.0.0', 0], ['255.255.255.255', 65535]],
  ['TCP6 2001:DB8::1 ::1 1 2', ['2001:db8::1', 1], ['::1', 2]],
  ['TCP6 1:2:3:4:5:6:7:8 :: 1 2', ['1:2:3:4:5:6:7:8', 1], ['::', 2]],
  // As nginx writes the clients of a socket for both families.
  ['TCP6 ::ffff:10.0.0.1 ::ffff:a00:2 1 2', ['10.0.0.1', 1], ['10.0.0.2', 2]],
])('PROXY %s', (line, source, destination) => {
  const whole = `PROXY ${line}\r\n`
  expect(ends(`${whole}PROXY UNKNOWN\r\n`)).toEqual({
    length: whole.length,
    text: [source, destination],
  })
})

test.each(['', ' ', ' 1.2.3.4 anything \r or \n at all', ` ${'f'.repeat(91)}`])(
  'UNKNOWN%j is a header that tells nothing',
  (rest) => {
    const line = `PROXY UNKNOWN${rest}\r\n`
    expect(ends(line)).toEqual({ length: line.length, text: undefined })
  },
)

test.each([
  'PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n',
  'PROXY TCP4\t1.2.3.4 1.2.3.4 1 2\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 00 2\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 -1 2\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 1e3 2\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4  2\r\n',
  'PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n',
  'PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n',
  'PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n',
  'PROXY TCP4 ::1 ::1 1 2\r\n',
  'PROXY TCP4 ::ffff:1.2.3.4 1.2.3.4 1 2\r\n',
  'PROXY TCP6 1.2.3.4 ::1 1 2\r\n',
  'PROXY TCP6 ::1 1.2.3.4 1 2\r\n',
  'PROXY TCP6 1::2::3 ::1 1 2\r\n',
  'PROXY TCP6 1:2:3:4:5:6:7 ::1 1 2\r\n',
  'PROXY TCP6 12345::1 ::1 1 2\r\n',
  'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n',
  'PROXY TCP6 ::1/64 ::1 1 2\r\n',
  'PROXY TCP6 [::1] ::1 1 2\r\n',
  'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n',
  'PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n',
  'PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n',
  'PROXY UNKNOWNER\r\n',
  'PROXY unknown\r\n',
  'PROXY \r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n\r\n',
  'PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\r\n',
  'PROXY TCP4 1.2.3.4\u00001.2.3.4 1 2\r\n',
])('%j is malformed', (line) => {
  expect(read(line)).toMatchObject({ kind: 'malformed' })
})

test('the CRLF comes within 107 bytes', () => {
  const line = (length: number) => `PROXY UNKNOWN ${'x'.repeat(length - 16)}\r\n`
  expect(ends(line(107))).toEqual({ length: 107, text: undefined })
  expect(read(line(108))).toEqual({ kind: 'malformed', reason: 'the line is too long' })
  expect(read('PROXY UNKNOWN'.padEnd(106))).toEqual({ kind: 'more', atLeast: 107 })
  expect(read('PROXY UNKNOWN'.padEnd(107))).toMatchObject({ kind: 'malformed' })
  expect(read('PROXY UNKNOWN'.padEnd(106) + '\r')).toMatchObject({ kind: 'malformed' })
  expect(read(`PROXY ${'x'.repeat(1_000_000)}`)).toMatchObject({ kind: 'malformed' })
})

test('a lone CR or LF ends no line', () => {
  for (const end of ['\r', '\n', '\n\r', '\rx']) {
    expect(read(`PROXY TCP4 1.2.3.4 1.2.3.4 1 2${end}`)).toMatchObject({ kind: 'more' })
  }
})

test('whatever is between the words, what is read is canonical and nothing is thrown', () => {
  const word = fc.oneof(
    fc.constantFrom('TCP4', 'TCP6', 'UNKNOWN', '', ' ', '0', '65535', '::', '\r', '\n'),
    fc.ipV4(),
    fc.ipV6(),
    fc.nat(70_000).map(String),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 7 }), (words) => {
      const parsed = read(`PROXY ${words.join(' ')}\r\n`)
      if (parsed.kind !== 'header' || !parsed.header.addresses) return
      const { source, destination } = parsed.header.addresses
      for (const { address, port } of [source, destination]) {
        expect(address).toMatch(/^[\da-f.:]+$/)
        expect(port).toBeLessThan(65_536)
      }
    }),
    { numRuns: 2_000 },
  )
})
