import {
  customFieldsFields,
  DatagramSink,
  definePlugin,
  EntryCounts,
  lineWriter,
  Outbox,
  serverFields,
} from '@kong-ts/pdk'

const name = 'udp-log'

/** Milliseconds that a teardown waits for the server's name. */
const patience = 3000

/** So many datagrams are sent in one go. */
const batch = 64

const { host, port, timeout } = serverFields

export default definePlugin({
  name,
  version: '0.1.0',
  priority: 8,
  description: 'Sends one datagram of JSON per connection to a UDP server',
  schema: {
    type: 'object',
    properties: {
      host,
      port,
      timeout: {
        ...timeout,
        description: "milliseconds for looking up the server's name; 0 waits without end",
      },
      ...customFieldsFields,
    },
    required: ['host', 'port'],
  },
  setup(kit) {
    const { config, log } = kit
    const sink = new DatagramSink(config)
    const records = new Outbox<string>({
      deliver: (datagrams, signal) => sink.send(datagrams, signal),
      batch,
      counts: new EntryCounts(name, kit),
      log,
    })
    return { sink, records, word: lineWriter(config, log) }
  },
  phases: {
    log: (summary, { state: { records, word } }) => records.push(word(summary)),
  },
  async teardown({ sink, records }) {
    await records.close(patience)
    sink.close()
  },
})
