import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Of the project of the test run; by default the gateway chooses. */
const transport = process.env['TEST_TRANSPORT']

const command = new URL('../../../core/bin/kong-ts', import.meta.url).pathname

export interface GatewayOptions {
  /** `KONG_*` settings by their lower-case names: `{ worker_processes: '2' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** A prefix that outlives the gateway; by default a new one is made and removed. */
  readonly prefix?: string
  readonly cwd?: string
  /** Lines of a kong.conf; it has the last word, so that a test can change its mind and reload. */
  readonly conf?: Readonly<Record<string, string>>
}

/** Parsed JSON: its shape is what a test asserts. */
// oxlint-disable-next-line typescript/no-explicit-any -- one place, so that tests need no casts
export type Json = any

/** A line of a log. */
export type Line = Record<string, Json>

export interface Answer {
  readonly status: number
  readonly body: Json
}

/** The real command as a process, on free ports of loopback, ended with the test. */
export interface RunningGateway {
  readonly pid: number
  readonly prefix: string
  /** The picked port of the first stream listener. */
  readonly port: number
  readonly adminPort: number
  /** Everything it has printed. */
  readonly output: () => string
  /** Ended access-log lines so far. */
  readonly endings: () => Line[]
  admin(method: string, path: string, body?: unknown): Promise<Answer>
  /** Posts and expects 201. */
  create(path: string, body: unknown): Promise<Json>
  signal(name: NodeJS.Signals): void
  /** As Ctrl-C does it: to the process and all that it has started in its group. */
  signalGroup(name: NodeJS.Signals): void
  /** Process ids of the workers that take traffic. */
  workers(): Promise<number[]>
  /** Writes another kong.conf; `reload` reads it. */
  configure(conf: Readonly<Record<string, string>>): void
  /** Sends SIGHUP and waits for what comes of it: the line of the error log. */
  reload(): Promise<Line>
  readonly exited: Promise<number | null>
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export async function startGateway(options: GatewayOptions = {}): Promise<RunningGateway> {
  const { child, output, exited, prefix } = spawnGateway(options)
  await until(
    () => /Ctrl-C stops it/.test(output()) || child.exitCode !== null,
    () => `the gateway did not start:\n${output()}`,
  )
  if (child.exitCode !== null)
    throw new Error(`the gateway did not start (exit ${child.exitCode}):\n${output()}`)
  const where = /admin\s+(?:http:\/\/)?([^\s,]+)/.exec(output())?.[1] ?? ''
  const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
    call(where, method, path, body)
  const told = (): Line[] =>
    jsonLines(output()).filter(({ msg }) => /^(not )?reloaded/.test(String(msg)))
  return {
    pid: child.pid ?? 0,
    prefix,
    port: portOf(output(), /stream\s+\S*?:(\d+)(?:,|\n)/),
    adminPort: portOf(output(), /admin\s+http:\/\/\S*?:(\d+)(?:,|\n)/),
    output,
    endings: () => jsonLines(output()).filter(({ ending, msg }) => ending && !msg),
    admin,
    async create(path, body) {
      const answer = await admin('POST', path, body)
      if (answer.status !== 201)
        throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
      return answer.body
    },
    signal: (name) => void child.kill(name),
    signalGroup: (name) => void process.kill(-(child.pid ?? 0), name),
    workers: async () => (await admin('GET', '/')).body.pids.workers,
    configure: (conf) => writeConf(prefix, conf),
    async reload() {
      const before = told().length
      child.kill('SIGHUP')
      await until(
        () => told().length > before,
        () => `it did not reload:\n${output()}`,
      )
      return told()[before]!
    },
    exited,
  }
}

/** Starts what is expected not to start; answers how it ended. */
export async function failToStart(
  options: GatewayOptions,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { output, exited } = spawnGateway(options)
  return { code: await exited, output: output() }
}

/** Whether a process is there (a zombie is not). */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

function spawnGateway(options: GatewayOptions) {
  const prefix = options.prefix ?? temporaryFolder()
  const settings = {
    ...(options.conf
      ? {}
      : { stream_listen: '127.0.0.1:0', admin_listen: '127.0.0.1:0', worker_processes: '1' }),
    ...(transport !== undefined && { transport }),
    ...options.settings,
  }
  if (options.conf) writeConf(prefix, options.conf)
  const env = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`KONG_${name.toUpperCase()}`, value]),
  )
  const conf = options.conf ? ['-c', confOf(prefix)] : []
  const child = spawn(command, ['start', '-p', prefix, ...conf], {
    cwd: options.cwd ?? prefix,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const { output, exited } = follow(child)
  return { child, output, exited, prefix }
}

const confOf = (prefix: string): string => join(prefix, 'kong.conf')

function writeConf(prefix: string, conf: Readonly<Record<string, string>>): void {
  const lines = Object.entries({
    stream_listen: '127.0.0.1:0',
    admin_listen: '127.0.0.1:0',
    worker_processes: '1',
    ...conf,
  }).map(([name, value]) => `${name} = ${value}\n`)
  writeFileSync(confOf(prefix), lines.join(''))
}

/** Access-log lines in the order in which the connections came: each worker writes its own, there is none across them. */
export function inOrder(lines: readonly Line[]): Line[] {
  return lines.toSorted((one, other) => one['started_at'] - other['started_at'])
}

function jsonLines(output: string): Line[] {
  return output
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}

/** Polls a condition; the bound is for a broken gateway, not a measure of a good one. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  otherwise: () => string = () => 'it never came true',
): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(otherwise())
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function follow(child: ChildProcess): { output: () => string; exited: Promise<number | null> } {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  return { output: () => text, exited: new Promise((resolve) => child.once('close', resolve)) }
}

function portOf(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? 0)
}

function call(where: string, method: string, path: string, body: unknown): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const { host, port } = where.startsWith('unix:') ? {} : splitAddress(where)
  const to = host === undefined ? { socketPath: where.slice('unix:'.length) } : { host, port }
  return new Promise((resolve, reject) => {
    const headers = text === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request({ ...to, method, path, headers, agent: false }, (response) => {
      let answer = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: answer === '' ? undefined : JSON.parse(answer),
        }),
      )
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(text)
  })
}

function splitAddress(where: string): { host?: string; port?: number } {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(where) ?? []
  return host === undefined ? {} : { host, port: Number(port) }
}
