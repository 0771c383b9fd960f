import {
  customFieldsFields,
  definePlugin,
  EntryCounts,
  lineWriter,
  Outbox,
  serverFields,
  tlsFields,
} from '@kong-ts/pdk'
import { Endpoint } from './endpoint.ts'
import { deprecatedFields, heedDeprecated } from './deprecated.ts'
import { outboxOptions, queueSchema } from './queue.ts'

const name = 'http-log'

/** Milliseconds that a teardown waits for the server. */
const patience = 3000

const { timeout, keepalive } = serverFields
const { tls_verify, tls_ca } = tlsFields

export default definePlugin({
  name,
  version: '0.1.0',
  priority: 12,
  description: 'Sends the JSON of each connection to an HTTP server',
  schema: {
    type: 'object',
    properties: {
      http_endpoint: {
        type: 'string',
        format: 'http_url',
        writeOnly: true,
        description: 'the address (http or https); a name and a password in it are sent as Basic',
      },
      method: { enum: ['POST', 'PUT', 'PATCH'], default: 'POST', description: 'of the requests' },
      content_type: {
        enum: ['application/json', 'application/json; charset=utf-8'],
        default: 'application/json',
        description: 'what the requests say of their body',
      },
      timeout: {
        ...timeout,
        description: 'milliseconds for a request and its answer; 0 waits without end',
      },
      keepalive,
      headers: {
        type: 'object',
        propertyNames: { format: 'header_name' },
        additionalProperties: { type: 'string', format: 'header_value' },
        writeOnly: true,
        description: 'more headers of the requests, by name',
      },
      tls_verify,
      tls_ca,
      queue: queueSchema,
      ...deprecatedFields,
      ...customFieldsFields,
    },
    required: ['http_endpoint'],
  },
  check({ http_endpoint, headers = {} }) {
    const { username, password } = new URL(http_endpoint)
    const isNamed = username !== '' || password !== ''
    const isHeaded = Object.keys(headers).some((header) => header.toLowerCase() === 'authorization')
    return isNamed && isHeaded
      ? "specifying both an 'Authorization' header and user info in 'http_endpoint' is not allowed"
      : undefined
  },
  setup(kit) {
    const { config, log, trusted } = kit
    const queue = heedDeprecated(config, log)
    const options = outboxOptions(queue)
    const endpoint = new Endpoint(config, options.concurrency, trusted)
    const isList = queue.max_batch_size > 1
    const records = new Outbox<string>({
      ...options,
      deliver: (batch, signal) => {
        const body = batch.join(',')
        return endpoint.send(isList ? `[${body}]` : body, signal)
      },
      counts: new EntryCounts(name, kit),
      log,
    })
    return { endpoint, records, word: lineWriter(config, log) }
  },
  phases: {
    log: (summary, { state: { records, word } }) => records.push(word(summary)),
  },
  async teardown({ endpoint, records }) {
    await records.close(patience)
    endpoint.close()
  },
})
