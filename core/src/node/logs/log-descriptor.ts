import { closeSync, constants, fstatSync, mkdirSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { dirname } from 'node:path'
import type { LogTarget } from '../../settings/paths.ts'

/** Where lines go, opened so that a reader who does not read never blocks a thread. */
export interface LogDescriptor {
  readonly fd: number
  /** Bytes per write that the kernel keeps together although other processes write there too. */
  readonly atomic: number
  close(): void
}

const { O_APPEND, O_CREAT, O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants
const flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY

/** PIPE_BUF of Linux (pipe(7)): shorter writes to a pipe never mix with those of others, and go whole or not at all. */
const pipeBuffer = 4096
/** An O_APPEND write to a file is one whatever its length; the bound is for the memory it is joined in. */
const fileBuffer = 1_048_576

/** @throws the file system's error when the file cannot be opened for appending */
export function openLog(target: Exclude<LogTarget, 'off'>): LogDescriptor {
  if (target === 'stdout') return openStream(1)
  if (target === 'stderr') return openStream(2)
  mkdirSync(dirname(target.path), { recursive: true })
  return own(openSync(target.path, flags | O_CREAT, 0o640))
}

/**
 * Opened a second time, a pipe or terminal gets an open file description that only this process has: what others do
 * with the stream they share with it is not changed by O_NONBLOCK. A socket cannot be opened again (ENXIO), nor can
 * what belongs to another user (EACCES).
 */
function openStream(fd: 1 | 2): LogDescriptor {
  try {
    return own(openSync(`/proc/self/fd/${fd}`, flags))
  } catch {
    return shared(fd)
  }
}

function own(fd: number): LogDescriptor {
  return { fd, atomic: atomicLength(fd), close: () => closeSync(fd) }
}

const holders = new Map<number, Socket>()

/**
 * Node has no fcntl, but a socket object over the descriptor makes it non-blocking; that is all it is for. A blocking
 * write would hold a thread for as long as nobody reads, and the process could not even exit.
 */
function shared(fd: number): LogDescriptor {
  const stat = fstatSync(fd)
  if ((stat.isFIFO() || stat.isSocket()) && !holders.has(fd)) {
    holders.set(fd, new Socket({ fd, readable: false, writable: true }).unref())
  }
  return { fd, atomic: atomicLength(fd), close: () => undefined }
}

function atomicLength(fd: number): number {
  return fstatSync(fd).isFile() ? fileBuffer : pipeBuffer
}
