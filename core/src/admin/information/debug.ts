import { logLevels } from '../../settings/log-levels.ts'
import { messageSchema, reads } from '../about.ts'
import type { About, Answer, Call, Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'

/** Seconds that another level holds where nobody says how long. */
const defaultTimeout = 60

const change: About = {
  methods: {
    PUT: {
      summary: 'Has the error log record more or less, for a while',
      query: {
        timeout: {
          type: 'number',
          minimum: 0,
          default: defaultTimeout,
          description: 'Seconds; 0: until the next reload or restart.',
        },
      },
      answers: { 200: messageSchema, 400: messageSchema, 405: messageSchema },
    },
  },
}

/** What the error log records, for a while: nobody has to restart a node to see more of it. */
export const debugEndpoints: readonly Endpoint[] = [
  {
    path: '/debug/node/log-level',
    handlers: {
      GET: ({ deps }) => ({
        status: 200,
        body: { message: `log level: ${deps.logLevel.current}` },
      }),
    },
    about: reads('What the error log records', { 200: messageSchema }),
  },
  { path: '/debug/node/log-level/:log_level', handlers: { PUT: changeLogLevel }, about: change },
  // A node on its own is its cluster.
  {
    path: '/debug/cluster/log-level/:log_level',
    handlers: { PUT: changeLogLevel },
    about: change,
  },
]

/** @throws HttpError 400, or 405 where Kong does so too: without a database */
function changeLogLevel({ deps, params, query, body }: Call): Answer {
  if (deps.declarative !== undefined) {
    throw new HttpError(405, 'cannot change log level when not using a database')
  }
  const { log_level: wanted = '' } = params
  const level = logLevels.find((known) => known === wanted)
  if (level === undefined) throw new HttpError(400, `unknown log level: ${wanted}`)
  const seconds = readTimeout(query.get('timeout') ?? body.fields['timeout'])
  if (seconds < 0) throw new HttpError(400, 'timeout must be greater than or equal to 0')
  if (level === deps.logLevel.current) {
    return { status: 200, body: { message: `log level is already ${level}` } }
  }
  deps.logLevel.change(level, seconds)
  return { status: 200, body: { message: 'log level changed' } }
}

/** Seconds, rounded up; what is no number is as good as absent. */
function readTimeout(value: unknown): number {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  const seconds = text === '' ? NaN : Math.ceil(Number(text))
  return Number.isFinite(seconds) ? seconds : defaultTimeout
}
