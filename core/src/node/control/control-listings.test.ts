import { definePlugin } from '@kong-ts/pdk'
import { compile } from '@kong-ts/pdk/host'
import { expect, test } from 'vitest'
import { isPluginListings, listPlugins } from './control-listings.ts'

const plugin = definePlugin({
  name: 'guard',
  version: '1.0.0',
  priority: 10,
  schema: { type: 'object', properties: {} },
  phases: { log: () => undefined, accept: () => undefined },
})

const loaded = {
  plugin,
  from: 'bundled',
  protocols: plugin.protocols,
  schema: plugin.schema,
  files: [],
  validate: compile(plugin.schema),
}

test('a listing has the phases in the order of a life, and crosses the control socket', () => {
  const listings = listPlugins([loaded], (name) => [`route ${name}`])
  expect(listings).toEqual([
    {
      name: 'guard',
      version: '1.0.0',
      priority: 10,
      phases: ['accept', 'log'],
      protocols: ['tcp', 'tls', 'tls_passthrough'],
      from: 'bundled',
      enabledOn: ['route guard'],
      description: plugin.description,
      schema: plugin.schema,
    },
  ])
  const answer: unknown = JSON.parse(JSON.stringify(listings))
  expect(isPluginListings(answer)).toBe(true)
})

test.each([[{}], [[null]], [[{ name: 'guard' }]], ['x']])('%j is no listing', (answer) => {
  expect(isPluginListings(answer)).toBe(false)
})
