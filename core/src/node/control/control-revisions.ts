import { isFields, type Fields } from '../../entities/fields.ts'
import { commandAuthor } from '../configuration/controlled-configuration.ts'
import type { Revisions } from '../configuration/revisions.ts'

/** What can be asked of the revisions by the `kong-ts` command; the answers are plain data. */
export const revisionCalls = {
  '/revisions': async (revisions, asked) => ({
    revisions: await revisions.list({ size: numberIn(asked, 'count') }),
  }),
  '/revisions/diff': (revisions, asked) =>
    revisions.diff(
      numberIn(asked, 'from'),
      asked['to'] === undefined ? undefined : numberIn(asked, 'to'),
    ),
  '/revisions/rollback': (revisions, asked) =>
    revisions.rollback(numberIn(asked, 'revision'), commandAuthor),
} as const satisfies Readonly<
  Record<string, (revisions: Revisions, asked: Fields) => Promise<unknown>>
>

/** @throws Error with what is wrong, or that there are no revisions */
export async function callRevisions(
  path: keyof typeof revisionCalls,
  revisions: Revisions | undefined,
  body: unknown,
): Promise<unknown> {
  if (!revisions) throw new Error('there are no revisions without a database')
  return revisionCalls[path](revisions, isFields(body) ? body : {})
}

export function isRevisionCall(path: string | undefined): path is keyof typeof revisionCalls {
  return path !== undefined && Object.hasOwn(revisionCalls, path)
}

function numberIn(asked: Fields, name: string): number {
  const value = asked[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`${name} is no number of a revision`)
}
