import { expect, test } from 'vitest'
import type { Fields } from '../entities/fields.ts'
import { declaredWorld } from './declare.fixture.ts'

const world = declaredWorld()
const refuse = (document: Fields) => world.refuse(document)
const twice = (entity: string, what: string, value: string) =>
  `uniqueness violation: '${entity}' entity with ${what} set to '${value}' already declared`
const id = '0855b320-0dd2-547d-891d-601e9b38647f'
const tcp = { protocols: ['tcp'], destinations: [{ port: 1 }] }

test.each<[string, Fields, Fields]>([
  ['no format', { _format_version: null }, { _format_version: 'required field missing' }],
  ['a number', { _format_version: 1.1 }, { _format_version: 'expected a string' }],
  [
    'another format',
    { _format_version: '4.0' },
    { _format_version: 'expected one of: 1.1, 2.1, 3.0' },
  ],
  [
    'remarks',
    { _comment: 1, _ignore: {}, _transform: 'no' },
    {
      _comment: 'expected a string',
      _ignore: 'expected an array',
      _transform: 'expected a boolean',
    },
  ],
  [
    'unknown names',
    { _info: {}, abnormal: 1 },
    { _info: 'unknown field', abnormal: 'unknown field' },
  ],
  ['no list', { services: {} }, { services: 'expected an array' }],
  ['no record', { services: [7] }, { services: ['expected a record'] }],
  [
    'fields',
    { services: [{ port: -12, _comment: 1 }] },
    {
      services: [
        {
          _comment: 'expected a string',
          host: 'required field missing',
          port: 'value should be between 0 and 65535',
        },
      ],
    },
  ],
  [
    'an id that is none',
    {
      services: [
        { id: 7, host: 'h' },
        { id: 'x', host: 'h' },
      ],
    },
    {
      services: [{ id: 'expected a string' }, { id: 'expected a valid UUID' }],
    },
  ],
  [
    'nested fields',
    {
      services: [
        { name: 'a', host: 'h' },
        { name: 'b', host: 'h', routes: [tcp, { protocols: ['tcp'] }] },
      ],
    },
    {
      services: [
        null,
        {
          routes: [
            null,
            {
              '@entity': [
                "must set one of 'sources', 'destinations', 'snis' when 'protocols' is 'tcp', 'tls' or 'udp'",
              ],
            },
          ],
        },
      ],
    },
  ],
  [
    'a plugin that is not there',
    { services: [{ host: 'h', plugins: [{ name: 'x' }] }] },
    {
      services: [
        {
          plugins: [
            { name: "plugin 'x' not enabled; add it to the 'plugins' configuration property" },
          ],
        },
      ],
    },
  ],
  [
    'a service in a service',
    { services: [{ host: 'h', services: [] }] },
    { services: [{ services: 'unknown field' }] },
  ],
  [
    'the same id',
    {
      services: [
        { id, name: 'a', host: 'h' },
        { id, name: 'b', host: 'h' },
      ],
    },
    {
      services: [null, twice('services', 'primary key', id)],
    },
  ],
  [
    'the same name',
    {
      services: [
        { name: 'a', host: 'h' },
        { name: 'a', host: 'i' },
      ],
    },
    {
      services: [null, twice('services', 'name', 'a')],
    },
  ],
  [
    'the same name under other ids',
    {
      services: [
        { id, name: 'a', host: 'h' },
        { name: 'a', host: 'i' },
      ],
    },
    {
      services: [null, twice('services', 'name', 'a')],
    },
  ],
  [
    'the same name below two parents',
    {
      services: ['a', 'b'].map((name) => ({ name, host: 'h', routes: [{ name: 'r', ...tcp }] })),
    },
    { services: [null, { routes: [twice('routes', 'name', 'r')] }] },
  ],
  [
    'another unique field',
    {
      consumers: [
        { username: 'foo', custom_id: 'c' },
        { username: 'bar', custom_id: 'c' },
      ],
    },
    {
      consumers: { bar: twice('consumers', 'custom_id', 'c') },
    },
  ],
  [
    'no such service',
    {
      routes: [
        { name: 'r', ...tcp, service: 'gone' },
        { ...tcp, id, service: { id } },
      ],
    },
    {
      routes: {
        r: ["invalid reference 'service: gone' (no such entry in 'services')"],
        [id]: [`invalid reference 'service: {"id":"${id}"}' (no such entry in 'services')`],
      },
    },
  ],
  [
    'a second reference from within',
    { services: [{ host: 'h', plugins: [{ name: 'sample', consumer: 'foo' }] }] },
    {
      services: [{ plugins: [{ consumer: 'value must be null' }] }],
    },
  ],
  [
    'a reference that is neither',
    {
      routes: [
        { ...tcp, service: {} },
        { ...tcp, service: { port: 'x' } },
      ],
    },
    {
      routes: [
        { service: { id: 'missing primary key' } },
        { service: { port: 'expected an integer' } },
      ],
    },
  ],
])('%s', (_name, document, fields) => {
  const error = refuse(document)
  expect(error.details).toEqual(fields)
  expect(error.body()).toMatchObject({ code: 14, name: 'invalid declarative configuration' })
})

test('everything that is wrong is said at once', () => {
  const error = refuse({
    abnormal: 1,
    services: [{ name: 'a', host: 'h' }, { name: 'a', host: 'h' }, { port: 'x' }],
    routes: [{ name: 'r', protocols: ['tls'], service: 'b' }],
  })
  expect(error.details).toEqual({
    abnormal: 'unknown field',
    services: [
      null,
      twice('services', 'name', 'a'),
      { host: 'required field missing', port: 'expected an integer' },
    ],
    routes: {
      '1': { '@entity': [expect.stringMatching(/^must set one of/)] },
      r: ["invalid reference 'service: b' (no such entry in 'services')"],
    },
  })
})

test('a target that is there twice has one id', () => {
  const error = refuse({
    upstreams: [{ name: 'u', targets: [{ target: 'h:1' }, { target: 'h:1' }] }],
  })
  expect(error.details).toEqual({
    upstreams: [
      {
        targets: [
          null,
          expect.stringMatching(
            /^uniqueness violation: 'targets' entity with primary key set to '[\da-f-]{36}' already declared$/,
          ),
        ],
      },
    ],
  })
})

test('the message prints the errors as Kong does', () => {
  expect(refuse({ services: [{ port: -12 }] }).message).toBe(
    'declarative config is invalid: {services={{host="required field missing",port="value should be between 0 and 65535"}}}',
  )
})

test('what is wrong with one entity does not hide behind what refers to it', () => {
  const error = refuse({
    services: [{ name: 'a', port: 'x', host: 'h' }],
    routes: [{ ...tcp, service: 'a' }],
  })
  expect(error.details).toEqual({ services: [{ port: 'expected an integer' }] })
})
