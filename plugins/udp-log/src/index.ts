import {
  customFieldsFields,
  DatagramSink,
  definePlugin,
  lineWriter,
  Losses,
  Outbox,
} from '@kong-ts/pdk'

/** Milliseconds that a teardown waits for the server's name. */
const patience = 3000

/** So many datagrams are sent in one go. */
const batch = 64

export default definePlugin({
  name: 'udp-log',
  version: '0.1.0',
  priority: 8,
  description: 'Sends one datagram of JSON per connection to a UDP server',
  schema: {
    type: 'object',
    properties: {
      host: { type: 'string', format: 'host', description: 'the server' },
      port: { type: 'integer', minimum: 0, maximum: 65_535, description: 'its port' },
      timeout: {
        type: 'integer',
        minimum: 0,
        maximum: 2_147_483_646,
        default: 10_000,
        description: "milliseconds for looking up the server's name; 0 waits without end",
      },
      ...customFieldsFields,
    },
    required: ['host', 'port'],
  },
  setup({ config, log }) {
    const losses = new Losses(log)
    const sink = new DatagramSink(config, losses)
    const records = new Outbox<string>({
      deliver: (datagrams, signal) => sink.send(datagrams, signal),
      batch,
      log,
    })
    return { sink, losses, records, word: lineWriter(config, log) }
  },
  phases: {
    log: (summary, { state: { records, word } }) => records.push(word(summary)),
  },
  async teardown({ sink, losses, records }) {
    await records.close(patience)
    sink.close()
    losses.tell()
  },
})
