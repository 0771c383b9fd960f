import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kongCommand } from './kong.ts'
import { freePort, loopback } from './network.ts'
import { start, until } from './processes.ts'

/** A line of a log. */
export type Line = Readonly<Record<string, unknown>>

/** The real command as a process, told by the Admin API. */
export interface Gateway {
  readonly pid: number
  readonly port: number
  /** Writes; throws with the answer when it is a refusal. */
  write(method: string, path: string, body?: object): Promise<void>
  /** Process ids of the workers that take traffic. */
  workers(): Promise<number[]>
  /** Connections by the gateway's own account. */
  connections(): Promise<Connections>
  errorLines(): Line[]
  /** Of the connections that have ended. */
  accessLines(): Line[]
  /** Asks for a reload, which replaces the workers. */
  reload(): void
  isRunning(): boolean
  stop(): Promise<void>
}

export interface Connections {
  /** Since its start. */
  readonly accepted: number
  /** That live now. */
  readonly active: number
}

interface About {
  readonly pids: { readonly workers: readonly number[] }
}
interface Status {
  readonly server: { readonly connections_accepted: number; readonly connections_active: number }
}

/** @param settings `KONG_*` by their lower-case names, beside listeners and logs */
export async function startGateway(
  settings: Readonly<Record<string, string>>,
  { isLogged = true }: { readonly isLogged?: boolean } = {},
): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-load-'))
  const [port, adminPort] = [await freePort(), await freePort()]
  const admin = `http://${loopback}:${adminPort}`
  const [errors, accesses] = [join(folder, 'errors.log'), join(folder, 'access.log')]
  const all = {
    stream_listen: `${loopback}:${port}`,
    admin_listen: `${loopback}:${adminPort}`,
    error_log: errors,
    access_log: isLogged ? accesses : 'off',
    ...settings,
  }
  const env = Object.fromEntries(
    Object.entries(all).map(([name, value]) => [`KONG_${name.toUpperCase()}`, value]),
  )
  const started = start(kongCommand, ['start', '-p', folder], env)
  await until('the gateway is ready', () => isReady(`${admin}/status`), started)
  return {
    pid: started.pid,
    port,
    async write(method, path, body) {
      const answer = await fetch(admin + path, {
        method,
        ...(body && {
          body: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    },
    workers: async () => [...(await read<About>(`${admin}/`)).pids.workers],
    async connections() {
      const { server } = await read<Status>(`${admin}/status`)
      return { accepted: server.connections_accepted, active: server.connections_active }
    },
    errorLines: () => linesOf(errors),
    accessLines: () => linesOf(accesses),
    reload: () => void process.kill(started.pid, 'SIGHUP'),
    isRunning: () => started.isRunning(),
    async stop() {
      await started.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

async function read<T>(url: string): Promise<T> {
  const answer = await fetch(url)
  return (await answer.json()) as T
}

async function isReady(url: string): Promise<boolean> {
  // Nobody listens yet, or not everywhere.
  return fetch(url).then(
    async (answer) => (await answer.text(), answer.ok),
    () => false,
  )
}

function linesOf(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}
