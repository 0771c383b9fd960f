import type { Definition } from '../definition.ts'
import {
  configShape,
  defaultProtocols,
  matchesRoute,
  matchesService,
  refineConfig,
  serveConfig,
} from '../plugin-checks.ts'
import { common, commonRequired, protocol, reference } from './common.ts'

export const plugins: Definition = {
  name: 'plugins',
  key: 'instance_name',
  schema: {
    type: 'object',
    properties: {
      ...common,
      name: { type: 'string' },
      instance_name: { type: 'string', format: 'utf8-name' },
      service: reference,
      route: reference,
      consumer: reference,
      config: { type: 'object', additionalProperties: true, default: {} },
      protocols: { type: 'array', uniqueItems: true, items: protocol },
      enabled: { type: 'boolean', default: true },
    },
    required: [...commonRequired, 'name', 'protocols', 'enabled'],
  },
  unique: [
    { fields: ['instance_name'], nulls: 'distinct' },
    { fields: ['name', 'route', 'service', 'consumer'], nulls: 'equal' },
  ],
  references: {
    service: { entity: 'services', onDelete: 'cascade', nested: 'full' },
    route: { entity: 'routes', onDelete: 'cascade', nested: 'full' },
    consumer: { entity: 'consumers', onDelete: 'cascade', nested: 'full' },
  },
  expand: defaultProtocols,
  refine: refineConfig,
  serve: serveConfig,
  formShape: configShape,
  checks: [
    { on: ['protocols', 'route'], fault: matchesRoute },
    { on: ['protocols', 'service'], fault: matchesService },
  ],
}
