import type { Awaitable } from '@kong-ts/pdk'

/** One address that a name leads to. */
export interface Located {
  /** An IP address without brackets, or `unix:PATH`. */
  readonly ip: string
  /** Of an SRV record; absent, or 0 in the record: whoever asks has a port. */
  readonly port?: number
  /** Of an SRV record (RFC 2782), 1 for 0; absent: whoever asks has a weight. */
  readonly weight?: number
  /** The name that an SRV record leads to. */
  readonly name?: string
}

/** What a name leads to; addresses of IPv4 before those of IPv6, without any the name is of no use now. */
export interface Answer {
  readonly addresses: readonly Located[]
  /** The type of the records; a literal address and a line of the hosts file are A or AAAA. */
  readonly type: 'A' | 'AAAA' | 'SRV'
  /** Why there is no address, or why these are older than they should be. */
  readonly error?: string
}

/** A look-out for changes of a name. */
export interface Watch {
  close(): void
}

/** Turns names into addresses. */
export interface Names {
  /** The answer as it is known, at once; a promise where it has to be asked for. Never rejects. */
  resolve(host: string): Awaitable<Answer>
  /**
   * Keeps the answer fresh for as long as somebody watches. Calls back when it is first known, which may be before
   * this returns, and whenever it becomes another one.
   */
  watch(host: string, changed: (answer: Answer) => void): Watch
}
