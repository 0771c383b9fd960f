import { expect, test } from 'vitest'
import { fieldOf, isFields, isUuid, referredId, stringsIn } from './fields.ts'
import { faultOfFormat, isIpOrCidr } from './formats.ts'
import { faultOfHost, faultOfSni, isHostName } from './hosts.ts'
import { ecCert, ecKey, rsaKey } from './pem.fixture.ts'
import { faultOfCertificate, faultOfKey, isPair, readCertificates, readKey } from './pem.ts'
import { readRecord, readValue, reportInto } from './read-value.ts'
import { expandUrl } from './service-url.ts'

const none = { path: null }
test.each<[string, object]>([
  ['tcp://1.2.3.4:5432', { protocol: 'tcp', host: '1.2.3.4', port: 5432, ...none }],
  ['tls://h', { protocol: 'tls', host: 'h', port: 80, ...none }],
  ['https://h/p', { protocol: 'https', host: 'h', port: 443, path: '/p' }],
  ['//h:443', { protocol: 'https', host: 'h', port: 443, ...none }],
  ['//h:80', { protocol: 'http', host: 'h', port: 80, ...none }],
  ['//h:8080', { protocol: 'http', host: 'h', port: 8080, ...none }],
  ['TCP://[::1]:1', { protocol: 'tcp', host: '::1', port: 1, ...none }],
  ['http://u:p@h/a?b#c', { protocol: 'http', host: 'h', port: 80, path: '/a' }],
  ['unix:/run/x', { protocol: 'tcp', host: 'unix:/run/x', port: 0, ...none }],
])('the url %s is a shorthand', (url, expected) => {
  expect(expandUrl({ url, name: 'n' })).toEqual({ name: 'n', ...expected })
})

test('a url that is no text is refused', () => {
  expect(() => expandUrl({ url: 1 })).toThrow('schema violation (url: expected a string)')
  expect(expandUrl({ url: null, host: 'h' })).toEqual({ host: 'h' })
})

function faultsOf(read: (report: (path: readonly string[], fault: string) => void) => void) {
  const faults: string[] = []
  read((path, fault) => faults.push(`${path.join('.')}: ${fault}`))
  return faults
}

test.each<[object, unknown, string[]]>([
  [{ type: 'number', minimum: 0, maximum: 1 }, 2, ['f: value should be between 0 and 1']],
  [{ type: 'number' }, 'x', ['f: expected a number']],
  [{ type: 'integer', format: 'timestamp' }, -1, ['f: expected a valid timestamp']],
  [{ type: 'string', maxLength: 1 }, 'ab', ['f: length must be at most 1']],
  [{ type: 'string', minLength: 0 }, '', []],
  [{ type: 'array' }, {}, ['f: expected an array']],
  [{ type: 'array', items: { type: 'string' } }, ['a', null], ['f.2: required field missing']],
  [{ type: 'object', additionalProperties: { type: 'string' } }, [], ['f: expected a map']],
  [
    { type: 'object', additionalProperties: { type: 'string' } },
    { a: 1 },
    ['f.a: expected a string'],
  ],
  [{ type: 'object', properties: {} }, 'x', ['f: expected a record']],
  [{ type: 'object', additionalProperties: true }, 'x', ['f: expected a record']],
  [{ type: 'string' }, 'ab\ud800', ['f: invalid utf-8 character sequence detected at position 3']],
])('a value of %j: %j', (schema, value, faults) => {
  expect(faultsOf((report) => readValue(schema, value, ['f'], report))).toEqual(faults)
})

test('a UUID is kept in lower case, as ids are', () => {
  const id = 'ABCDEF00-0000-4000-8000-00000000000A'
  const schema = { type: 'string', format: 'uuid' } as const
  expect(readValue(schema, id, [], () => undefined)).toBe(id.toLowerCase())
})

test('a default is copied: no row can change another', () => {
  const schema = { default: ['a'], type: 'array' } as const
  const read = () => readRecord({}, { list: schema }, {}, [], () => undefined)['list']
  expect(read()).toEqual(['a'])
  expect(read()).not.toBe(read())
})

test.each([
  ['10.0.0.1', true],
  ['10.0.0.0/32', true],
  ['::/0', true],
  ['fe80::1%eth0', false],
  ['10.0.0.0/', false],
  ['10.0.0.0/33', false],
  ['::1/129', false],
  ['1.2.3', false],
  ['a', false],
])('%s is an address or a range: %s', (text, expected) => {
  expect(isIpOrCidr(text)).toBe(expected)
})

test('hosts and SNIs', () => {
  expect(isHostName(`${'a'.repeat(64)}.test`)).toBe(false)
  expect(isHostName('a..b')).toBe(false)
  expect(faultOfHost('[::1]:80')).toBe('must not have a port')
  expect(faultOfHost('10.0.0.1:80')).toBe('must not have a port')
  expect(faultOfSni('*a.test')).toBe('invalid value: *a.test')
  expect(faultOfSni('::1')).toBe('must not be an IP')
  expect(() => faultOfFormat('none', 'x')).toThrow('no such format: none')
})

test('PEM', () => {
  expect(readCertificates(ecCert + ecCert)).toHaveLength(2)
  expect(readKey(ecKey).asymmetricKeyType).toBe('ec')
  expect([isPair(ecCert, ecKey), isPair(ecCert, rsaKey)]).toEqual([true, false])
  expect([faultOfCertificate(ecCert), faultOfKey(ecKey)]).toEqual([undefined, undefined])
  expect(faultOfKey(`secret ${ecKey.replace('M', '!')}`)).not.toContain('secret')
})

test('fields', () => {
  expect(fieldOf({}, 'toString')).toBeUndefined()
  expect(isFields([])).toBe(false)
  expect(referredId({ a: { id: 'x' } }, 'a')).toBe('x')
  expect(referredId({ a: null }, 'a')).toBeUndefined()
  expect(stringsIn('x')).toEqual([])
  expect(isUuid('0'.repeat(36))).toBe(false)
})

test('what is long is read in linear time, and its faults are counted out', () => {
  expect(faultOfCertificate('-----BEGIN CERTIFICATE-----'.repeat(200_000))).toMatch(
    /^invalid certificate/,
  )
  const errors = {}
  const many = Array.from({ length: 300_000 }, () => 1)
  readValue({ type: 'array', items: { type: 'string' } }, many, [], reportInto(errors))
  expect(Object.keys(errors)).toHaveLength(100)
})
