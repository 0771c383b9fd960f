import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checked, read, tlv, v2 } from './proxy-header.fixture.ts'

const headers = [
  ['v1', Buffer.from('PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n')],
  ['v1 without addresses', Buffer.from('PROXY UNKNOWN\r\n')],
  ['v2', v2()],
  ['v2 with TLVs', checked([tlv(2, 'a.example'), tlv(0xe0, new Uint8Array(300))])],
] as const

test.each(headers)('%s, split at every byte, is whole when it is whole', (_, header) => {
  const followed = Buffer.concat([header, Buffer.from('payload')])
  let asked = 1
  for (let length = 0; length < header.length; length++) {
    const parsed = read(followed.subarray(0, length))
    if (parsed.kind !== 'more') throw new Error(`${length} bytes: ${JSON.stringify(parsed)}`)
    // It asks for more than there is, for more and more, and never for what follows the header.
    expect(parsed.atLeast).toBeGreaterThan(length)
    expect(parsed.atLeast).toBeGreaterThanOrEqual(asked)
    expect(parsed.atLeast).toBeLessThanOrEqual(header.length)
    asked = parsed.atLeast
  }
  for (let length = header.length; length <= followed.length; length++) {
    expect(read(followed.subarray(0, length))).toMatchObject({
      kind: 'header',
      length: header.length,
    })
  }
})

test.each([
  ['a ClientHello', [0x16, 0x03, 0x01, 0x02], '0x16030102'],
  ['HTTP', [...Buffer.from('GET / HTTP/1.1\r\n\r\n')], '0x474554202f20485454502f31'],
  ['a word that begins alike', [...Buffer.from('PROX')], undefined],
  ['one that goes on in another way', [...Buffer.from('PROXX')], '0x50524f5858'],
  ['a signature with a fault', [0x0d, 0x0a, 0x0d, 0x0a, 0x01], '0x0d0a0d0a01'],
  ['an empty line', [0x0a], '0x0a'],
  ['a zero', [0], '0x00'],
] as const)('%s', (_, bytes, shown) => {
  const reason = `it begins with ${String(shown)}, not a PROXY header`
  expect(read(Uint8Array.from(bytes))).toEqual(
    shown === undefined ? { kind: 'more', atLeast: 5 } : { kind: 'malformed', reason },
  )
})

test('a longer start never takes back what a shorter one has told', () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(...headers.map(([, header]) => header)),
  )
  fc.assert(
    fc.property(anything, fc.uint8Array({ maxLength: 20 }), fc.nat(300), (start, rest, cut) => {
      const whole = Buffer.concat([start, rest])
      const earlier = read(whole.subarray(0, cut))
      const later = read(whole)
      if (earlier.kind === 'malformed') expect(later.kind).toBe('malformed')
      expect(earlier.kind === 'header' ? later : earlier).toEqual(earlier)
    }),
    { numRuns: 2_000 },
  )
})
