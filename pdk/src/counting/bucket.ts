/** Bytes that connections share: what `Proxying.draw` takes them out of. Made by the kit. */
export interface Bucket {
  /** Bytes that this worker may pass on now. */
  readonly left: number
}

/** Rates and stores of bytes for connections to draw from. The bytes move without JavaScript, as others do. */
export interface Buckets {
  /**
   * A rate that holds for all connections together that draw from it, on all workers of the node: it is shared among
   * those that have something to send. Ask for it for each connection, in the phase `proxy`; the same key and numbers
   * give the same rate, and one that nobody draws from is forgotten. Connections of an earlier configuration keep theirs.
   * Over any time t no more passes than `bytesPerSecond` times t, the burst, and a tenth of a second's for each worker.
   * @param bytesPerSecond more than 0
   * @param burst bytes that may pass at once after a pause; a tenth of a second's by default, and at least
   * @throws RangeError for a rate or a burst that is none
   */
  rate(key: string, bytesPerSecond: number, burst?: number): Bucket
  /**
   * Bytes of this worker that may pass because the plugin has granted them beforehand; none at first. With it a plugin
   * counts bytes while they move, and nothing passes that was not counted.
   * @param low bytes; with fewer left `ask` is called, and again when a connection has something to send and none is
   *   left; at most twice between two grants. It may grant at once or later.
   */
  allowance(low: number, ask: () => void): Allowance
}

/** Bytes granted beforehand, for connections of one worker. */
export interface Allowance extends Bucket {
  /**
   * Bytes that may pass. Below zero where bytes passed that nothing holds back: those that were peeked before a
   * connection began to draw, and all bytes while the plugin is in shadow mode.
   */
  readonly left: number
  /** So many more bytes may pass; below zero: fewer. */
  grant(bytes: number): void
  /** Ends every connection that draws from it, as `plugin.NAME.ended`; in shadow mode that is only told. */
  end(reason: string): void
  /** It is not needed any more: nobody is held back by it. */
  close(): void
}
