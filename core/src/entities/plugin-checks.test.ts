import { expect, test } from 'vitest'
import { create, refused } from './plan.fixture.ts'
import type { Body } from './plan.fixture.ts'
import { configShape, serveConfig } from './plugin-checks.ts'
import { samplePlugin, testContext, testTime } from './world.fixture.ts'

const stamps = { created_at: testTime, updated_at: testTime, tags: null }
const notEnabled = "plugin 'nope' not enabled; add it to the 'plugins' configuration property"
test.each<[Body, Body]>([
  [{}, { name: 'required field missing' }],
  [{ name: 'nope' }, { name: notEnabled }],
  [
    { name: 'sample', config: { allow: ['x'] } },
    { config: { allow: { 1: "invalid ip or cidr range: 'x'" } } },
  ],
  [{ name: 'sample', config: { other: 1 } }, { config: { other: 'unknown field' } }],
  [{ name: 'sample', ordering: {} }, { ordering: 'unknown field' }],
  [{ name: 'sample', protocols: null }, { protocols: 'required field missing' }],
])('plugins: %j', (body, fields) => {
  expect(refused('plugins', body)?.['fields']).toEqual(fields)
})

test('a plugin gets its defaults, its protocols, and null for what is not configured', () => {
  expect(create('plugins', { name: 'sample', config: { second: 5, nested: { port: 1 } } })).toEqual(
    {
      ...stamps,
      id: '00000000-0000-4000-8000-000000000001',
      name: 'sample',
      instance_name: null,
      service: null,
      route: null,
      consumer: null,
      config: { allow: null, second: 5, strict: false, by: 'ip', nested: { host: null, port: 1 } },
      protocols: ['tcp', 'tls'],
      enabled: true,
    },
  )
})

test('the config of a plugin that is not loaded any more is served as it is', () => {
  const row = { name: 'gone', config: { a: 1 } }
  expect(serveConfig(row, testContext())).toEqual(row)
  expect(configShape({ name: 'sample' }, testContext())).toEqual({ config: samplePlugin.schema })
  expect(configShape({}, testContext())).toEqual({})
})
