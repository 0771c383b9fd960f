import type { EntitySet } from '../entities/entity-set.ts'
import { referredId } from '../entities/fields.ts'
import type { Fields } from '../entities/fields.ts'
import { planDelete } from '../entities/plan-delete.ts'
import { planCreate, planPatch, planReplace } from '../entities/plan.ts'
import type { Plan } from '../entities/plan.ts'
import { present } from '../entities/present.ts'
import type { EntityName, Row } from '../entities/rows.ts'
import { fieldsOf } from './body.ts'
import type { Call, Endpoint, Handler, Parent } from './endpoint.ts'
import { HttpError } from './http-error.ts'
import { listPage } from './list-page.ts'
import { locate, locateOrFail, notFound } from './locate.ts'
import { planPut } from './plan-put.ts'

/** `/{entity}`, or `/{parent}/:parent/{entity}`. */
export function collection(entity: EntityName, parent?: Parent, writable = true): Endpoint {
  const create: Handler = async ({ deps, params, body }) => {
    const row = await deps.write((set) => {
      const fixed = parentReference(set, parent, params)
      const fields = { ...fieldsOf(body, entity, deps.context), ...fixed }
      return planCreate(set, deps.context, entity, fields)
    })
    return { status: 201, body: row }
  }
  return {
    path: `${prefixOf(parent)}/${entity}`,
    handlers: {
      GET: (call) => ({ status: 200, body: listPage(call, entity, parent) }),
      ...(writable && { POST: create }),
    },
  }
}

/** `/{entity}/:item`, or `/{parent}/:parent/{entity}/:item`. */
export function item(entity: EntityName, parent?: Parent): Endpoint {
  const at = (set: EntitySet, { params }: Call) => child(set, entity, parent, params)
  return {
    path: `${prefixOf(parent)}/${entity}/:item`,
    handlers: {
      GET: (call) => serve(call, entity, (set) => at(set, call) ?? missing(entity, call)),
      PATCH: (call) =>
        write(call, (set) => {
          const before = at(set, call) ?? missing(entity, call)
          const fixed = parentReference(set, parent, call.params)
          return patch(set, call, entity, before, fixed)
        }),
      PUT: (call) =>
        write(call, (set) => {
          const before = at(set, call)
          const fixed = parentReference(set, parent, call.params)
          return planPut(set, call, entity, before, fixed)
        }),
      DELETE: async (call) => {
        await call.deps.write((set) => {
          const before = at(set, call)
          if (before === undefined) refuseUnknownKey(entity, call)
          return before ? planDelete(set, entity, before.id) : { changes: [], result: false }
        })
        return { status: 204 }
      },
    },
  }
}

/** `/{child}/:item/{field}`: the entity that a row refers to. It cannot be deleted from there. */
export function upward(from: EntityName, field: string, entity: EntityName): Endpoint {
  const at = (set: EntitySet, call: Call): Row => {
    const id = referredId(locateOrFail(set, from, call.params['item'] ?? ''), field)
    const row = id === undefined ? undefined : set.get(entity, id)
    if (row === undefined) throw new HttpError(404, 'Not found')
    return row
  }
  return {
    path: `/${from}/:item/${field}`,
    handlers: {
      GET: (call) => serve(call, entity, (set) => at(set, call)),
      PATCH: (call) => write(call, (set) => patch(set, call, entity, at(set, call), {})),
      PUT: (call) =>
        write(call, (set) => {
          const { context } = call.deps
          const before = at(set, call)
          const fields = fieldsOf(call.body, entity, context, before)
          return planReplace(set, context, entity, before.id, fields)
        }),
    },
  }
}

function prefixOf(parent: Parent | undefined): string {
  return parent ? `/${parent.entity}/:parent` : ''
}

/** The row of the path; a row of another parent does not exist here. */
function child(
  set: EntitySet,
  entity: EntityName,
  parent: Parent | undefined,
  { parent: above = '', item: text = '' }: Call['params'],
): Row | undefined {
  const owner = parent && locateOrFail(set, parent.entity, above)
  const row = locate(set, entity, text)
  if (row && parent && referredId(row, parent.field) !== owner?.id) throw notFound(entity, text)
  return row
}

function parentReference(
  set: EntitySet,
  parent: Parent | undefined,
  { parent: above = '' }: Call['params'],
): Fields {
  return parent ? { [parent.field]: { id: locateOrFail(set, parent.entity, above).id } } : {}
}

function patch(
  set: EntitySet,
  call: Call,
  entity: EntityName,
  before: Row,
  fixed: Fields,
): Plan<Fields> {
  const { context } = call.deps
  const fields = { ...fieldsOf(call.body, entity, context, before), ...fixed }
  return planPatch(set, context, entity, before.id, fields)
}

function serve({ deps }: Call, entity: EntityName, find: (set: EntitySet) => Row) {
  const set = deps.entities()
  return { status: 200, body: present(set, deps.context, entity, find(set)) }
}

async function write({ deps }: Call, plan: (set: EntitySet) => Plan<Fields>) {
  return { status: 200, body: await deps.write(plan) }
}

function missing(entity: EntityName, { params }: Call): never {
  throw notFound(entity, params['item'] ?? '')
}

/** What is gone already is deleted; a key that was never one, such as an unknown SNI, is an error. */
function refuseUnknownKey(entity: EntityName, { params }: Call): void {
  const error = notFound(entity, params['item'] ?? '')
  if (error.message !== 'Not found') throw error
}
