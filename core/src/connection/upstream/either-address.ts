import { TransportError, type Outbound, type TransportFailure } from '../../transport/transport.ts'
import { startPause, type Pause } from '../pause.ts'

/** Milliseconds that the first address has for itself (RFC 8305 section 5, "Connection Attempt Delay"). */
const headStart = 250

export interface Addresses {
  readonly first: string
  /** Of the other family; undefined: there is nothing to race. */
  readonly spare: string | undefined
}

/** A connect to either of two addresses. */
export interface Dialling {
  readonly open: (address: string) => Promise<Outbound>
  /** Called once, before the outcome: the address that it is of. */
  readonly decided: (address: string) => void
}

/**
 * Connects to the first address, and after a head start, or as soon as that fails, to the spare one as well; who answers
 * first is taken, and the other one is discarded should it answer after all (RFC 8305 in spirit).
 * Rejects as soon as a peer has accepted and then failed, in the handshake say, for it would be the same peer; else once
 * both have failed, with the later failure. But that this machine has no way to a family of addresses tells nothing about
 * the peer: the other failure goes before it.
 */
export function connectEither(
  { first, spare }: Addresses,
  { open, decided }: Dialling,
  pause: Pause = startPause,
): Promise<Outbound> {
  if (spare === undefined) {
    decided(first)
    return open(first)
  }
  return new Promise((resolve, reject) => {
    let earlier: Failure | undefined
    let isOver = false
    const end = (address: string): void => {
      isOver = true
      callOff()
      decided(address)
    }
    const win = (address: string, outbound: Outbound): void => {
      if (isOver) return outbound.discard()
      end(address)
      resolve(outbound)
    }
    const lose = (failure: Failure): void => {
      if (earlier || hasAccepted(failure)) {
        const { address, error } = telling(failure, earlier)
        end(address)
        reject(error)
      } else {
        earlier = failure
        enterSpare()
      }
    }
    const enter = async (address: string): Promise<void> => {
      try {
        win(address, await open(address))
      } catch (error) {
        if (!isOver) lose({ address, error: errorOf(error) })
      }
    }
    let isEntered = false
    const enterSpare = (): void => {
      callOff()
      if (!isEntered) void enter(spare)
      isEntered = true
    }
    const callOff = pause(headStart, enterSpare)
    void enter(first)
  })
}

interface Failure {
  readonly address: string
  readonly error: Error
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

function telling(later: Failure, earlier: Failure | undefined): Failure {
  return earlier && isOneOf(later, pathless) ? earlier : later
}

const pathless: ReadonlySet<TransportFailure> = new Set<TransportFailure>(['unreachable'])
const accepted: ReadonlySet<TransportFailure> = new Set<TransportFailure>([
  'handshake',
  'unverified',
  'reset',
  'closed',
])

function hasAccepted(failure: Failure): boolean {
  return isOneOf(failure, accepted)
}

function isOneOf({ error }: Failure, failures: ReadonlySet<TransportFailure>): boolean {
  return error instanceof TransportError && failures.has(error.failure)
}
