import type { Fields } from '../../entities/fields.ts'
import type { Answer, Call } from '../endpoint.ts'
import { etagOf } from './etag.ts'
import { checkPreconditions, isUnchanged } from './preconditions.ts'

/** A row that was written, with the entity tag by which the client can change it again. */
export function answerWritten(status: 200 | 201, body: Fields): Answer {
  return { status, body, headers: { etag: etagOf(body) } }
}

/** A row that is read: 304 without a body when the client has it already. @throws HttpError 412 */
export function answerRead({ headers }: Call, body: Fields): Answer {
  const etag = etagOf(body)
  if (isUnchanged(headers, etag)) return { status: 304, headers: { etag } }
  checkPreconditions(headers, () => etag)
  return { status: 200, body, headers: { etag } }
}
