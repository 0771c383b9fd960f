import type { About } from './endpoint.ts'
import { recordOf } from './openapi/schema.ts'
import type { JsonSchema } from './openapi/schema.ts'

/** What most endpoints without rows answer: something to read. */
export const messageSchema = recordOf({ message: { type: 'string' } })

/** What a GET shows, for the document. */
export function reads(
  summary: string,
  answers: Readonly<Record<number, JsonSchema | null>>,
  query?: Readonly<Record<string, JsonSchema>>,
): About {
  return { methods: { GET: { summary, answers, ...(query && { query }) } } }
}
