import { customFieldsFields, definePlugin, EntryCounts, LineOutbox, lineWriter } from '@kong-ts/pdk'
import { LogFile } from './log-file.ts'

const name = 'file-log'

/** Milliseconds that lines are collected before they are written: each write wakes up another thread. */
const linger = 100

/** Milliseconds that a teardown waits for the file. */
const patience = 3000

export default definePlugin({
  name,
  version: '0.1.0',
  priority: 9,
  description: 'Writes one line of JSON per connection to a file',
  schema: {
    type: 'object',
    properties: {
      path: {
        type: 'string',
        format: 'filename',
        description: 'the file; it is made, with mode 0644, when it is not there',
      },
      reopen: {
        type: 'boolean',
        default: false,
        description:
          'opens the path for every write; else a file that was moved away takes lines for up to a second more',
      },
      ...customFieldsFields,
    },
    required: ['path'],
  },
  async setup(kit) {
    const { config, log, clock } = kit
    const file = await LogFile.open(config.path, config.reopen, clock)
    const lines = new LineOutbox({
      write: (bytes, signal) => file.append(bytes, signal),
      linger,
      counts: new EntryCounts(name, kit),
      log,
    })
    return { file, lines, word: lineWriter(config, log) }
  },
  phases: {
    log: (summary, { state: { lines, word } }) => lines.push(word(summary)),
  },
  async teardown({ file, lines }) {
    await lines.close(patience)
    await file.close()
  },
})
