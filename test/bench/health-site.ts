import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createSelfSigned } from '../../core/src/certificates/self-signed.ts'
import { end, post } from './cluster-nodes.ts'
import { parseStat } from './proc.ts'

const command = new URL('../../core/bin/kong-ts', import.meta.url).pathname
const main = new URL('health-target.ts', import.meta.url).pathname

export interface Target {
  readonly port: number
  readonly child: ChildProcess
  /** Connections so far. */
  accepted(): Promise<number>
}

/** A target in a process of its own. */
export async function startTarget(kind: 'hello' | 'http' | 'tls'): Promise<Target> {
  const { cert, key } = await createSelfSigned({ key: 'ec', commonName: 'bench', days: 1 })
  const child = fork(main, [kind, cert, key])
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    port,
    child,
    async accepted() {
      child.send('how many')
      const [answer] = (await once(child, 'message')) as [{ accepted: number }]
      return answer.accepted
    },
  }
}

export interface Gateway {
  readonly admin: string
  readonly port: number
  readonly pid: number
  /** Microseconds of processor time of the supervisor alone, which makes the probes. */
  supervisorCpu(): number
  health(upstream: string): Promise<readonly { readonly target: string; readonly health: string }[]>
  write(method: string, path: string, body?: object): Promise<void>
  stop(): Promise<void>
}

/** A gateway without an access log; with two workers the supervisor is a process of its own. */
export async function startGateway(workers: number): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-'))
  const child = spawn(command, ['start', '-p', folder], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      KONG_STREAM_LISTEN: '127.0.0.1:0',
      KONG_ADMIN_LISTEN: '127.0.0.1:0',
      KONG_WORKER_PROCESSES: String(workers),
      KONG_ACCESS_LOG: 'off',
      KONG_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
  while (!output.includes('Ctrl-C stops it')) {
    if (child.exitCode !== null) throw new Error(output)
    await pause(20)
  }
  const admin = /admin\s+(\S+)/.exec(output)?.[1] ?? ''
  const { pids } = (await ask(admin, '/')) as { pids: { master: number } }
  return {
    admin,
    pid: child.pid ?? 0,
    port: Number(/stream\s+\S+:(\d+)/.exec(output)?.[1]),
    supervisorCpu: () =>
      parseStat(readFileSync(`/proc/${pids.master}/stat`, 'utf8')).ticks * 10_000,
    async health(upstream) {
      const { data } = (await ask(admin, `/upstreams/${upstream}/health?size=1000`)) as {
        data: { target: string; health: string }[]
      }
      return data
    },
    async write(method, path, body) {
      const init = { method, headers: { 'content-type': 'application/json' } }
      const response = await fetch(`${admin}${path}`, {
        ...init,
        ...(body && { body: JSON.stringify(body) }),
      })
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`)
    },
    stop: () => end(child, folder),
  }
}

async function ask(admin: string, path: string): Promise<unknown> {
  return (await fetch(`${admin}${path}`)).json()
}

/** An upstream with targets that are each an address of the loopback net on the same port. */
export async function makeUpstream(
  { admin }: Gateway,
  name: string,
  healthchecks: object,
  targets: readonly string[],
): Promise<void> {
  await post(admin, '/upstreams', { name, healthchecks })
  for (const target of targets) await post(admin, `/upstreams/${name}/targets`, { target })
}
