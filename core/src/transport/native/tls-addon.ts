/** A context of the addon: it is only handed back. Its memory goes with the last that knows it. */
export type NativeContext = object

/**
 * The functions of `addon/tls/extension.cc`. An error is a number of OpenSSL's that `reason` has words for, 0 for none.
 */
export interface TlsAddon {
  /**
   * Versions as OpenSSL numbers them, with its flags; an empty list of ciphers or suites leaves what it has.
   */
  context(
    minVersion: number,
    maxVersion: number,
    flags: number,
    dhAuto: boolean,
    ciphers: string,
    suites: string,
  ): NativeContext | number
  /** A chain that begins with the leaf, and its key; once for each type of key. */
  present(context: NativeContext, chain: string, key: string): number
  /** Certificates of authorities; a server names them to its clients. `partial`: a chain may end at one that is no root. */
  trust(context: NativeContext, certificates: string, partial: boolean): number
  resume(context: NativeContext, ticketKeys: Buffer, idContext: string, seconds: number): number
  /**
   * Begins a handshake; a record follows: 0, -1 for the deadline, an errno (ENODATA: the peer has left), or an error.
   * @param protocols for ALPN, each with its length before it, a character for each byte
   * @param patience milliseconds; below zero: without end
   * @returns 0, or an errno, negated: then nothing has happened
   */
  secure(
    socket: number,
    context: NativeContext,
    server: boolean,
    asks: boolean,
    insists: boolean,
    protocols: string,
    serverName: string,
    patience: number,
  ): number
  /** Version, cipher, server name, protocol, and `resumed` where a session was, with a NUL between each. */
  facts(socket: number): string
  /** The peer's certificate, DER; empty for none. */
  peer(socket: number): Buffer
  /** What the client sent after its certificate, DER, one after the other; empty for nothing. */
  chain(socket: number): Buffer
  /** Why the peer's chain is refused, in Node's words; empty: it is trusted. */
  verdict(socket: number): string
  /** Certificates between the peer's and the trust anchor. */
  depth(socket: number): number
  reason(error: number): string
}
