import {
  definePlugin,
  reject,
  type Awaitable,
  type Infer,
  type Rejection,
  type Routed,
} from '@kong-ts/pdk'
import { STATUS_CODES } from 'node:http'
import { oneLine, protocols, wordsOf, type Said, type Words } from './words.ts'

const schema = {
  type: 'object',
  properties: {
    protocol: {
      enum: protocols,
      default: 'text',
      description:
        'whose words the client is told; text is the message or the body as it is, at once',
    },
    message: {
      type: 'string',
      minLength: 1,
      maxLength: 400,
      description:
        'what the client is told, and the reason in the log; the name of the status unless stated',
    },
    status_code: {
      type: 'integer',
      minimum: 200,
      maximum: 599,
      default: 503,
      description: 'the status of the response, with protocol=http',
    },
    body: {
      type: 'string',
      minLength: 1,
      maxLength: 65_536,
      description:
        'in place of the message, with protocol=text or http: sent as it is, line ends included',
    },
    content_type: {
      type: 'string',
      pattern: String.raw`^[\x20-\x7e]+$`,
      description: 'of the body, with protocol=http; text/plain unless stated',
    },
    retry_after: {
      type: 'integer',
      minimum: 0,
      maximum: 31_536_000,
      default: 60,
      description:
        'seconds, in the Retry-After of a status such as 503 and 429, with protocol=http',
    },
    echo: { enum: [false], description: 'accepted for Kong; there is no request to echo' },
  },
} as const

type Config = Infer<typeof schema>

interface State {
  readonly reason: string
  readonly words: Words
}

export default definePlugin({
  name: 'request-termination',
  version: '0.1.0',
  priority: 2,
  description: 'Closes a route for maintenance, in the words of its protocol',
  schema,
  check: examine,
  setup: ({ config }): State => ({
    reason: config.message ?? nameOf(config),
    words: wordsOf(config.protocol, saidBy(config)),
  }),
  phases: {
    preread(conn, { state: { reason, words }, clock }): Awaitable<Rejection> {
      if (conn.protocol === 'tls') {
        return reject(reason, words.answer(nothing, clock.now()), { overTls: true })
      }
      if (conn.hello !== undefined) return reject(reason, fatalAlert)
      if (words.opening === 0) return reject(reason, words.answer(nothing, clock.now()))
      return listen(conn, words).then((opening) =>
        reject(reason, opening[0] === 0x16 ? fatalAlert : words.answer(opening, clock.now())),
      )
    },
  },
})

/** What the client says first; a question of PostgreSQL, for TLS and then for GSSAPI, is answered with no. */
async function listen(conn: Routed, words: Words): Promise<Uint8Array> {
  for (let questions = 0; questions < 2; questions++) {
    const opening = await conn.peek(words.opening)
    if (words.isQuestion?.(opening) !== true) return opening
    await conn.take(words.opening)
    await conn.say('N')
  }
  return conn.peek(words.opening)
}

const nothing = new Uint8Array()

/** A fatal alert, internal_error (RFC 8446 section 6.2): a client whose TLS is not ended here understands nothing else. */
const fatalAlert = new Uint8Array([21, 3, 3, 0, 2, 2, 80])

function saidBy(config: Config): Said {
  const { status_code: status, retry_after: retryAfter, body } = config
  const message = config.message ?? nameOf(config)
  const http =
    body === undefined
      ? { contentType: 'application/json; charset=utf-8', body: JSON.stringify({ message }) }
      : { contentType: config.content_type ?? 'text/plain; charset=utf-8', body }
  return { message: oneLine(message), text: body ?? message, http: { status, retryAfter, ...http } }
}

/** As Kong words it: the first letter alone is large. */
function nameOf({ status_code: status }: Config): string {
  const name = STATUS_CODES[status] ?? `Status ${status}`
  return name.charAt(0) + name.slice(1).toLowerCase()
}

/** The first two rules, and their words, are Kong's. */
const rules: readonly (readonly [isBroken: (config: Config) => boolean, complaint: string])[] = [
  [
    ({ message, content_type, body }) =>
      message !== undefined && (content_type ?? body) !== undefined,
    'message cannot be used with content_type or body',
  ],
  [
    ({ content_type, body }) => content_type !== undefined && body === undefined,
    'content_type requires a body',
  ],
  [
    ({ protocol, body }) => body !== undefined && protocol !== 'text' && protocol !== 'http',
    'config.body is only used with protocol=text or http',
  ],
  [
    ({ protocol, content_type }) => content_type !== undefined && protocol !== 'http',
    'config.content_type is only used with protocol=http',
  ],
  [
    ({ protocol, status_code }) => status_code !== 503 && protocol !== 'http',
    'config.status_code is only used with protocol=http',
  ],
]

function examine(config: Config): string | undefined {
  return rules.find(([isBroken]) => isBroken(config))?.[1]
}
