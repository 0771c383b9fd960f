import { beyondKong } from '../beyond-kong.ts'
import type { Definition } from '../definition.ts'
import {
  configShape,
  defaultProtocols,
  faultOfPlugin,
  matchesRoute,
  matchesService,
  refineConfig,
  serveConfig,
} from '../plugin-checks.ts'
import { commonRequired, protocol, reference, stamps, tags } from './common.ts'

export const plugins: Definition = {
  name: 'plugins',
  key: 'instance_name',
  schema: {
    type: 'object',
    properties: {
      id: stamps.id,
      name: { type: 'string', description: 'Which plugin it is.' },
      instance_name: {
        type: 'string',
        format: 'utf8-name',
        description: 'A name to call this one by in URLs.',
      },
      created_at: stamps.created_at,
      updated_at: stamps.updated_at,
      route: { ...reference, description: 'Run for the connections of this route only.' },
      service: { ...reference, description: 'Run for the connections to this service only.' },
      consumer: {
        ...reference,
        description: 'Kept for clients: nobody authenticates on layer 4, so it then never runs.',
      },
      config: {
        type: 'object',
        additionalProperties: true,
        default: {},
        description: 'What the plugin is told; its schema says what that is.',
      },
      protocols: {
        type: 'array',
        uniqueItems: true,
        items: protocol,
        description: 'The protocols of the routes that it runs for; by default what it supports.',
      },
      enabled: { type: 'boolean', default: true, description: 'Whether it runs.' },
      mode: beyondKong({
        type: 'string',
        enum: ['enforce', 'shadow'],
        description: 'In shadow, what it decides is counted and logged, and has no effect.',
      }),
      on_error: beyondKong({
        type: 'string',
        enum: ['close', 'open', 'disable'],
        description:
          'When a phase fails: the connection ends, it goes on without the plugin, or the plugin takes no further part.',
      }),
      timeout_ms: beyondKong({
        type: 'integer',
        minimum: 1,
        maximum: 2_147_483_646,
        description: 'Milliseconds that a phase may take; plugin_timeout where it is not set.',
      }),
      tags,
    },
    required: [...commonRequired, 'name', 'protocols', 'enabled'],
  },
  unique: [
    { fields: ['instance_name'], nulls: 'distinct' },
    { fields: ['name', 'route', 'service', 'consumer'], nulls: 'equal' },
  ],
  references: {
    service: { entity: 'services', onDelete: 'cascade', nested: 'full', upward: true },
    route: { entity: 'routes', onDelete: 'cascade', nested: 'full', upward: true },
    consumer: { entity: 'consumers', onDelete: 'cascade', nested: 'full', upward: true },
  },
  expand: defaultProtocols,
  given: ['protocols'],
  faultOfKind: faultOfPlugin,
  refine: refineConfig,
  serve: serveConfig,
  formShape: configShape,
  kinds: ({ plugins: loaded }) =>
    Object.fromEntries(
      loaded.names().flatMap((name) => {
        const plugin = loaded.find(name)
        return plugin ? [[name, plugin.schema]] : []
      }),
    ),
  attributes: {
    route: { default: null },
    service: { default: null },
    consumer: { default: null },
  },
  checks: [
    { on: ['protocols', 'route'], fault: matchesRoute },
    { on: ['protocols', 'service'], fault: matchesService },
  ],
}
