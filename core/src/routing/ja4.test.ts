import { expect, test } from 'vitest'
import { parseClientHello } from './client-hello.ts'
import { alpn, type Extension, hello, serverName, u16, vector16, vector8 } from './hello.fixture.ts'
import { ja4, type HelloParts } from './ja4.ts'

const numbers = (list: string): number[] => list.split(',').map((hex) => Number.parseInt(hex, 16))

// The worked example of FoxIO's technical_details/JA4.md: a Chrome hello. The lists stand there in the client's
// order, and so do the raw text, the hashes and the fingerprint; GREASE values are added here as Chrome sends them.
const ciphers = numbers(
  '1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035',
)
const types = numbers(
  '001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015',
)
const signatures = numbers('0403,0804,0401,0503,0805,0501,0806,0601')
const published = 't13d1516h2_8daaf6152771_e5627efa2ab1'

const data = new Map<number, readonly number[]>([
  [0x000d, vector16(signatures.flatMap(u16))],
  [0x0010, alpn('h2', 'http/1.1')[1]],
  [0x0000, serverName('example.com')[1]],
  [0x000a, vector16([0x1a1a, 0x001d, 0x0017].flatMap(u16))],
  [0x000b, vector8([0])],
  [0x002b, vector8([0x7a7a, 0x0304, 0x0303].flatMap(u16))],
])
const extensions: Extension[] = types.map((type) => [type, data.get(type) ?? []])
const chrome = {
  ciphers: [0x8a8a, ...ciphers],
  extensions: [[0x2a2a, []], ...extensions, [0xfafa, [0]]] satisfies Extension[],
}

const parts: HelloParts = {
  version: 0x0303,
  versions: [0x0304, 0x0303],
  ciphers,
  extensions: types,
  signatures,
  alpn: ['h2', 'http/1.1'],
}

test('the published example, built as a hello and read back', () => {
  const parsed = parseClientHello(hello(chrome))
  expect(parsed.kind === 'hello' && parsed.hello.ja4).toBe(published)
})

test('the order of ciphers and extensions does not matter, that of the signatures does', () => {
  const shuffled = { ciphers: ciphers.toReversed(), extensions: types.toReversed() }
  expect(ja4({ ...parts, ...shuffled })).toBe(published)
  expect(ja4({ ...parts, signatures: signatures.toReversed() })).not.toBe(published)
})

test('the published hash of extensions without signatures', () => {
  expect(ja4({ ...parts, signatures: [] })).toBe('t13d1516h2_8daaf6152771_6d807ffa2a79')
})

test('the name and the protocols change the first part alone', () => {
  const rest = types.filter((type) => type !== 0 && type !== 0x10)
  expect(ja4({ ...parts, extensions: rest, alpn: [] })).toBe('t13i151400_8daaf6152771_e5627efa2ab1')
})

test('empty lists are zeros', () => {
  const bare = { ...parts, ciphers: [0x0a0a], extensions: [], signatures: [], versions: undefined }
  expect(ja4(bare)).toBe('t12i0000h2_000000000000_000000000000')
})

test('counts stop at 99', () => {
  const many = Array.from({ length: 120 }, (_, index) => 0x1000 + index)
  expect(ja4({ ...parts, ciphers: many })).toMatch(/^t13d9916h2_/)
})

test.each([
  [[0x0303, 0x0304], '13'],
  [[0x3a3a, 0x0303], '12'],
  [[0x0302], '11'],
  [[0x0301], '10'],
  [[0x0300], 's3'],
  [[0x7f1c, 0x0304], '00'],
  [[0x5a5a], '00'],
])('the versions %j give %s', (versions, expected) => {
  expect(ja4({ ...parts, versions }).slice(1, 3)).toBe(expected)
})

// The examples of the published text, and its rules for names of one character and for none.
test.each([
  ['\xab', 'ab'],
  ['\xab\xcd', 'ad'],
  ['0\xab', '3b'],
  ['01\xab\xcd', '3d'],
  ['0\xab\xcd1', '01'],
  ['http/1.1', 'h1'],
  ['x', 'xx'],
])('the protocol %j gives %s', (protocol, expected) => {
  expect(ja4({ ...parts, alpn: [protocol] }).slice(8, 10)).toBe(expected)
})

test('is computed when it is asked for, and once', () => {
  const parsed = parseClientHello(hello(chrome))
  if (parsed.kind !== 'hello') throw new Error(parsed.kind)
  expect(Object.hasOwn(parsed.hello, 'ja4')).toBe(false)
  expect(parsed.hello.ja4).toBe(parsed.hello.ja4)
})
