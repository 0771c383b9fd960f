import { definitions } from '../../entities/definitions/index.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import { isUuid } from '../../entities/fields.ts'
import type { Plan } from '../../entities/plan.ts'
import type { EntityName } from '../../entities/rows.ts'
import { EntityError } from '../../errors/entity-error.ts'
import type { Call, Endpoint, Handler, Method } from '../endpoint.ts'

const verbs: Readonly<Partial<Record<Method, string>>> = {
  POST: 'create',
  PUT: 'create or update',
  PATCH: 'update',
  DELETE: 'remove',
}

/** Without a database entities are only read: the configuration is replaced as a whole, by `/config`. */
export function refuseWrites(endpoint: Endpoint): Endpoint {
  const entity = endpoint.about?.rows?.entity
  if (entity === undefined) return endpoint
  const byItem = endpoint.path.endsWith('/:item')
  const handlers = Object.entries(endpoint.handlers).map(([method, handler]) => {
    const verb = new Map(Object.entries(verbs)).get(method)
    const refused: Handler = (call) => {
      if (call.deps.declarative === undefined || verb === undefined) return handler(call)
      const by = byItem ? keyIn(entity, call.params['item'] ?? '') : undefined
      return handler({
        ...call,
        deps: { ...call.deps, write: refusing(call, messageOf(verb, entity, by)) },
      })
    }
    return [method, refused]
  })
  return { ...endpoint, handlers: Object.fromEntries(handlers) }
}

/**
 * What is not there is still not found, and nothing is left to remove of it; a change that could be made is refused,
 * and one that could not, too.
 */
function refusing({ deps }: Call, message: string) {
  return async <R>(plan: (set: EntitySet) => Plan<R>): Promise<R> => {
    const { changes, result } = attempt(() => plan(deps.entities()), message)
    if (changes.length > 0) throw new EntityError(12, message)
    return result
  }
}

function attempt<T>(act: () => T, message: string): T {
  try {
    return act()
  } catch (error) {
    const missing = error instanceof EntityError && (error.code === 1 || error.code === 6)
    if (!(error instanceof EntityError) || missing) throw error
    throw new EntityError(12, message, undefined, { cause: error })
  }
}

/** The key by which a path names an entity; nothing where it is the id. */
function keyIn(entity: EntityName, text: string): string | undefined {
  return isUuid(text) ? undefined : definitions[entity].key
}

function messageOf(verb: string, entity: EntityName, by: string | undefined): string {
  const how = by === undefined ? '' : ` by '${by}'`
  return `cannot ${verb} '${entity}' entities${how} when not using a database`
}
