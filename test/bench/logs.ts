/** `npm run bench:logs`: what each log plugin costs a connection; writes RESULTS-LOGS.md. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { definePlugin } from '@kong-ts/pdk'
import fileLog from '../../plugins/file-log/src/index.ts'
import httpLog from '../../plugins/http-log/src/index.ts'
import syslog from '../../plugins/syslog/src/index.ts'
import tcpLog from '../../plugins/tcp-log/src/index.ts'
import udpLog from '../../plugins/udp-log/src/index.ts'
import { median } from './figures.ts'
import { fileSink, measure, openSink, type Cost } from './log-cost.ts'
import { describeMachine } from './machine.ts'
import { loopback } from './network.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '20000' },
  },
})
const rounds = Number(values.rounds)
const connections = Number(values.connections)
if (!(rounds >= 1 && connections >= 1)) throw new Error('--rounds and --connections take numbers')
/** What is smaller than a whole run must not replace its results. */
const isWhole = rounds >= 5 && connections >= 20_000

const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-logs-'))
const path = join(folder, 'connections.log')
const [tcp, udp, http] = [await openSink('tcp'), await openSink('udp'), await openSink('http')]
const file = fileSink(path)
const host = loopback
const http_endpoint = `http://${loopback}:${http.port}/`
const custom_fields = {
  env: "'prod'",
  verdict: 'session.status >= 500 ? "error" : "ok"',
  'session.total': 'session.received + session.sent',
}

const none = definePlugin({
  name: 'none',
  version: '0.1.0',
  priority: 1,
  schema: { type: 'object', properties: {} },
  phases: { log: (summary) => void summary.serialize() },
})

const cases: readonly (readonly [name: string, run: () => Promise<Cost>])[] = [
  ['none, serialized alone', () => measure(none, {}, file, connections)],
  ['file-log', () => measure(fileLog, { path }, file, connections)],
  ['file-log, 3 custom fields', () => measure(fileLog, { path, custom_fields }, file, connections)],
  ['tcp-log', () => measure(tcpLog, { host, port: tcp.port }, tcp, connections)],
  ['udp-log', () => measure(udpLog, { host, port: udp.port }, udp, connections)],
  ['syslog, udp', () => measure(syslog, { port: udp.port }, udp, connections)],
  ['syslog, tcp', () => measure(syslog, { port: tcp.port, protocol: 'tcp' }, tcp, connections)],
  ['http-log', () => measure(httpLog, { http_endpoint }, http, connections)],
  [
    'http-log, batches of 100',
    () => {
      const queue = { max_batch_size: 100, max_coalescing_delay: 0.1 }
      return measure(httpLog, { http_endpoint, queue }, http, connections)
    },
  ],
]

const costs = new Map<string, Cost[]>(cases.map(([name]) => [name, []]))
for (let round = 0; round <= rounds; round++) {
  for (const [name, run] of cases) {
    const cost = await run()
    if (cost.complaints.length > 0) throw new Error(`${name}: ${cost.complaints.join('; ')}`)
    // The first round warms up.
    if (round > 0) costs.get(name)?.push(cost)
  }
}
for (const sink of [tcp, udp, http]) sink.close()
rmSync(folder, { recursive: true })

const rows = [...costs].map(([name, all]) => {
  const times = all.map(({ microseconds }) => microseconds)
  const range = [Math.min(...times), Math.max(...times)].map((time) => time.toFixed(1)).join(' to ')
  const bytes = median(all.map((cost) => cost.bytes)).toFixed(0)
  return [name, median(times).toFixed(1), range, bytes]
})
const heads = ['plugin', 'µs', 'least to most', 'bytes']
const widths = heads.map((head, column) =>
  Math.max(3, ...[head, ...rows.map((row) => row[column] ?? '')].map(({ length }) => length)),
)
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell, column) => pad(cell, column)).join(' | ')} |`
function pad(cell: string, column: number): string {
  const width = widths[column] ?? 0
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}
const rule = widths.map((width, column) =>
  column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
)
const page = `# Results of the log plugins

Written by \`npm run bench:logs\`; not by hand.

${describeMachine()
  .map((fact) => `- ${fact}`)
  .join('\n')}

Processor time of a connection that is logged, in all threads of the process, from its end until its line has arrived:
one instance, ${connections.toLocaleString('en')} connections, ten in a turn of the event loop, the receiver in a process
of its own; the median and the range of ${rounds} rounds, in which all take turns. The first row is the record alone, which
every other row holds; the last column is what has arrived (of datagrams some get lost).

${[heads, rule, ...rows].map(line).join('\n')}

What a connection costs the gateway altogether stands in [RESULTS.md](RESULTS.md).
`
if (isWhole) writeFileSync(new URL('RESULTS-LOGS.md', import.meta.url), page)
process.stdout.write(page)
