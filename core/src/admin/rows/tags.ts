import { EntityError } from '../../errors/entity-error.ts'
import { entityNames } from '../../entities/definitions/index.ts'
import type { EntitySet, TagFilter } from '../../entities/entity-set.ts'
import { faultOfFormat, faultOfUtf8 } from '../../entities/formats.ts'
import { encodeOffset } from '../../entities/offset.ts'
import type { EntityName, Row } from '../../entities/rows.ts'
import type { About, Answer, Call, Endpoint } from '../endpoint.ts'
import { pageOf, pageQuery } from '../openapi/page.ts'
import { recordOf } from '../openapi/schema.ts'
import { foreignOffset, readPage } from './query.ts'

/** Who has which tags; nothing is stored for it. */
export const tagEndpoints: readonly Endpoint[] = [
  {
    path: '/tags',
    handlers: { GET: (call) => listTags(call, '/tags') },
    about: lists('Lists every tag of every entity'),
  },
  { path: '/tags/:tags', handlers: { GET: listTag }, about: lists('Lists what has a tag') },
]

function lists(summary: string): About {
  const [tag, entity_name] = [{ type: 'string' }, { enum: entityNames }]
  const row = recordOf({ tag, entity_name, entity_id: { type: 'string', format: 'uuid' } })
  return { methods: { GET: { summary, query: pageQuery, answers: { 200: pageOf(row) } } } }
}

interface Tagged {
  readonly tag: string
  readonly entity_name: EntityName
  readonly entity_id: string
}

/** Rows are looked at by this many at a time, so that a page does not cost the whole collection. */
const batch = 1000

function listTag(call: Call): Answer {
  const { tags: tag = '' } = call.params
  const fault = faultOfUtf8(tag) ?? faultOfFormat('tag', tag)
  if (fault !== undefined) throw new EntityError(10, fault, { tags: fault })
  return listTags(call, `/tags/${encodeURIComponent(tag)}`, tag)
}

/** A page by entity, row and place in the row's tags; an offset names the last of the page before. */
function listTags({ deps, query }: Call, path: string, tag?: string): Answer {
  const { size, after } = readPage(query)
  const data: Tagged[] = []
  for (const tagged of tagsAfter(deps.entities(), after, tag)) {
    if (data.length < size) {
      data.push(tagged)
      continue
    }
    const offset = encodeOffset(placeOf(data.at(-1) ?? tagged))
    const kept = query.has('size') ? `&size=${size}` : ''
    const next = `${path}?offset=${encodeURIComponent(offset)}${kept}`
    return { status: 200, body: { data, next, offset } }
  }
  return { status: 200, body: { data, next: null } }
}

function placeOf({ entity_name: entity, entity_id: id, tag }: Tagged): string {
  return `${entity}/${id}/${tag}`
}

/** An offset whose row or tag is gone goes on where it would stand. */
function* tagsAfter(
  set: EntitySet,
  place: string | undefined,
  tag: string | undefined,
): Generator<Tagged> {
  const { start, id, last } = readPlace(place)
  const begun = entityNames[start]
  if (begun !== undefined) {
    const row = set.get(begun, id)
    if (row) yield* tagsOf(begun, row, tag, last)
    yield* tagsBelow(set, begun, id, tag)
  }
  for (const name of entityNames.slice(start + 1)) yield* tagsBelow(set, name, undefined, tag)
}

/** @throws EntityError code 7 for the offset of another list */
function readPlace(place: string | undefined) {
  if (place === undefined) return { start: -1, id: '', last: '' }
  const [entity, id = '', last = ''] = place.split('/')
  const start = entityNames.findIndex((name) => name === entity)
  if (start !== -1) return { start, id, last }
  throw foreignOffset(place)
}

function* tagsBelow(
  set: EntitySet,
  entity: EntityName,
  after: string | undefined,
  tag: string | undefined,
): Generator<Tagged> {
  const tags: TagFilter | undefined = tag === undefined ? undefined : { tags: [tag], match: 'any' }
  let from = after
  do {
    const page = set.list(entity, { size: batch, after: from, tags })
    for (const row of page.rows) yield* tagsOf(entity, row, tag)
    from = page.after
  } while (from !== undefined)
}

/** Sorted, so that a page can go on above a tag that has gone. */
function* tagsOf(
  entity: EntityName,
  row: Row,
  wanted: string | undefined,
  after = '',
): Generator<Tagged> {
  for (const tag of (row.tags ?? []).toSorted()) {
    if (tag > after && (wanted ?? tag) === tag) {
      yield { tag, entity_name: entity, entity_id: row.id }
    }
  }
}
