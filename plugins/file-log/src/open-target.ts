import { close, constants, fstat, open, write } from 'node:fs'
import { promisify } from 'node:util'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants

/**
 * Appending keeps lines whole while several processes write to one file. Opening a FIFO that nobody reads, or writing to
 * one that is full, must fail and not wait: it would hold a thread that all files and names of the process share.
 */
const flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK

/** What these names stand for cannot always be opened: not where it is a socket (systemd), or somebody else's (Docker). */
const inherited: ReadonlyMap<string, number> = new Map([
  ['/dev/stdout', 1],
  ['/dev/stderr', 2],
])

/** Something that bytes are appended to. */
export interface Target {
  /** Whether it takes no more than its reader has room for. */
  readonly isPipe: boolean
  readonly dev: number
  readonly ino: number
  /** @returns how many bytes it took. @throws EAGAIN where it has no room now */
  write(bytes: Uint8Array, from: number, length: number): Promise<number>
  close(): Promise<void>
}

/** @throws as the system says it: ENXIO for a FIFO that nobody reads */
export async function openTarget(path: string): Promise<Target> {
  const { fd, isOwn } = await openPath(path)
  const stats = await promisify(fstat)(fd)
  return {
    isPipe: !stats.isFile(),
    dev: stats.dev,
    ino: stats.ino,
    write: async (bytes, from, length) =>
      (await promisify(write)(fd, bytes, from, length, null)).bytesWritten,
    close: async () => {
      if (isOwn) await promisify(close)(fd)
    },
  }
}

async function openPath(path: string): Promise<{ readonly fd: number; readonly isOwn: boolean }> {
  try {
    return { fd: await promisify(open)(path, flags, 0o644), isOwn: true }
  } catch (error) {
    const fd = inherited.get(path)
    if (fd === undefined) throw error
    return { fd, isOwn: false }
  }
}
