import { closedObject } from './schema.ts'
import type { JsonSchema } from './schema.ts'
import { defaultSize, maxSize } from '../rows/query.ts'

/** What every list reads of the query. */
export const pageQuery: Readonly<Record<string, JsonSchema>> = {
  size: {
    type: 'integer',
    minimum: 1,
    maximum: maxSize,
    default: defaultSize,
    description: 'How many a page holds.',
  },
  offset: { type: 'string', description: 'The `offset` of the page before.' },
}

/** A page of a list; `offset` is absent on the last. */
export function pageOf(row: JsonSchema): JsonSchema {
  return closedObject(
    {
      data: { type: 'array', items: row },
      next: { type: ['string', 'null'], description: 'The path of the next page.' },
      offset: { type: 'string', description: 'Where the next page begins.' },
    },
    ['data', 'next'],
  )
}
