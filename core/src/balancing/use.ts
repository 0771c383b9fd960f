import type { Outcome } from './messages.ts'
import type { Peer } from './peer.ts'

/** Who keeps the books of the uses of peers. */
export interface Books {
  /** The number of a peer's connections has changed. */
  moved(peer: Peer): void
  /** How a try went. */
  tried(peer: Peer, outcome: Outcome): void
  /** Calls back once a connection that lives on is a success: its peer has had the time to reset it. */
  settle(call: () => void): void
  /** Milliseconds since the epoch. */
  now(): number
}

/** Milliseconds that a failed connect counts for at least where connect times are compared. */
const failureTime = 1_000

/** The use that a connection makes of a peer: from the begun connect to the end of the session, whatever the end. */
export class Use {
  readonly peer: Peer
  readonly #books: Books
  readonly #evict: () => void
  #state: 'connecting' | 'connected' | 'over' = 'connecting'
  #isTold = false

  /** @param evict ends the connection, because its peer asks for it */
  constructor(peer: Peer, books: Books, evict: () => void) {
    this.peer = peer
    this.#books = books
    this.#evict = evict
    peer.own += 1
    peer.connecting += 1
    books.moved(peer)
  }

  /** @param milliseconds that the connect took, with its handshake */
  connected(milliseconds: number): void {
    if (this.#state !== 'connecting') return
    this.#state = 'connected'
    this.peer.connecting -= 1
    this.peer.measure(milliseconds, this.#books.now())
    this.peer.evictions.add(this.#evict)
    // Told at once, every reset would come right behind a success, and none would ever count.
    this.#books.settle(() => this.#tell('success'))
  }

  /**
   * The connect failed, and the use is over.
   * @param outcome undefined: nothing can be said against the peer
   */
  failed(outcome: Outcome | undefined, milliseconds: number): void {
    if (this.#state !== 'connecting') return
    if (outcome) {
      // Who refuses at once must not look like the fastest.
      this.peer.measure(Math.max(milliseconds, failureTime), this.#books.now())
      this.#tell(outcome)
    }
    this.end()
  }

  /** The peer has reset the connection before its first byte. */
  reset(): void {
    if (this.#state !== 'connected') return
    this.#isTold = false
    this.#tell('reset')
  }

  /** The session is over; a second call changes nothing. */
  end(): void {
    if (this.#state === 'over') return
    if (this.#state === 'connected') this.#tell('success')
    if (this.#state === 'connecting') this.peer.connecting -= 1
    this.#state = 'over'
    this.peer.own -= 1
    this.peer.evictions.delete(this.#evict)
    this.#books.moved(this.peer)
  }

  #tell(outcome: Outcome): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#books.tried(this.peer, outcome)
  }
}
