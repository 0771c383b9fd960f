import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { PostgresOptions } from '../../core/src/store/postgres-options.ts'

const command = new URL('../../core/bin/kong-ts', import.meta.url).pathname

export interface ClusterNode {
  readonly admin: string
  readonly port: number
  readonly pid: number
  stop(): Promise<void>
}

/** Starts a node on a server, with one worker and without an access log. */
export async function startNode(server: PostgresOptions): Promise<ClusterNode> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-'))
  const child = spawnNode(server, folder, 0)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  while (!output.includes('Ctrl-C stops it')) {
    if (child.exitCode !== null) throw new Error(output)
    await pause(5)
  }
  return {
    admin: told(output, /admin\s+(\S+)/),
    port: Number(told(output, /stream\s+\S+:(\d+)/)),
    pid: child.pid ?? 0,
    stop: () => end(child, folder),
  }
}

function told(output: string, pattern: RegExp): string {
  return pattern.exec(output)?.[1] ?? ''
}

export function spawnNode(server: PostgresOptions, prefix: string, port: number) {
  return spawn(command, ['start', '-p', prefix], {
    cwd: prefix,
    env: {
      PATH: process.env['PATH'],
      KONG_DATABASE: 'postgres',
      KONG_PG_PORT: String(server.port),
      KONG_PG_DATABASE: server.database,
      KONG_STREAM_LISTEN: `127.0.0.1:${port}`,
      KONG_ADMIN_LISTEN: '127.0.0.1:0',
      KONG_WORKER_PROCESSES: '1',
      KONG_ACCESS_LOG: 'off',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export async function end(child: ChildProcess, folder?: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
}

/** A server that says hello and hangs up. */
export async function serveHello(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .resume()
      .end('hello')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, close: () => void server.close() }
}

/** Whether a connection from an address of the loopback net is answered. */
export function isAnswered(port: number, localAddress: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Whoever speaks first is routed at once, also where some routes would wait for a name.
    const socket = connect({ port, host: '127.0.0.1', localAddress }, () => socket.write('hi'))
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(heard === 'hello'))
    socket.once('end', () => socket.end())
  })
}

export async function post(admin: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${admin}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  await response.arrayBuffer()
  if (response.status !== 201) throw new Error(`POST ${path}: ${response.status}`)
}
