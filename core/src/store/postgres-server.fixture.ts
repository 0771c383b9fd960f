import { spawn, spawnSync, type ChildProcess, type SpawnSyncOptions } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { codeOf } from '../errors/code-of.ts'

/** Where Debian and its like put the programs of the server; the newest version first. */
const programs = findPrograms()

/** Why no test with a server can run here; undefined where they can. */
export const noPostgres: string | undefined =
  programs === undefined ? 'the programs of PostgreSQL are not installed' : undefined

/** A PostgreSQL server of the tests' own, with the superuser `kong` whom it trusts. */
export interface PostgresServer {
  readonly port: number
  readonly folder: string
  /** Of the postmaster. */
  readonly pid: number
  /** Ends it as an operator would: `fast` breaks connections, `immediate` is a crash. */
  stop(how: 'fast' | 'immediate'): Promise<void>
  /** Starts it again after a stop, on the same port. */
  start(): Promise<void>
  /** Stops every process of it where it stands, and lets them go on. */
  pause(): void
  resume(): void
}

/** Makes a server in a folder of its own and starts it, with more lines of its configuration. Whoever asks ends it. */
export async function makeServer(
  conf: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<PostgresServer> {
  const user = systemUser()
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-pg-'))
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  runProgram(
    'initdb',
    ['-D', data, '-U', 'kong', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'],
    {
      ...user,
    },
  )
  // What is acknowledged need not survive a power cut here: only the life of the process is tried.
  const port = await freePort()
  appendFileSync(
    join(data, 'postgresql.conf'),
    [
      `port = ${port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${folder}'`,
      'fsync = off',
      'full_page_writes = off',
      'shared_buffers = 32MB',
      'max_connections = 60',
      ...conf,
      '',
    ].join('\n'),
  )
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(data, name), text, { mode: 0o600 })
    if (user) chownSync(join(data, name), user.uid, user.gid)
  }
  let running = await launch(folder, user)
  return {
    port,
    folder,
    get pid() {
      return running.pid ?? 0
    },
    async stop(how) {
      if (running.exitCode !== null || running.signalCode !== null) return
      const ended = once(running, 'exit')
      running.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
      await ended
    },
    async start() {
      running = await launch(folder, user)
    },
    pause: () => signalAll(running, 'SIGSTOP'),
    resume: () => signalAll(running, 'SIGCONT'),
  }
}

async function launch(folder: string, user: SystemUser | undefined): Promise<ChildProcess> {
  const log = openSync(join(folder, 'log'), 'a')
  const child = spawn(program('postgres'), ['-D', join(folder, 'data')], {
    ...user,
    cwd: folder,
    detached: true,
    stdio: ['ignore', log, log],
  })
  child.unref()
  const status = join(folder, 'data', 'postmaster.pid')
  while (!existsSync(status) || !readFileSync(status, 'utf8').includes('ready')) {
    if (child.exitCode !== null) throw new Error(readFileSync(join(folder, 'log'), 'utf8'))
    await pause(10)
  }
  return child
}

/** Each backend has a session of its own, so that there is no group to signal. */
function signalAll(postmaster: ChildProcess, signal: NodeJS.Signals): void {
  const { pid, exitCode } = postmaster
  if (pid === undefined || exitCode !== null) return
  process.kill(pid, signal)
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const backends = all.map(Number).filter((each) => parentOf(each) === pid && isRunning(each))
  for (const each of backends) signalIfThere(each, signal)
}

/** A backend ends with its connection, which may be just now. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

export function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(statOf(pid))
}

function parentOf(pid: number): number {
  return Number(/\) \w (\d+) /.exec(statOf(pid))?.[1])
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return '0 () Z'
  }
}

function findPrograms(): string | undefined {
  const versions = '/usr/lib/postgresql'
  if (!existsSync(versions)) return undefined
  const [newest] = readdirSync(versions)
    .filter((version) => existsSync(`${versions}/${version}/bin/postgres`))
    .toSorted((a, b) => Number(b) - Number(a))
  return newest === undefined ? undefined : `${versions}/${newest}/bin`
}

function program(name: string): string {
  if (programs === undefined) throw new Error(noPostgres)
  return join(programs, name)
}

interface SystemUser {
  readonly uid: number
  readonly gid: number
}

/** The server refuses to run as root: the user of the package does, or nobody. */
function systemUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
  const [, uid = '65534', gid = '65534'] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(users) ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

function runProgram(name: string, args: readonly string[], options: SpawnSyncOptions): void {
  const { status, stderr } = spawnSync(program(name), args, {
    ...options,
    cwd: '/',
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
