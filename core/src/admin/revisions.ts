import type { DescribedChange } from '../entities/describe-change.ts'
import { entityNames } from '../entities/definitions/index.ts'
import { encodeOffset } from '../entities/offset.ts'
import { EntityError } from '../errors/entity-error.ts'
import { RevisionError } from '../node/configuration/revision-error.ts'
import type { Revisions } from '../node/configuration/revisions.ts'
import type { Answer, Call, Endpoint } from './endpoint.ts'
import { HttpError } from './http-error.ts'
import { pageBody } from './rows/list-page.ts'
import { pageOf, pageQuery } from './openapi/page.ts'
import { recordOf } from './openapi/schema.ts'
import type { JsonSchema } from './openapi/schema.ts'
import { foreignOffset, readPage } from './rows/query.ts'

const message = recordOf({ message: { type: 'string' } })
const count = { type: 'integer', minimum: 0 } as const

const common: Readonly<Record<string, JsonSchema>> = {
  number: { type: 'integer', minimum: 1 },
  created_at: { type: 'number', description: 'Seconds since 1970.' },
  author: {
    type: ['string', 'null'],
    description: 'The address it came from (token@ before it with the admin token), or kong-ts.',
  },
}

const fields: JsonSchema = {
  type: ['object', 'null'],
  description: 'Null where there is no row; only what has changed where there are both.',
}

const entry = recordOf({
  ...common,
  changes: { type: ['integer', 'null'], description: 'How many rows; null when it is damaged.' },
  entities: { type: 'array', items: { enum: entityNames } },
})

const shown = recordOf({
  ...common,
  changes: {
    type: 'array',
    items: recordOf({
      op: { enum: ['create', 'update', 'delete'] satisfies readonly DescribedChange['op'][] },
      entity: { enum: entityNames },
      id: { type: 'string' },
      name: { type: ['string', 'null'] },
      before: fields,
      after: fields,
    }),
  },
})

/** What has changed, and the way back. */
export const revisionEndpoints: readonly Endpoint[] = [
  {
    path: '/revisions',
    handlers: { GET: listRevisions },
    about: {
      methods: {
        GET: {
          summary: 'Lists the changes of the configuration, the newest first',
          query: pageQuery,
          answers: { 200: pageOf(entry), 400: message },
        },
      },
    },
  },
  {
    path: '/revisions/:revision',
    handlers: { GET: showRevision },
    about: {
      methods: {
        GET: {
          summary: 'Shows what a revision has changed; secrets are masked',
          answers: { 200: shown, 400: message, 404: message, 409: message },
        },
      },
    },
  },
  {
    path: '/revisions/:revision/rollback',
    handlers: { POST: rollBack },
    about: {
      methods: {
        POST: {
          summary: 'Brings the configuration back to what it was after a revision, as a new one',
          answers: {
            200: recordOf({ revision: count, changes: count }),
            400: message,
            404: message,
            409: message,
          },
        },
      },
    },
  },
]

async function listRevisions({ deps: { revisions }, query }: Call): Promise<Answer> {
  const { size, after } = readPage(query)
  const below = after === undefined ? undefined : Number(after)
  if (after !== undefined && !Number.isSafeInteger(below)) throw foreignOffset(after)
  // One more than is asked for tells whether there is a next page.
  const found = await recorded(revisions).list({ size: size + 1, below })
  const page = found.slice(0, size)
  const last = page.at(-1)
  const more = found.length > size && last ? encodeOffset(String(last.number)) : undefined
  const asked = query.get('size')
  const kept = asked === null ? '' : `&size=${encodeURIComponent(asked)}`
  return { status: 200, body: pageBody(page, '/revisions', more, kept) }
}

async function showRevision({ deps: { revisions }, params }: Call): Promise<Answer> {
  const number = numberIn(params)
  try {
    return { status: 200, body: await recorded(revisions).show(number) }
  } catch (error) {
    // What is not remembered is not there.
    const gone = error instanceof RevisionError && error.reason === 'forgotten'
    if (gone) throw new HttpError(404, error.message, { cause: error })
    return answerRefusal(error)
  }
}

async function rollBack({ deps: { revisions }, params, author }: Call): Promise<Answer> {
  const to = numberIn(params)
  return { status: 200, body: await recorded(revisions).rollback(to, author).catch(answerRefusal) }
}

/** @throws HttpError 404 for what is no number of a revision */
function numberIn({ revision = '' }: Call['params']): number {
  const number = /^\d{1,15}$/.test(revision) ? Number(revision) : undefined
  if (number === undefined) throw new HttpError(404, 'Not found')
  return number
}

/** @throws HttpError 400 without a database */
function recorded(revisions: Revisions | undefined): Revisions {
  if (revisions) return revisions
  throw new HttpError(400, 'there are no revisions without a database')
}

/** The configuration of then does not fit the gateway of now: that is no fault of the request itself. */
function answerRefusal(error: unknown): never {
  if (error instanceof RevisionError) {
    throw new HttpError(error.reason === 'unknown' ? 404 : 409, error.message, { cause: error })
  }
  if (!(error instanceof EntityError) || error.code === 8) throw error
  throw new HttpError(409, `it cannot be brought back: ${error.message}`, { cause: error })
}
