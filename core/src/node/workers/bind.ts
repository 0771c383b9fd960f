import { lstatSync, unlinkSync } from 'node:fs'
import { BoundSocket, connect, type BoundSocketOptions } from 'node:net'
import type { Endpoint } from '@kong-ts/pdk'
import { codeOf } from '../../errors/code-of.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Listen } from '../../settings/listen.ts'

/** A listener whose address is held by this process; nobody accepts yet. */
export interface Bound {
  readonly listen: Listen
  /** With the port that the system picked, where 0 was asked for. */
  readonly address: Endpoint
  /** One socket per worker slot; a unix socket is shared by all. */
  readonly sockets: readonly BoundSocket[]
}

/** An address that cannot be listened on; the message says which and why. */
export class BindError extends Error {
  override readonly name = 'BindError'
}

/** How often a port is picked: somebody may take a free one in the moment between the probe and the sockets. */
const picks = 5

/**
 * Binds a listener for `slots` workers.
 * @throws BindError
 */
export async function bindListener(listen: Listen, slots: number): Promise<Bound> {
  try {
    if (listen.path !== undefined) return await bindUnix(listen, listen.path, slots)
    return bindTcp(listen, slots, listen.port === 0 ? picks : 1)
  } catch (error) {
    throw bindError(listen, error)
  }
}

/** Gives an address back. A socket that a server of this process has adopted is closed by that server. */
export function unbind({ listen, sockets }: Bound): void {
  for (const socket of new Set(sockets)) socket[Symbol.dispose]()
  if (listen.path !== undefined) removeSocketFile(listen.path)
}

/**
 * Removes the socket file that an earlier process has left behind.
 * @throws Error `EADDRINUSE` when somebody listens there
 */
export async function vacate(path: string): Promise<void> {
  if (await isListening(path)) {
    throw Object.assign(new Error('somebody listens there'), { code: 'EADDRINUSE' })
  }
  removeSocketFile(path)
}

/** In an operator's words: which address, and why not. */
export function bindError({ raw, path }: Listen, error: unknown): BindError {
  const explained = path === undefined ? explanations : unixExplanations
  const why = explained[codeOf(error)] ?? messageOf(error)
  return new BindError(`cannot listen on ${raw}: ${why}`, { cause: error })
}

const explanations: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is already in use',
  EACCES: 'permission denied; ports below 1024 need the capability CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine does not have that address',
}

/** libuv tells a folder that is not there as EACCES. */
const unixExplanations: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the address is already in use',
  EACCES: 'its folder does not exist, or may not be written',
}

function bindTcp(listen: Listen, slots: number, tries: number): Bound {
  const host = listen.address === 'localhost' ? '127.0.0.1' : listen.address
  const ipv6Only = listen.ipv6Only && host.includes(':')
  const sockets: BoundSocket[] = []
  try {
    const port = probe(host, listen.port, ipv6Only)
    for (let slot = 0; slot < slots; slot++) {
      sockets.push(new BoundSocket({ host, port, ipv6Only, reusePort: slots > 1 }))
    }
    return { listen, address: { address: host, port }, sockets }
  } catch (error) {
    for (const socket of sockets) socket.close()
    if (tries > 1 && codeOf(error) === 'EADDRINUSE') return bindTcp(listen, slots, tries - 1)
    throw error
  }
}

/**
 * Finds out without SO_REUSEPORT whether anybody listens there: with it a second gateway would bind the same port
 * without an error and take half of the connections. Answers the port, also where 0 was asked for.
 */
function probe(host: string, port: number, ipv6Only: boolean): number {
  const trial = new BoundSocket({ host, port, ipv6Only })
  const { port: picked } = trial.address()
  trial.close()
  return picked
}

async function bindUnix(listen: Listen, path: string, slots: number): Promise<Bound> {
  await vacate(path)
  // Node's types do not know yet that a path can be bound.
  const options: BoundSocketOptions & { path: string } = { path }
  const socket = new BoundSocket(options)
  const sockets = Array.from({ length: slots }, () => socket)
  return { listen, address: { address: `unix:${path}`, port: 0 }, sockets }
}

/** What connecting to a file says when no process has it open as a socket. */
const deserted = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR'])

/** Anything but a clear no may come from somebody whose socket must not be removed. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => resolve(!deserted.has(codeOf(error))))
  })
}

function removeSocketFile(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found?.isSocket()) unlinkSync(path)
}
