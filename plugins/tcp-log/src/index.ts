import {
  customFieldsFields,
  definePlugin,
  lineWriter,
  Outbox,
  StreamSink,
  tlsFields,
} from '@kong-ts/pdk'

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
        description:
          'milliseconds for a connect with its handshake, and for a write; 0 waits without end',
      },
      keepalive: {
        ...milliseconds,
        default: 60_000,
        description: 'milliseconds after which an idle connection is closed; 0 keeps it',
      },
      tls: { type: 'boolean', default: false, description: 'whether the server speaks TLS' },
      ...tlsFields,
      ...customFieldsFields,
    },
    required: ['host', 'port'],
  },
  setup({ config, log }) {
    const { host, port, timeout, keepalive, tls } = config
    const sink = new StreamSink({ host, port, timeout, keepalive, tls: tls ? config : undefined })
    const lines = new Outbox<string>({
      deliver: (batch, signal) => sink.write(batch.join(''), signal),
      log,
    })
    return { sink, lines, word: lineWriter(config, log) }
  },
  phases: {
    log: (summary, { state: { lines, word } }) => lines.push(`${word(summary)}\n`),
  },
  async teardown({ sink, lines }) {
    await lines.close(patience)
    sink.close()
  },
})
