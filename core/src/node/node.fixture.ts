import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type NetConnectOpts } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { EntitySet } from '../entities/entity-set.ts'
import type { Change, Delta, Snapshot } from '../entities/rows.ts'
import { pluginRow, routeRow, serviceRow } from '../gateway/rows.fixture.ts'
import { resolveSettings } from '../settings/resolve-settings.ts'
import type { Settings } from '../settings/schema.ts'
import { Listeners } from './workers/listeners.ts'
import { prepareBoot, type Boot } from './workers/boot.ts'
import type { ErrorLog } from './logs/log.ts'

/** For the tests: a folder that is removed with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-node-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** For the tests: a node's settings, by their names and texts, in a prefix of its own. */
export function settingsOf(texts: Readonly<Record<string, string>> = {}): Settings {
  const flags = {
    prefix: texts['prefix'] ?? temporaryFolder(),
    stream_listen: '127.0.0.1:0',
    admin_listen: '127.0.0.1:0',
    plugins: 'off',
    access_log: 'off',
    worker_processes: '1',
    ...texts,
  }
  return resolveSettings({ cwd: flags.prefix, env: {}, flags }).settings
}

/** For the tests: what a worker is made with, and its listeners. */
export async function grounds(
  settings: Settings,
  slots = 1,
): Promise<{ boot: Boot; listeners: Listeners; port: number }> {
  const around = { cwd: settings.prefix, ticketSecret: new Uint8Array(32) }
  const { boot } = await prepareBoot(settings, around)
  const listeners = await Listeners.bind(settings.stream_listen, slots)
  onTestFinished(() => listeners.close())
  return { boot, listeners, port: listeners.addresses[0]?.port ?? 0 }
}

/** For the tests: an error log, and the lines written to it. */
export function logOf(): { log: ErrorLog; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const customLevels = { notice: 35, crit: 55, alert: 56, emerg: 58 }
  const formatters = { level: (label: string) => ({ level: label }) }
  const log = pino(
    { customLevels, level: 'debug', formatters },
    { write: (line: string) => void lines.push(JSON.parse(line)) },
  )
  return { log, lines }
}

/** For the tests: a change of a configuration that has had `revision - 1` others. */
export function deltaOf(revision: number, ...changes: Change[]): Delta {
  return { base: revision - 1, revision, changes }
}

/** For the tests: a configuration that leads everything to one port of this machine. */
export function snapshotTo(port: number, revision = 1): Snapshot {
  const set = EntitySet.empty()
  set.apply(
    [
      { op: 'put', entity: 'services', row: serviceRow('s', { port }) },
      { op: 'put', entity: 'routes', row: routeRow('r', 's') },
    ],
    revision,
  )
  return set.snapshot()
}

/** For the tests: the path of a plugin `counting`, which counts the endings of connections. */
export function countingPlugin(): string {
  const path = join(temporaryFolder(), 'counting.ts')
  writeFileSync(
    path,
    `import { definePlugin } from '@kong-ts/pdk'
export default definePlugin({
  name: 'counting', version: '1.0.0', priority: 1, schema: { type: 'object', properties: {} },
  setup: ({ metrics }) => metrics.counter({ name: 'ended_total', help: 'Endings' }),
  phases: { log: (_summary, { state }) => state.inc() },
})`,
  )
  return path
}

/** For the tests: the same configuration with an instance of that plugin, `p`. */
export function withCounting({ revision, rows }: Snapshot): Snapshot {
  return { revision, rows: { ...rows, plugins: [pluginRow('p', 'counting')] } }
}

/** For the tests: a server that says one thing and hangs up. */
export async function serveText(text: string): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(text))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** For the tests: what is heard there, or the code of the error. */
export function dial(to: number | NetConnectOpts): Promise<string> {
  const socket = connect(typeof to === 'number' ? { port: to, host: '127.0.0.1' } : to)
  return new Promise((resolve) => {
    let heard = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.once('end', () => resolve(heard))
    onTestFinished(() => void socket.destroy())
  })
}
