import { definePlugin, jsonLine, Outbox } from '@kong-ts/pdk'
import { LogFile } from './log-file.ts'

/** Milliseconds that lines are collected before they are written. */
const linger = 20

/** Milliseconds that a teardown waits for the file. */
const patience = 3000

export default definePlugin({
  name: 'file-log',
  version: '0.1.0',
  priority: 9,
  description: 'Writes one line of JSON per connection to a file',
  schema: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        format: 'filename',
        description: 'the file; made when it is not there',
      },
      reopen: {
        type: 'boolean',
        default: false,
        description: 'opens the file for every write, for log rotation',
      },
    },
    required: ['path'],
  },
  async setup({ config, log }) {
    const file = await LogFile.open(config.path, config.reopen)
    const deliver = (batch: readonly string[]): Promise<void> => file.append(batch.join(''))
    const lines = new Outbox<string>({ deliver, linger, log })
    return { file, lines }
  },
  phases: {
    log: (summary, { state }) => state.lines.push(`${jsonLine(summary)}\n`),
  },
  async teardown({ file, lines }) {
    await lines.close(patience)
    await file.close()
  },
})
