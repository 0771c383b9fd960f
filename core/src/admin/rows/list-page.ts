import type { EntitySet } from '../../entities/entity-set.ts'
import { encodeOffset } from '../../entities/offset.ts'
import { present } from '../../entities/present.ts'
import type { EntityName, Row } from '../../entities/rows.ts'
import type { Call, Parent } from '../endpoint.ts'
import { pathOf } from './entity-path.ts'
import { locateOrFail } from './locate.ts'
import { lookUp } from './look-up.ts'
import { newestRows } from './newest-rows.ts'
import { readPage, readRowPage, readTags } from './query.ts'

/**
 * One page: `{ data, next, offset }`, without `offset` on the last. At the top level `next` keeps `size` and
 * `tags`; below a parent it keeps neither, and tags do not filter there.
 */
export function listPage(call: Call, entity: EntityName, parent?: Parent): Record<string, unknown> {
  return parent ? listBelow(call, entity, parent) : listTop(call, entity)
}

/** What is below a parent, in ascending order of ids. @param segment the last of the path, after the collection */
export function listBelow(
  call: Call,
  entity: EntityName,
  parent: Parent,
  ...segment: readonly string[]
): Record<string, unknown> {
  const set = call.deps.entities()
  const { id } = locateOrFail(set, parent.entity, call.params['parent'] ?? '')
  const page = set.list(entity, { ...readRowPage(call.query), where: { field: parent.field, id } })
  const path = pathBelow(call, parent, pathOf(entity), ...segment)
  const offset = page.after === undefined ? undefined : encodeOffset(page.after)
  return pageBody(serve(set, call, entity, page.rows), path, offset)
}

/** What is below a parent, the newest first. */
export function listNewest(
  call: Call,
  entity: EntityName,
  parent: Parent,
): Record<string, unknown> {
  const set = call.deps.entities()
  const { id } = locateOrFail(set, parent.entity, call.params['parent'] ?? '')
  const { rows, offset } = newestRows(set.children(entity, parent.field, id), readPage(call.query))
  const path = pathBelow(call, parent, pathOf(entity))
  return pageBody(serve(set, call, entity, rows), path, offset)
}

function listTop(call: Call, entity: EntityName): Record<string, unknown> {
  const { deps, query } = call
  const set = deps.entities()
  const found = lookUp(set, entity, query)
  if (found !== undefined) return pageBody(serve(set, call, entity, found), '', undefined)
  const page = set.list(entity, { ...readRowPage(query), tags: readTags(query) })
  const offset = page.after === undefined ? undefined : encodeOffset(page.after)
  return pageBody(serve(set, call, entity, page.rows), `/${pathOf(entity)}`, offset, kept(query))
}

/** A path below the parent, as the client wrote it. */
export function pathBelow(
  { params }: Call,
  parent: Parent,
  ...segments: readonly string[]
): string {
  const above = encodeURIComponent(params['parent'] ?? '')
  return ['', pathOf(parent.entity), above, ...segments].join('/')
}

/** @param query what `next` says beside the offset: `&size=5` */
export function pageBody(
  data: readonly unknown[],
  path: string,
  offset: string | undefined,
  query = '',
): Record<string, unknown> {
  if (offset === undefined) return { data, next: null }
  return { data, next: `${path}?offset=${encodeURIComponent(offset)}${query}`, offset }
}

function serve(set: EntitySet, { deps }: Call, entity: EntityName, rows: readonly Row[]) {
  return rows.map((row) => present(set, deps.context, entity, row))
}

function kept(query: URLSearchParams): string {
  const pairs = ['size', 'tags'].flatMap((name) => {
    const value = query.get(name)
    return value === null ? [] : [`&${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`]
  })
  return pairs.join('')
}
