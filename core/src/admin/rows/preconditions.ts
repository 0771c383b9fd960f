import type { IncomingHttpHeaders } from 'node:http'
import { HttpError } from '../http-error.ts'

/**
 * Whether a write may go on: `If-Match` and `If-None-Match` (RFC 9110 sections 13.1.1 and 13.1.2), against what is
 * there at this moment.
 * @param tagOf the entity tag of the row; undefined when there is none
 * @throws HttpError 412
 */
export function checkPreconditions(
  headers: IncomingHttpHeaders,
  tagOf: () => string | undefined,
): void {
  const { 'if-match': wanted, 'if-none-match': unwanted } = headers
  if (wanted === undefined && unwanted === undefined) return
  const tag = tagOf()
  if (wanted !== undefined && !matches(wanted, tag)) {
    throw new HttpError(412, 'it is not, or no longer, what If-Match names')
  }
  if (unwanted !== undefined && matchesWeakly(unwanted, tag)) {
    throw new HttpError(412, 'it is what If-None-Match names')
  }
}

/** Whether the client has what is served already: the answer to its GET is 304 then. */
export function isUnchanged(headers: IncomingHttpHeaders, tag: string): boolean {
  const { 'if-none-match': known } = headers
  return known !== undefined && matchesWeakly(known, tag)
}

/** By the strong comparison: a weak tag is never the same as another one. */
function matches(list: string, tag: string | undefined): boolean {
  if (tag === undefined) return false
  return isAny(list) || tagsIn(list).includes(tag)
}

function matchesWeakly(list: string, tag: string | undefined): boolean {
  if (tag === undefined) return false
  return isAny(list) || tagsIn(list).some((known) => known.replace(/^W\//, '') === tag)
}

function isAny(list: string): boolean {
  return list.trim() === '*'
}

/** What is no entity tag is not in the list. */
function tagsIn(list: string): readonly string[] {
  return list.match(/(?:W\/)?"[^"]*"/g) ?? []
}
