import type { EntitySet } from '../entities/entity-set.ts'
import { encodeOffset } from '../entities/offset.ts'
import { present } from '../entities/present.ts'
import type { EntityName } from '../entities/rows.ts'
import type { Call, Parent } from './endpoint.ts'
import { locateOrFail } from './locate.ts'
import { readPage, readTags } from './query.ts'

interface Place {
  readonly path: string
  readonly where?: { readonly field: string; readonly id: string }
}

/**
 * One page: `{ data, next, offset }`, without `offset` on the last. At the top level `next` keeps `size` and
 * `tags`; below a parent it keeps neither, and tags do not filter there.
 */
export function listPage(call: Call, entity: EntityName, parent?: Parent): Record<string, unknown> {
  const { deps, query, params } = call
  const set = deps.entities()
  const { size, after } = readPage(query)
  const tags = parent ? undefined : readTags(query)
  const below = parent && placeOf(set, entity, parent, params['parent'] ?? '')
  const { path, where } = below ?? { path: `/${entity}` }
  const page = set.list(entity, { size, after, where, tags })
  const data = page.rows.map((row) => present(set, deps.context, entity, row))
  if (page.after === undefined) return { data, next: null }
  const offset = encodeOffset(page.after)
  const next = `${path}?${nextQuery(offset, parent ? [] : ['size', 'tags'], query)}`
  return { data, next, offset }
}

/** A list below a parent: its path, and what its rows refer to. */
function placeOf(set: EntitySet, entity: EntityName, parent: Parent, text: string): Place {
  const { id } = locateOrFail(set, parent.entity, text)
  return { path: `/${parent.entity}/${id}/${entity}`, where: { field: parent.field, id } }
}

function nextQuery(offset: string, kept: readonly string[], query: URLSearchParams): string {
  const pairs = kept.flatMap((name) => {
    const value = query.get(name)
    return value === null ? [] : [`${name}=${encodeURIComponent(value).replaceAll('%2C', ',')}`]
  })
  return [`offset=${encodeURIComponent(offset)}`, ...pairs].join('&')
}
