import type { Definition } from '../entities/definition.ts'
import { definitions, isEntityName } from '../entities/definitions/index.ts'
import type { Endpoint } from './endpoint.ts'
import { informationEndpoints } from './information.ts'
import { pathList } from './path-list.ts'
import { collection, item, upward } from './resource.ts'
import { schemaEndpoints } from './schemas.ts'
import { tagEndpoints } from './tags.ts'

/** Every path of the Admin API, from the definitions of the entities. */
export function listEndpoints(): readonly Endpoint[] {
  const entities = Object.values(definitions).flatMap(endpointsOf)
  const served = [...informationEndpoints, ...schemaEndpoints, ...tagEndpoints, ...entities]
  return [...served, pathList(served)]
}

function endpointsOf(definition: Definition): readonly Endpoint[] {
  const { name, references } = definition
  const nested = Object.entries(references).flatMap(
    ([field, { entity, nested: kind, upward: up }]) => {
      if (!isEntityName(entity)) return []
      const parent = { entity, field }
      return [
        ...(kind === 'none' ? [] : [collection(name, parent, kind === 'full')]),
        ...(kind === 'full' ? [item(name, parent)] : []),
        ...(up ? [upward(name, field, entity)] : []),
      ]
    },
  )
  return [collection(name), item(name), ...nested]
}
