import { isUuid } from '../../entities/fields.ts'
import { encodeOffset } from '../../entities/offset.ts'
import type { Row } from '../../entities/rows.ts'
import { foreignOffset } from './query.ts'
import type { PageQuery } from './query.ts'

/**
 * A page of rows, the newest first. An offset names the last row of the page before: the next one goes on below it,
 * though it be gone.
 * @throws EntityError code 7 for the offset of another list
 */
export function newestRows<R extends Row>(
  rows: readonly R[],
  { size, after }: PageQuery,
): { readonly rows: readonly R[]; readonly offset: string | undefined } {
  const below = after === undefined ? undefined : readPlace(after)
  const page = rows
    .filter((row) => below === undefined || compare(below, row) < 0)
    .toSorted(compare)
    .slice(0, size + 1)
  const last = page.length > size ? page[size - 1] : undefined
  return {
    rows: page.slice(0, size),
    offset: last && encodeOffset(`${last.created_at}/${last.id}`),
  }
}

type Place = Pick<Row, 'created_at' | 'id'>

function compare(a: Place, b: Place): number {
  return b.created_at - a.created_at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
}

function readPlace(text: string): Place {
  const [time = '', id = '', ...more] = text.split('/')
  const created_at = Number(time)
  if (time === '' || Number.isNaN(created_at) || !isUuid(id) || more.length > 0) {
    throw foreignOffset(text)
  }
  return { created_at, id }
}
