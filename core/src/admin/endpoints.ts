import type { Definition } from '../entities/definition.ts'
import { definitions, isEntityName } from '../entities/definitions/index.ts'
import type { Endpoint } from './endpoint.ts'
import { configEndpoint } from './information/config.ts'
import { informationEndpoints } from './information/information.ts'
import { openApiEndpoint } from './openapi/openapi.ts'
import { pathList } from './path-list.ts'
import { pluginStatsEndpoint } from './information/plugin-stats.ts'
import { readinessEndpoint } from './information/readiness.ts'
import { refuseWrites } from './rows/refuse-writes.ts'
import { allParts, collection, item, upward } from './rows/resource.ts'
import { revisionEndpoints } from './revisions.ts'
import { schemaEndpoints } from './schemas/schemas.ts'
import { tagEndpoints } from './rows/tags.ts'
import { healthEndpoints } from './information/upstream-health.ts'

/** Every path of the Admin API, from the definitions of the entities. */
export function listEndpoints(): readonly Endpoint[] {
  const entities = Object.values(definitions).flatMap(endpointsOf).map(refuseWrites)
  const served = [
    ...informationEndpoints,
    readinessEndpoint,
    configEndpoint,
    ...revisionEndpoints,
    ...schemaEndpoints,
    ...tagEndpoints,
    ...entities,
    ...healthEndpoints,
    pluginStatsEndpoint,
  ]
  const described = [...served, openApiEndpoint(() => all)]
  const all: readonly Endpoint[] = [...described, pathList(described)]
  return all
}

function endpointsOf(definition: Definition): readonly Endpoint[] {
  const { name, references, partOf } = definition
  const nested = Object.entries(references).flatMap(
    ([field, { entity, nested: kind, upward: up }]) => {
      if (!isEntityName(entity)) return []
      const parent = { entity, field }
      return [
        ...(kind === 'none' ? [] : [collection(name, parent, kind === 'full')]),
        ...(kind === 'full' ? [item(name, parent)] : []),
        ...(field === partOf ? [allParts(name, parent)] : []),
        ...(up ? [upward(name, field, entity)] : []),
      ]
    },
  )
  return partOf === undefined ? [collection(name), item(name), ...nested] : nested
}
