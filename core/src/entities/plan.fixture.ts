import { EntityError } from '../errors/entity-error.ts'
import { EntitySet } from './entity-set.ts'
import { planDelete } from './plan-delete.ts'
import { planCreate, planPatch, planReplace } from './plan.ts'
import type { Plan } from './plan.ts'
import type { EntityName } from './rows.ts'
import { testContext } from './world.fixture.ts'

export type Body = Readonly<Record<string, unknown>>

/** A configuration to which plans are applied at once. */
export function world() {
  const set = EntitySet.empty()
  const context = testContext()
  const run = <R>({ changes, result }: Plan<R>): R => {
    set.apply(changes)
    return result
  }
  return {
    set,
    context,
    create: (entity: EntityName, body: Body) => run(planCreate(set, context, entity, body)),
    replace: (entity: EntityName, at: string, body: Body) =>
      run(planReplace(set, context, entity, at, body)),
    patch: (entity: EntityName, at: string, body: Body) =>
      run(planPatch(set, context, entity, at, body)),
    remove: (entity: EntityName, at: string) => run(planDelete(set, entity, at)),
  }
}

export function errorOf(act: () => unknown): Record<string, unknown> | undefined {
  try {
    act()
  } catch (error) {
    if (error instanceof EntityError) return error.body()
    throw error
  }
  return undefined
}

/** What comes of a row in an empty configuration. */
export function create(entity: EntityName, body: Body): Body {
  return world().create(entity, body)
}

/** The error that a row in an empty configuration meets. */
export function refused(entity: EntityName, body: Body): Body | undefined {
  return errorOf(() => create(entity, body))
}
