import { definitions } from '../../entities/definitions/index.ts'
import type { EntitySet } from '../../entities/entity-set.ts'
import { referredId } from '../../entities/fields.ts'
import type { Fields } from '../../entities/fields.ts'
import { planDelete } from '../../entities/plan-delete.ts'
import { planCreate, planPatch, planReplace } from '../../entities/plan.ts'
import type { Plan } from '../../entities/plan.ts'
import { present } from '../../entities/present.ts'
import type { EntityName, Row } from '../../entities/rows.ts'
import { answerRead, answerWritten } from './answer-row.ts'
import { fieldsOf } from '../bodies/body.ts'
import type { Answer, Call, Endpoint, Handler, Parent } from '../endpoint.ts'
import { pathOf } from './entity-path.ts'
import { etagOf } from './etag.ts'
import { HttpError } from '../http-error.ts'
import { listBelow, listNewest, listPage } from './list-page.ts'
import { locateChild, locateOrFail, notFound, parentReference } from './locate.ts'
import { planPut } from './plan-put.ts'
import { checkPreconditions } from './preconditions.ts'

/** `/{entity}`, or `/{parent}/:parent/{entity}`. What is part of something is listed with the newest first. */
export function collection(entity: EntityName, parent?: Parent, writable = true): Endpoint {
  const isPart = parent !== undefined && definitions[entity].partOf === parent.field
  const create: Handler = async ({ deps, params, body }) => {
    const row = await deps.write((set) => {
      const fixed = parentReference(set, parent, params)
      const fields = { ...fieldsOf(body, entity, deps.context), ...fixed }
      return planCreate(set, deps.context, entity, fields)
    })
    return answerWritten(201, row)
  }
  return {
    path: `${prefixOf(parent)}/${pathOf(entity)}`,
    handlers: {
      GET: (call) => ({
        status: 200,
        body: isPart ? listNewest(call, entity, parent) : listPage(call, entity, parent),
      }),
      ...(writable && { POST: create }),
    },
    about: { rows: { entity, one: false, parent } },
  }
}

/** `/{parent}/:parent/{entity}/all`: the parts as they are stored, in the order of their ids. */
export function allParts(entity: EntityName, parent: Parent): Endpoint {
  return {
    path: `${prefixOf(parent)}/${pathOf(entity)}/all`,
    handlers: { GET: (call) => ({ status: 200, body: listBelow(call, entity, parent, 'all') }) },
    about: { rows: { entity, one: false, parent } },
  }
}

/** `/{entity}/:item`, or `/{parent}/:parent/{entity}/:item`. */
export function item(entity: EntityName, parent?: Parent): Endpoint {
  const at = (set: EntitySet, { params }: Call) => locateChild(set, entity, parent, params)
  const change: Handler = (call) =>
    write(call, (set) => {
      const before = unlessChanged(set, call, entity, at(set, call)) ?? missing(entity, call)
      const fixed = parentReference(set, parent, call.params)
      return patch(set, call, entity, before, fixed)
    })
  const replace: Handler = (call) =>
    write(call, (set) => {
      const before = unlessChanged(set, call, entity, at(set, call))
      const fixed = parentReference(set, parent, call.params)
      return planPut(set, call, entity, before, fixed)
    })
  return {
    path: `${prefixOf(parent)}/${pathOf(entity)}/:item`,
    handlers: {
      GET: (call) => serve(call, entity, (set) => at(set, call) ?? missing(entity, call)),
      PATCH: change,
      PUT: definitions[entity].partOf === undefined ? replace : change,
      DELETE: async (call) => {
        await call.deps.write((set) => {
          const before = at(set, call)
          if (before === undefined) return refuseUnknownKey(entity, call)
          unlessChanged(set, call, entity, before)
          return planDelete(set, entity, before.id)
        })
        return { status: 204 }
      },
    },
    about: { rows: { entity, one: true, parent } },
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
  const unchanged = (set: EntitySet, call: Call): Row => {
    const row = at(set, call)
    unlessChanged(set, call, entity, row)
    return row
  }
  return {
    path: `/${pathOf(from)}/:item/${field}`,
    handlers: {
      GET: (call) => serve(call, entity, (set) => at(set, call)),
      PATCH: (call) => write(call, (set) => patch(set, call, entity, unchanged(set, call), {})),
      PUT: (call) =>
        write(call, (set) => {
          const { context } = call.deps
          const before = unchanged(set, call)
          const fields = fieldsOf(call.body, entity, context, before)
          return planReplace(set, context, entity, before.id, fields)
        }),
    },
    about: { rows: { entity, one: true } },
  }
}

function prefixOf(parent: Parent | undefined): string {
  return parent ? `/${pathOf(parent.entity)}/:parent` : ''
}

/**
 * The row as it is at the moment of the write, if it is as the client knows it.
 * @throws HttpError 412
 */
function unlessChanged(
  set: EntitySet,
  { deps: { context }, headers }: Call,
  entity: EntityName,
  row: Row | undefined,
): Row | undefined {
  checkPreconditions(headers, () => row && etagOf(present(set, context, entity, row)))
  return row
}

/** What is written moves the row to another parent; what is not leaves it where it is. */
function patch(
  set: EntitySet,
  call: Call,
  entity: EntityName,
  before: Row,
  fixed: Fields,
): Plan<Fields> {
  const { context } = call.deps
  const fields = { ...fixed, ...fieldsOf(call.body, entity, context, before) }
  return planPatch(set, context, entity, before.id, fields)
}

function serve(call: Call, entity: EntityName, find: (set: EntitySet) => Row): Answer {
  const set = call.deps.entities()
  return answerRead(call, present(set, call.deps.context, entity, find(set)))
}

async function write({ deps }: Call, plan: (set: EntitySet) => Plan<Fields>): Promise<Answer> {
  return answerWritten(200, await deps.write(plan))
}

function missing(entity: EntityName, { params }: Call): never {
  throw notFound(entity, params['item'] ?? '')
}

/** What is gone already is deleted; a key that was never one, such as an unknown SNI, is an error. */
function refuseUnknownKey(entity: EntityName, { params }: Call): Plan<boolean> {
  const error = notFound(entity, params['item'] ?? '')
  if (error.message !== 'Not found') throw error
  return { changes: [], result: false }
}
