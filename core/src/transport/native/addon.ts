import { createRequire } from 'node:module'
import { existsSync } from 'node:fs'
import { addonKinds, addonPath, sourcesDigest } from './sources.mjs'
import type { TlsAddon } from './tls-addon.ts'

/**
 * The functions of `addon/addon.cc`. Sockets, relays and listeners are known by numbers that are never used twice for
 * two of them: a command for one that is gone does nothing. An answer below zero is an errno, negated.
 */
export interface Addon {
  /** Starts the engine of this thread; the callback is called when there is something to `take`. */
  open(callback: () => void): ArrayBuffer | number
  /** Moves records to the array that `open` answered; how many. */
  take(): number
  /** @param duplicate listen on a duplicate: the descriptor stays the caller's */
  listen(
    fd: number,
    duplicate: boolean,
    backlog: number,
    keepAlive: number,
    unixDomain: boolean,
  ): number
  /** Hands out what the kernel has let in, then closes; a record follows. */
  unlisten(listener: number): void
  /** The address of a listener, its port in `code`; empty where each connection has its own. */
  bound(listener: number): string
  /** Of either end of a TCP connection, its port in `code`; empty when there is none any more. */
  address(socket: number, local: boolean): string
  /**
   * How many bytes have arrived: they are in the window behind the records, or here where they do not fit. `code` says
   * whether it is all there will be. -EAGAIN: there are fewer than `atLeast`, a record follows; any other errno closes
   * the socket.
   * @param patience milliseconds; below zero: without end
   */
  look(socket: number, atLeast: number, patience: number): Buffer | number
  unlook(socket: number): void
  skip(socket: number, count: number): number
  /** How many of the bytes the kernel took; or an errno, negated. */
  say(socket: number, bytes: Buffer): number
  /**
   * A record follows once it is connected and `first` is sent.
   * @param host an address, or the path of a unix socket
   * @param client the socket whose bytes are meant for it
   */
  connect(
    host: string,
    port: number,
    isPath: boolean,
    patience: number,
    keepAlive: number,
    client: number,
    first?: Buffer,
  ): number
  end(socket: number, farewell?: Buffer): void
  reset(socket: number): void
  discard(socket: number): void
  alive(socket: number): boolean
  /** What looks have moved to memory. */
  held(socket: number): Buffer
  /** Gives the descriptor away; what was held is forgotten. */
  release(socket: number): number
  /** A socket whose other end is a descriptor of the caller's, in `code`. */
  pair(): number
  /**
   * Timeouts in milliseconds, rates in bytes per second or below zero; a record follows when it is over.
   * A relay that is held takes limits until it is started.
   */
  relay(
    client: number,
    upstream: number,
    readTimeout: number,
    writeTimeout: number,
    uploadRate: number,
    downloadRate: number,
    held?: boolean,
  ): number
  /** Starts a relay that was held. */
  start(relay: number): void
  /** @param burst bytes; 0: a tenth of a second's */
  throttle(relay: number, upload: boolean, rate: number, burst: number): void
  /** An empty limit; a record follows when it holds less than `low` bytes, and when somebody waits for some. */
  limit(low: number): number
  /** A direction of a relay that is held takes its bytes out of the limit; `soft`: only counts them there. */
  draw(relay: number, upload: boolean, limit: number, soft: boolean): void
  grant(limit: number, bytes: number): void
  left(limit: number): number
  /** Nobody is held back by it any more, and it takes no further commands. */
  unlimit(limit: number): void
  stop(relay: number, rst: boolean): void
  /** Puts the counters into the numbers; false when it is over. */
  bytes(relay: number): boolean
  /** Puts into the numbers: events of sockets, open descriptors, trims of memory, splices. */
  tally(): void
  /** Ends the process, and waits for none of its other threads. */
  leave(code: number): never
  /** The digest of the sources that it was built from. */
  readonly sources: string
  /** Absent in an addon that does without OpenSSL. */
  readonly tls?: TlsAddon
}

/** Why there is no addon, in words for an operator. */
export interface Missing {
  readonly missing: string
}

/** Loads what the install has built: the addon with TLS, or the one without where that cannot be used. */
export function loadAddon(): Addon | Missing {
  let last: Addon | Missing = { missing: 'there is none' }
  for (const kind of addonKinds) {
    last = loadAddonFrom(addonPath(kind))
    if (!('missing' in last)) return last
  }
  return last
}

/** Why handshakes are left to Node; undefined: they are not. */
export function whyNoTls(addon: Addon): string | undefined {
  if (addon.tls) return undefined
  const withTls = loadAddonFrom(addonPath('tls'))
  return 'missing' in withTls ? withTls.missing : undefined
}

export function loadAddonFrom(path: string): Addon | Missing {
  if (!existsSync(path)) return { missing: `it is not built; "npm run build:native" says why` }
  try {
    const addon: Addon = createRequire(import.meta.url)(path)
    if (addon.sources === sourcesDigest()) return addon
    return { missing: 'it was built from other sources; run "npm run build:native"' }
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  }
}
