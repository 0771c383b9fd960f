import {
  customFieldsFields,
  definePlugin,
  EntryCounts,
  lineWriter,
  Outbox,
  serverFields,
  tlsFields,
} from '@kong-ts/pdk'
import { messageWriter } from './message.ts'
import { openSender } from './sender.ts'
import { facilities, severities, severityOf } from './severity.ts'
import type { Facility } from './severity.ts'

const name = 'syslog'

/** Milliseconds that a teardown waits for the server. */
const patience = 3000

const severity = { enum: severities, default: 'info' } as const

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a constant
const facilityNames = Object.keys(facilities) as Facility[]

export default definePlugin({
  name,
  version: '0.1.0',
  priority: 4,
  description: 'Sends one message of RFC 5424 per connection to a syslog server',
  schema: {
    type: 'object',
    properties: {
      ...serverFields,
      host: { ...serverFields.host, default: '127.0.0.1' },
      port: {
        ...serverFields.port,
        description: 'its port; by default 514, with protocol=tls 6514',
      },
      protocol: {
        enum: ['udp', 'tcp', 'tls'],
        default: 'udp',
        description:
          'a datagram for each message (RFC 5426), or a connection with counted ones (RFC 6587), also in TLS (RFC 5425)',
      },
      facility: {
        enum: facilityNames,
        default: 'user',
        description: 'what kind of program speaks',
      },
      app_name: {
        type: 'string',
        minLength: 1,
        maxLength: 48,
        pattern: '^[!-~]+$',
        default: 'kong',
        description: 'what the program is called',
      },
      log_level: { ...severity, description: 'connections that are less severe are left out' },
      successful_severity: { ...severity, description: 'of connections that ended well' },
      client_errors_severity: {
        ...severity,
        description: 'of those with a status of 400 to 499: the client’s fault, or refused',
      },
      server_errors_severity: {
        ...severity,
        description:
          'of those with a status of 500 or more: the fault of an upstream or of the gateway',
      },
      ...tlsFields,
      ...customFieldsFields,
    },
  },
  setup(kit) {
    const { config, log, trusted } = kit
    const sender = openSender(config, trusted, log)
    const messages = new Outbox<string>({
      deliver: (batch, signal) => sender.send(batch, signal),
      batch: sender.batch,
      counts: new EntryCounts(name, kit),
      log,
    })
    const write = messageWriter(config)
    return { sender, messages, write, word: lineWriter(config, log) }
  },
  phases: {
    log(summary, { config, state: { messages, word, write } }) {
      const severe = severityOf(summary.status, config)
      if (severe === undefined) return
      const endedAt = summary.startedAt + summary.latencies.session
      messages.push(write(severe, endedAt, word(summary)))
    },
  },
  async teardown({ sender, messages }) {
    await messages.close(patience)
    sender.close()
  },
})
