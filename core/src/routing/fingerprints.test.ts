import { expect, test } from 'vitest'
import { fingerprintsOf } from './fingerprints.ts'
import { alpn, helloMessage, serverName, u16, vector16, vector8 } from './hello.fixture.ts'
import type { Extension, HelloFields } from './hello.fixture.ts'
import { partsOf } from './hello-parts.ts'
import { ja3 } from './ja3.ts'
import { ja4 } from './ja4.ts'

const signatures: Extension = [13, vector16([0x0403, 0x0804].flatMap(u16))]
const groups: Extension = [10, vector16([0x001d, 0x0017].flatMap(u16))]
const formats: Extension = [11, vector8([0, 1])]
const versions: Extension = [43, vector8([0x0304, 0x0303].flatMap(u16))]
const keyShare = (...bytes: number[]): Extension => [51, bytes]

const usual: HelloFields = {
  ciphers: [0x1301, 0x1302],
  extensions: [serverName('a.example'), groups, formats, signatures, alpn('h2'), versions],
}

/** The body of the message, a character for each byte. */
const bodyOf = (fields: HelloFields): string =>
  Buffer.from(helloMessage(fields).subarray(4)).toString('latin1')

function madeOf(body: string) {
  const parts = partsOf(Buffer.from(body, 'latin1'))
  return { ja4: ja4(parts), ja3: ja3(parts) }
}

function withExtension(...changed: Extension): HelloFields {
  const [type] = changed
  const { extensions = [] } = usual
  return { ...usual, extensions: extensions.map((each) => (each[0] === type ? changed : each)) }
}

test('connections of one client are told from one another by nothing that fingerprints are made of', () => {
  const { extensions = [] } = usual
  const first = fingerprintsOf(bodyOf({ ...usual, extensions: [...extensions, keyShare(1, 2)] }))
  const other = bodyOf({
    ...usual,
    sessionId: [1, 2, 3],
    compression: [1, 0],
    extensions: [serverName('another.example'), ...extensions.slice(1), keyShare(3)],
  })
  const random = `${other.slice(0, 2)}${'r'.repeat(32)}${other.slice(34)}`
  expect(fingerprintsOf(random)).toBe(first)
  expect(first).toEqual(madeOf(random))
})

test.each<[string, HelloFields]>([
  ['as usual', usual],
  ['nothing that need not be there', {}],
  ['another cipher', { ...usual, ciphers: [0x1301, 0x1303] }],
  ['ciphers in another order', { ...usual, ciphers: [0x1302, 0x1301] }],
  ['other signatures', withExtension(13, vector16([0x0401].flatMap(u16)))],
  ['other groups', withExtension(10, vector16([0x0018].flatMap(u16)))],
  ['other formats', withExtension(11, vector8([2]))],
  ['other protocols', withExtension(...alpn('http/1.1'))],
  ['other versions', withExtension(43, vector8([0x0303].flatMap(u16)))],
  ['another extension', { ...usual, extensions: [...(usual.extensions ?? []), [35, []]] }],
  ['extensions in another order', { ...usual, extensions: usual.extensions?.toReversed() ?? [] }],
])('%s has fingerprints of its own, the first time and again', (_what, fields) => {
  const body = bodyOf(fields)
  expect(fingerprintsOf(body)).toEqual(madeOf(body))
  expect(fingerprintsOf(body)).toEqual(madeOf(body))
})

test('a hello without a list of extensions, as before TLS 1.2', () => {
  const body = bodyOf({}).slice(0, -2)
  expect(fingerprintsOf(body)).toEqual(madeOf(body))
})

test('however many kinds of client there are, and however long their lists', () => {
  const bodies = Array.from({ length: 1100 }, (_, kind) =>
    bodyOf({ ...usual, ciphers: Array.from({ length: 1 + (kind % 1200) }, (_n, at) => kind + at) }),
  )
  for (const body of bodies) expect(fingerprintsOf(body)).toEqual(madeOf(body))
  for (const body of bodies.slice(-3)) expect(fingerprintsOf(body)).toEqual(madeOf(body))
})
