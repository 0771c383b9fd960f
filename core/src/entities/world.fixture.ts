import type { ObjectSchema } from '@kong-ts/pdk'
import { compile } from '@kong-ts/pdk/host'
import type { PlanContext, PluginFacts } from './context.ts'

/** 2027-01-01 in seconds: where the clock of the tests stands. */
export const testTime = 1_798_761_600

/** A plugin with a field of every kind that a form can fill. */
export const samplePlugin: PluginFacts = sample(['tcp', 'tls'], {
  type: 'object',
  properties: {
    allow: { type: 'array', items: { type: 'string', format: 'ip_or_cidr' } },
    second: { type: 'integer', minimum: 1 },
    strict: { type: 'boolean', default: false },
    by: { type: 'string', enum: ['ip', 'route'], default: 'ip' },
    nested: {
      type: 'object',
      properties: { host: { type: 'string' }, port: { type: 'integer' } },
    },
  },
})

/** What planners need, with ids that count up and a clock that stands still. */
export function testContext(): PlanContext {
  let count = 0
  const plugins = new Map<string, PluginFacts>([
    ['sample', samplePlugin],
    ['passer', sample(['tls_passthrough'], { type: 'object', properties: {} })],
  ])
  return {
    now: () => testTime * 1000,
    uuid: () => `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, '0')}`,
    plugins: { find: (name) => plugins.get(name), names: () => [...plugins.keys()] },
  }
}

function sample(protocols: readonly string[], schema: ObjectSchema): PluginFacts {
  return { protocols, schema, validate: compile(schema, { prefix: 'config.' }) }
}
