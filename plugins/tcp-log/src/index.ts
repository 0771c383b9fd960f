import { definePlugin, jsonLine, Outbox } from '@kong-ts/pdk'
import { LogConnection } from './log-connection.ts'

/** Milliseconds that a teardown waits for the server. */
const patience = 3000

const milliseconds = { type: 'integer', minimum: 0, maximum: 2_147_483_646 } as const

export default definePlugin({
  name: 'tcp-log',
  version: '0.1.0',
  priority: 7,
  description: 'Sends one line of JSON per connection to a TCP server',
  schema: {
    type: 'object',
    properties: {
      host: { type: 'string', format: 'host', description: 'the server' },
      port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'its port' },
      timeout: {
        ...milliseconds,
        default: 10_000,
        description: 'milliseconds for a connect and for a write',
      },
      keepalive: {
        ...milliseconds,
        default: 60_000,
        description: 'milliseconds after which an idle connection is closed',
      },
      tls: { type: 'boolean', default: false, description: 'whether the server speaks TLS' },
      tls_sni: { type: 'string', format: 'host', description: 'the name to ask for and to verify' },
      tls_verify: {
        type: 'boolean',
        default: true,
        description: 'whether the certificate of the server is verified',
      },
    },
    required: ['host', 'port'],
  },
  setup({ config, log }) {
    const connection = new LogConnection(config)
    const lines = new Outbox<string>({
      deliver: (batch, signal) => connection.write(batch.join(''), signal),
      log,
    })
    return { connection, lines }
  },
  phases: {
    log: (summary, { state }) => state.lines.push(`${jsonLine(summary)}\n`),
  },
  async teardown({ connection, lines }) {
    await lines.close(patience)
    connection.close()
  },
})
