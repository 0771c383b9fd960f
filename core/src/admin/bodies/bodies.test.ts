import { expect, test } from 'vitest'
import { testContext } from '../../entities/world.fixture.ts'
import { fieldsOf, isBody, noBody } from './body.ts'
import { parseForm } from './form-body.ts'
import { isForeignWrite, isKnownHost } from '../guard/guard.ts'
import { inferTypes } from './infer-types.ts'
import { parseJson, refuseKey } from './json-body.ts'
import { readPage, readQuery, readTags } from '../rows/query.ts'
import { defaultAdminOptions } from '../deps.ts'

const form = (text: string) => parseForm(Buffer.from(text), 8)

test.each<[string, object]>([
  ['a=1', { a: '1' }],
  ['a=1&a=2', { a: ['1', '2'] }],
  ['a[]=1', { a: ['1'] }],
  ['a[]=1&a[]=2', { a: ['1', '2'] }],
  ['a[2]=y&a[1]=x', { a: ['x', 'y'] }],
  ['a[999999999]=x', { a: ['x'] }],
  ['a.b=1&a.c.d=2', { a: { b: '1', c: { d: '2' } } }],
  ['a[b]=1&a[c][d]=2', { a: { b: '1', c: { d: '2' } } }],
  ['s[1].ip=x&s[1].port=1&s[2].port=2', { s: [{ ip: 'x', port: '1' }, { port: '2' }] }],
  ['s[].ip=x', { s: [{ ip: 'x' }] }],
  ['a.b%5B%5D=1', { a: { b: ['1'] } }],
  ['a=', { a: '' }],
  ['a', { a: '' }],
  ['a=b+c%26', { a: 'b c&' }],
  ['a..b=1', { 'a..b': '1' }],
  ['a[=1', { 'a[': '1' }],
  ['', {}],
])('the form %s', (text, expected) => {
  expect(form(text)).toEqual(expected)
})

test('a form has bounds', () => {
  expect(() => form('a=1&'.repeat(1001))).toThrow('Too many arguments')
  expect(() => form(`a${'.b'.repeat(8)}=1`)).toThrow('nested more than 8 levels')
  expect(() => form('a.__proto__.b=1')).toThrow('not allowed')
  expect(() => form('a[constructor]=1')).toThrow('not allowed')
  expect(() => refuseKey('prototype')).toThrow('not allowed')
  expect(() => form(`a${'.b'.repeat(4_000_000)}=1`)).toThrow('nested more than 8 levels')
})

test('a form is UTF-8: two names that are none never become the same one', () => {
  for (const bytes of [Buffer.from('a=%ff'), Buffer.from('a=\xff', 'latin1')]) {
    expect(() => parseForm(bytes, 8)).toThrow('Cannot parse form body')
  }
  expect(form('a=%C3%BC&b=100%&c=%zz')).toEqual({ a: 'ü', b: '100%', c: '%zz' })
})

test('a number is told from a text in linear time', () => {
  const digits = `${'1'.repeat(5_000_000)}x`
  expect(inferTypes({ type: 'integer' }, digits)).toBe(digits)
  expect(['1.', '.5', '-1.5e3', '+2'].map((text) => inferTypes({ type: 'number' }, text))).toEqual([
    1, 0.5, -1500, 2,
  ])
})

const entity = (text: string, name: 'services' | 'routes' | 'plugins' | 'certificates') =>
  fieldsOf({ kind: 'form', fields: form(text) }, name, testContext())

test.each<['services' | 'routes' | 'plugins' | 'certificates', string, object]>([
  [
    'services',
    'port=80&enabled=false&retries=&name=5',
    { port: 80, enabled: false, retries: null, name: '5' },
  ],
  ['services', 'port=x&enabled=yes', { port: 'x', enabled: 'yes' }],
  ['services', 'tags=a&ca_certificates[]=b', { tags: ['a'], ca_certificates: ['b'] }],
  ['routes', 'snis=a&snis=b&protocols=tls', { snis: ['a', 'b'], protocols: ['tls'] }],
  [
    'routes',
    'sources.ip=10.0.0.1&destinations[1].port=5',
    { sources: [{ ip: '10.0.0.1' }], destinations: [{ port: 5 }] },
  ],
  ['routes', 'service.id=x', { service: { id: 'x' } }],
  ['routes', 'service.name=x', { service: { name: 'x' } }],
  ['routes', 'service=', { service: null }],
  ['routes', 'headers.a=b', { headers: { a: ['b'] } }],
  ['certificates', 'snis=a', { snis: ['a'] }],
  [
    'plugins',
    'name=sample&config.second=5&config.allow=x',
    { name: 'sample', config: { second: 5, allow: ['x'] } },
  ],
  ['plugins', 'config.second=5', { config: { second: '5' } }],
])('the types of %s: %s', (name, text, expected) => {
  expect(entity(text, name)).toEqual(expected)
})

test('a choice without a type takes the value it names', () => {
  expect(inferTypes({ enum: [1, 'a'] }, '1')).toBe(1)
  expect(inferTypes({}, ['1', ''])).toEqual(['1', null])
  expect(inferTypes({ type: 'number' }, '1e3')).toBe(1000)
})

test('JSON means what it says', () => {
  const body = { kind: 'json', fields: { port: '80' } } as const
  expect(fieldsOf(body, 'services', testContext())).toEqual({ port: '80' })
  expect([isBody(body), isBody(noBody), isBody({}), isBody(undefined)]).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(() => parseJson(Buffer.from([0x7b, 0xff]), 8)).toThrow('Cannot parse JSON body')
  expect(() => parseJson(Buffer.from(''), 8)).toThrow('Cannot parse JSON body')
})

test('a query may hold further question marks', () => {
  expect([...readQuery('/services?tags=why?&size=3')]).toEqual([
    ['tags', 'why?'],
    ['size', '3'],
  ])
  expect([...readQuery('/services')]).toEqual([])
})

test('a list without options', () => {
  expect(readPage(new URLSearchParams())).toEqual({ size: 100, after: undefined })
  expect(readTags(new URLSearchParams())).toBeUndefined()
})

test('hosts and origins', () => {
  const options = defaultAdminOptions
  expect(isKnownHost(undefined, options)).toBe(true)
  expect(isKnownHost('a b:c:d', options)).toBe(false)
  expect(isKnownHost('api.localhost.', options)).toBe(true)
  expect(isForeignWrite('POST', { origin: 'http://h.test', host: 'h.test' }, 'http', options)).toBe(
    false,
  )
  expect(isForeignWrite('GET', { 'sec-fetch-site': 'cross-site' }, 'http', options)).toBe(false)
})
