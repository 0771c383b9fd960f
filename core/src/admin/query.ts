import { EntityError } from '../errors/entity-error.ts'
import type { TagFilter } from '../entities/entity-set.ts'
import { decodeOffset } from '../entities/offset.ts'

const defaultSize = 100
const maxSize = 1000
const maxTags = 5

export interface PageQuery {
  readonly size: number
  readonly after: string | undefined
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

function isTag(text: string): boolean {
  return /^(?:[ -+\-.0-~]|[^\u0000-\u007f])+$/u.test(text)
}

function invalidTags(why: string): EntityError {
  return new EntityError(11, `invalid option (tags: ${why})`, { tags: why })
}
