import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { isTlsRecord, parseClientHello } from './client-hello.ts'
import {
  alpn,
  ascii,
  captureNode,
  captureOpenssl,
  type Extension,
  hello,
  helloMessage,
  records,
  serverName,
  u16,
  vector16,
} from './hello.fixture.ts'

/** Like the parser's answer, with the fingerprint read, or why there is none. */
function outcome(bytes: Uint8Array): unknown {
  const parsed = parseClientHello(bytes)
  return parsed.kind === 'hello' ? JSON.parse(JSON.stringify(parsed.hello)) : parsed
}

const fingerprint = expect.stringMatching(/^[0-9a-f]{32}$/)

function nameOf(bytes: Uint8Array): string | undefined {
  const parsed = parseClientHello(bytes)
  if (parsed.kind !== 'hello') throw new Error(JSON.stringify(parsed))
  return parsed.hello.serverName
}

describe('real clients', () => {
  let captured: Uint8Array[] = []
  beforeAll(async () => {
    captured = await Promise.all([
      captureNode({ servername: 'Node.Example.com', ALPNProtocols: ['h2', 'http/1.1'] }),
      captureNode({ servername: '', maxVersion: 'TLSv1.2' }),
      captureOpenssl('-servername', 'tlsbin-example', '-alpn', 'postgresql'),
      captureOpenssl('-noservername', '-tls1_2'),
    ])
  })

  test('are understood', () => {
    const seen = captured.map((bytes) => outcome(bytes))
    expect(seen).toEqual([
      {
        serverName: 'node.example.com',
        alpn: ['h2', 'http/1.1'],
        ja4: expect.stringMatching(/^t13d\d{4}h2_/),
        ja3: fingerprint,
      },
      { alpn: [], ja4: expect.stringMatching(/^t12i\d{4}00_/), ja3: fingerprint },
      {
        serverName: 'tlsbin-example',
        alpn: ['postgresql'],
        ja4: expect.stringMatching(/^t13d\d{4}pl_/),
        ja3: fingerprint,
      },
      { alpn: [], ja4: expect.stringMatching(/^t12i\d{4}00_/), ja3: fingerprint },
    ])
  })

  test('give the same answer split into records at every offset', () => {
    for (const bytes of captured) {
      const whole = outcome(bytes)
      const message = bytes.subarray(5)
      for (let cut = 1; cut < message.length; cut++) {
        expect(outcome(records(message, [cut])), `cut at ${cut}`).toEqual(whole)
      }
      const everywhere = Array.from({ length: message.length }, (_, index) => index)
      expect(outcome(records(message, everywhere))).toEqual(whole)
    }
  })

  test('ask for more at every offset, and for no more than there is', () => {
    for (const bytes of captured) {
      const message = bytes.subarray(5)
      for (const wire of [bytes, records(message, [1, 2, 3, 50]), records(message, [120])]) {
        for (let length = 0; length < wire.length; length++) {
          const parsed = parseClientHello(wire.subarray(0, length))
          if (parsed.kind !== 'more') throw new Error(`${length}: ${JSON.stringify(parsed)}`)
          expect(parsed.atLeast).toBeGreaterThan(length)
          expect(parsed.atLeast).toBeLessThanOrEqual(wire.length)
        }
      }
    }
  })

  test('do not depend on what follows the hello', () => {
    for (const bytes of captured) {
      const early = Uint8Array.from([...bytes, 0x17, 3, 3, 0, 1, 0])
      expect(outcome(early)).toEqual(outcome(bytes))
    }
  })

  test('survive mutation without a throw, and splitting never changes the answer', () => {
    const cases = fc.record({
      which: fc.nat(captured.length - 1),
      flips: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
      cuts: fc.array(fc.nat(2000), { maxLength: 20 }),
      keep: fc.nat(3000),
    })
    const check = fc.property(cases, ({ which, flips, cuts, keep }) => {
      const message = Uint8Array.from(captured[which]!.subarray(5))
      // The length of the message stays: what is then missing or too much depends on the records.
      for (const [at, value] of flips) message[4 + (at % (message.length - 4))] = value
      expect(outcome(records(message, cuts))).toEqual(outcome(records(message)))
      const cut = records(message, cuts).subarray(0, keep)
      const parsed = parseClientHello(cut)
      if (parsed.kind === 'more') expect(parsed.atLeast).toBeGreaterThan(cut.length)
    })
    fc.assert(check, { numRuns: 500 })
  })
})

test('is not moved by bytes that arrive later: what is known stays known', () => {
  const header = fc.constantFrom<number[]>([], [0x16], [0x16, 3, 1], [0x16, 3, 1, 0, 60, 1, 0, 0])
  const input = fc.tuple(header, fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 9 }))
  const check = fc.property(input, ([start, middle, more]) => {
    const bytes = Uint8Array.from([...start, ...middle])
    const before = parseClientHello(bytes)
    const longer = Uint8Array.from([...bytes, ...more])
    if (before.kind === 'more') expect(before.atLeast).toBeGreaterThan(bytes.length)
    else expect(outcome(longer)).toEqual(outcome(bytes))
  })
  fc.assert(check, { numRuns: 1000 })
})

test('every inner field may be anything without a throw', () => {
  const extension = fc.tuple(
    fc.constantFrom(0, 13, 16, 43, 10, 0x0a0a),
    fc.array(fc.nat(255), { maxLength: 40 }),
  )
  const fields = fc.record({
    ciphers: fc.array(fc.nat(0xffff), { maxLength: 5 }),
    extensions: fc.array(extension, { maxLength: 4 }),
    sessionId: fc.array(fc.nat(255), { maxLength: 40 }),
  })
  const check = fc.property(fields, fc.array(fc.nat(300), { maxLength: 6 }), (given, cuts) => {
    const message = helloMessage(given)
    const whole = outcome(records(message))
    expect(whole).not.toHaveProperty('kind', 'more')
    expect(outcome(records(message, cuts))).toEqual(whole)
  })
  fc.assert(check, { numRuns: 1000 })
})

const name = (text: string): Uint8Array => hello({ extensions: [serverName(text)] })

test.each([
  ['a.example', 'a.example'],
  ['A.EXAMPLE.com', 'a.example.com'],
  ['a.example.com.', 'a.example.com'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['under_score.example', 'under_score.example'],
  ['localhost', 'localhost'],
  ['a'.repeat(255), 'a'.repeat(255)],
])('the server name %s is %s', (sent, read) => {
  expect(nameOf(name(sent))).toBe(read)
})

test('a hello without the extension has no server name at all', () => {
  expect(outcome(hello())).not.toHaveProperty('serverName')
})

test('an encrypted client hello is known by its outer name', () => {
  const extensions: Extension[] = [[0xfe0d, [0, 1, 2, 3]], serverName('outer.example')]
  expect(nameOf(hello({ extensions }))).toBe('outer.example')
})

test.each([
  ['empty', ''],
  ['too long', 'a'.repeat(256)],
  ['only a dot', '.'],
  ['an empty label', 'a..b'],
  ['a leading dot', '.example.com'],
  ['two trailing dots', 'a.example..'],
  ['NUL', 'a.example\0.evil'],
  ['a space', 'a example'],
  ['a control character', 'a\nexample'],
  ['DEL', 'a\x7f'],
  ['not ASCII', 'b\xfccher.example'],
  ['an IPv4 literal', '127.0.0.1'],
  ['an IPv4 literal with a dot', '127.0.0.1.'],
  ['an odd IPv4 literal', '127.000.000.001'],
  ['an IPv6 literal', '::1'],
  ['an IPv6 literal in brackets', '[::1]'],
])('a server name that is %s is malformed', (_, sent) => {
  expect(parseClientHello(name(sent)).kind).toBe('malformed')
})

const oneName = [0, ...vector16(ascii('a.example'))]
const extensionCases: [string, Extension[]][] = [
  ['two names', [serverName('a.example', 'b.example')]],
  ['the same name twice', [serverName('a.example', 'a.example')]],
  ['an empty name list', [serverName()]],
  ['an empty name extension', [[0, []]]],
  ['a name list that is shorter than its extension', [[0, [...vector16(oneName), 0]]]],
  ['a name list that overruns', [[0, [0, 99, ...oneName]]]],
  ['a name that overruns', [[0, vector16([0, 0, 99, 0x61])]]],
  ['an unknown name type', [[0, vector16([1, ...vector16(ascii('a.example'))])]]],
  ['two name extensions', [serverName('a.example'), serverName('b.example')]],
  [
    'two equal extensions',
    [
      [10, [1]],
      [10, [1]],
    ],
  ],
  ['an empty protocol list', [alpn()]],
  ['an empty protocol', [alpn('h2', '')]],
  ['a protocol that overruns', [[16, vector16([9, 0x68])]]],
  ['an odd list of signatures', [[13, vector16([4])]]],
  ['an odd list of versions', [[43, [3, 3, 4, 3]]]],
]
test.each(extensionCases)('%s: malformed', (_, extensions) => {
  expect(parseClientHello(hello({ extensions })).kind).toBe('malformed')
})

test('255 protocols, and values that mean nothing, are read', () => {
  const names = Array.from({ length: 255 }, (_, index) => `p${index}`)
  const parsed = outcome(hello({ extensions: [[0x0a0a, []], alpn('\x0a\x0a', ...names)] }))
  expect(parsed).toMatchObject({ alpn: ['\x0a\x0a', ...names] })
})

test('a hello may end without extensions', () => {
  const message = helloMessage()
  const bare = Uint8Array.from(message.subarray(0, -2))
  bare[3] = bare.length - 4
  expect(outcome(records(bare))).toMatchObject({ alpn: [] })
})

const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes)
const good = helloMessage({ extensions: [serverName('a.example')] })
const patched = (at: number, value: number): Uint8Array => {
  const message = Uint8Array.from(good)
  message[at] = value
  return records(message)
}
test.each([
  ['an SSLv2 hello', raw(0x80, 0x2e, 1, 3, 1)],
  ['text', Uint8Array.from(ascii('GET / HTTP/1.1\r\n\r\n'))],
  ['an alert', raw(0x15, 3, 1, 0, 2, 1, 0)],
  ['an unknown record version', raw(0x16, 4)],
  ['an empty record', raw(0x16, 3, 1, 0, 0)],
  ['a record of 16385 bytes', raw(0x16, 3, 1, ...u16(16_385))],
  ['a message that is no hello', raw(0x16, 3, 1, 0, 60, 2)],
  ['a message longer than any hello', raw(0x16, 3, 1, 0, 60, 1, 0xff, 0, 0)],
  ['a record in between that is no handshake', raw(...records(good.subarray(0, 9)), 0x17)],
  ['an empty record in between', raw(...records(good.subarray(0, 9)), 0x16, 3, 1, 0, 0)],
  ['a second message in the record', records(raw(...good, 1))],
  ['bytes after the extensions', hello({ tail: [0] })],
  ['a message that is too short for its fields', raw(0x16, 3, 1, 0, 4, 1, 0, 0, 0)],
  ['extensions that overrun', patched(50, 0xff)],
  ['a long session id', hello({ sessionId: Array.from({ length: 33 }, () => 7) })],
  ['no cipher', hello({ ciphers: [] })],
  ['no compression method', hello({ compression: [] })],
])('%s is malformed', (_, bytes) => {
  expect(parseClientHello(bytes)).toEqual({ kind: 'malformed', reason: expect.any(String) })
})

test.each([
  ['nothing', raw(), 9],
  ['one byte', raw(0x16), 9],
  ['a header that promises 16384 bytes', raw(0x16, 3, 1, ...u16(16_384)), 5 + 16_384],
  ['a message over three full records', raw(0x16, 3, 1, ...u16(16_384), 1, 0, 0x80, 0), 32_787],
])('%s asks for what is needed', (_, bytes, atLeast) => {
  expect(parseClientHello(bytes)).toEqual({ kind: 'more', atLeast })
})

test('records of one byte take few calls, so that a slow client costs little', () => {
  const extensions: Extension[] = [[21, Array.from({ length: 8000 }, () => 0)]]
  const message = helloMessage({ extensions })
  const wire = records(message, [...message.keys()])
  let calls = 0
  let given = 0
  for (;;) {
    const parsed = parseClientHello(wire.subarray(0, given))
    if (parsed.kind !== 'more') break
    calls++
    given = parsed.atLeast
  }
  expect(given).toBe(wire.length)
  expect(calls).toBeLessThan(80)
})

test('only 0x16 begins a handshake record', () => {
  expect([...new Uint8Array(256).keys()].filter((byte) => isTlsRecord(byte))).toEqual([0x16])
})
