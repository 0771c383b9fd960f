import { EntityError } from '../../errors/entity-error.ts'
import type { TagFilter } from '../../entities/entity-set.ts'
import { isUuid } from '../../entities/fields.ts'
import { decodeOffset, encodeOffset } from '../../entities/offset.ts'
import { maxArguments } from '../bodies/form-body.ts'
import { HttpError } from '../http-error.ts'

export const defaultSize = 100
export const maxSize = 1000
const maxTags = 5

export interface PageQuery {
  readonly size: number
  /** The place that the offset names. */
  readonly after: string | undefined
}

/** The query of a URL. @throws HttpError 400 when it is longer than a form may be */
export function readQuery(url: string): URLSearchParams {
  const at = url.indexOf('?')
  const text = at === -1 ? '' : url.slice(at + 1)
  if (text.split('&', maxArguments + 1).length > maxArguments) {
    throw new HttpError(400, 'Too many arguments')
  }
  return new URLSearchParams(text)
}

/** Reads `size` and `offset` of a list in the order of ids. @throws EntityError 7, 9 */
export function readRowPage(query: URLSearchParams): PageQuery {
  const page = readPage(query)
  if (page.after !== undefined && !isUuid(page.after)) throw foreignOffset(page.after)
  return page
}

/** What is said of an offset whose place is in no list of this sort. */
export function foreignOffset(place: string): EntityError {
  const text = encodeOffset(place)
  return new EntityError(7, `'${text}' is not a valid offset: it is of another list`)
}

/** Reads `size` and `offset`; what nobody asks for in a query is ignored. @throws EntityError 7, 9 */
export function readPage(query: URLSearchParams): PageQuery {
  const offset = query.get('offset')
  return {
    size: readSize(query.get('size')),
    after: offset === null ? undefined : decodeOffset(offset),
  }
}

function readSize(text: string | null): number {
  if (text === null) return defaultSize
  const size = text.trim() === '' ? NaN : Number(text)
  if (Number.isNaN(size)) throw new EntityError(9, 'size must be a number')
  if (Number.isInteger(size) && size >= 1 && size <= maxSize) return size
  throw new EntityError(9, `size must be an integer between 1 and ${maxSize}`)
}

/** Reads `tags`: `a,b` is both, `a/b` is either. @throws EntityError 11 */
export function readTags(query: URLSearchParams): TagFilter | undefined {
  const text = query.get('tags')
  if (text === null) return undefined
  if (text === '') throw invalidTags('cannot be null')
  const either = text.includes('/')
  const tags = text.split(either ? '/' : ',')
  if (!tags.every(isTag)) throw invalidTags('invalid filter syntax')
  if (tags.length > maxTags) throw invalidTags(`cannot query more than ${maxTags} tags`)
  return { tags, match: either ? 'any' : 'all' }
}

/** What was no UTF-8 has become the character that stands for it. */
function isTag(text: string): boolean {
  if (text.includes('\ufffd')) return false
  return /^(?:[ -+\-.0-~]|[^\u0000-\u007f])+$/u.test(text)
}

function invalidTags(why: string): EntityError {
  return new EntityError(11, `invalid option (tags: ${why})`, { tags: why })
}
