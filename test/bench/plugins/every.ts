import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { table } from '../figures.ts'
import { fileSink, openSink } from '../log-cost.ts'
import { loopback } from '../network.ts'
import { costsOf, wordCosts } from './connection-cost.ts'

/** What every bundled plugin that lets a plain connection through adds to one, with all that it does. */
export async function measureEvery(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-plugins-'))
  const [tcp, udp, http] = [await openSink('tcp'), await openSink('udp'), await openSink('http')]
  const file = fileSink(join(folder, 'connections.log'))
  const host = loopback
  const many = { max_batch_size: 100 }
  const bodies: readonly (readonly [string, object])[] = [
    ['ip-restriction', { deny: ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'] }],
    ['connection-limiting', { limit: 1_000_000 }],
    ['rate-limiting', { second: 1_000_000 }],
    ['bandwidth-limiting', { upload: 1_000_000_000, download: 1_000_000_000 }],
    ['prometheus', { status_code_metrics: true, latency_metrics: true, bandwidth_metrics: true }],
    ['file-log', { path: join(folder, 'connections.log') }],
    ['tcp-log', { host, port: tcp.port }],
    ['udp-log', { host, port: udp.port }],
    ['syslog', { host, port: udp.port }],
    ['http-log', { http_endpoint: `http://${loopback}:${http.port}/`, queue: many }],
  ]
  try {
    const costs = await costsOf(1, [
      undefined,
      ...bodies.map(([name, config]) => ({ name, config })),
    ])
    const worded = wordCosts(costs)
    const rows = ['without plugins', ...bodies.map(([name]) => name)].map((name, index) => [
      name,
      worded[index] ?? '',
    ])
    return `Processor time of a gateway with one worker for a connection, with a few bytes each way, least of the rounds, in which all take turns; behind it what the plugin adds and its share. mtls-auth and request-termination stand elsewhere: the one adds a handshake, the other lets nobody through.\n\n${table([['processor time for a connection', '1 worker'], ...rows])}`
  } finally {
    for (const sink of [tcp, udp, http, file]) sink.close()
    rmSync(folder, { recursive: true })
  }
}
