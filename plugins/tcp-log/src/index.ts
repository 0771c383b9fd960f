import {
  customFieldsFields,
  definePlugin,
  EntryCounts,
  LineOutbox,
  lineWriter,
  serverFields,
  StreamSink,
  tlsFields,
} from '@kong-ts/pdk'

const name = 'tcp-log'

/** Milliseconds that a teardown waits for the server. */
const patience = 3000

export default definePlugin({
  name,
  version: '0.1.0',
  priority: 7,
  description: 'Sends one line of JSON per connection to a TCP server',
  schema: {
    type: 'object',
    properties: {
      ...serverFields,
      tls: { type: 'boolean', default: false, description: 'whether the server speaks TLS' },
      ...tlsFields,
      ...customFieldsFields,
    },
    required: ['host', 'port'],
  },
  setup(kit) {
    const { config, log, trusted } = kit
    const { host, port, timeout, keepalive } = config
    const tls = config.tls ? config : undefined
    const sink = new StreamSink({ host, port, timeout, keepalive, tls, trusted, log })
    const lines = new LineOutbox({
      write: (bytes, signal) => sink.write(bytes, signal),
      counts: new EntryCounts(name, kit),
      log,
    })
    return { sink, lines, word: lineWriter(config, log) }
  },
  phases: {
    log: (summary, { state: { lines, word } }) => lines.push(word(summary)),
  },
  async teardown({ sink, lines }) {
    await lines.close(patience)
    sink.close()
  },
})
