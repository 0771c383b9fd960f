import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import { lossError } from '../portable/failures.ts'
import { TransportError, type Patience, type Peeked } from '../transport.ts'
import type { Hub, Waiter } from './hub.ts'
import { systemError } from './system-error.ts'

const { EAGAIN } = constants.errno

/** What stands for a descriptor that is gone. */
export const nobody = -1

interface Look {
  readonly atLeast: number
  readonly patience: Patience
  readonly resolve: (peeked: Peeked) => void
  readonly reject: (error: Error) => void
}

/** A descriptor of the engine before its bytes flow. */
export class NativeSocket implements Waiter {
  readonly hub: Hub
  /** Whether the kernel can be asked for an RST; a unix socket can not. */
  readonly resettable: boolean
  id: number
  /** Between the first and the last byte of a handshake. */
  isSecuring = false
  /** Whether the engine decrypts it. */
  isSecured = false
  /** What has broken the connection. */
  fault: Error | null = null
  #look: Look | undefined
  /** Lets go of the signal of the look. */
  #disobey: (() => void) | undefined
  /** How many of the bytes that were looked at are still there. */
  #shown = 0

  constructor(hub: Hub, id: number, resettable: boolean) {
    this.hub = hub
    this.id = id
    this.resettable = resettable
  }

  get closed(): boolean {
    return !this.hub.addon.alive(this.id)
  }

  peek(atLeast: number, patience: Patience): Promise<Peeked> {
    if (this.#look) return Promise.reject(new Error('one peek at a time'))
    return new Promise((resolve, reject) => {
      const look = { atLeast, patience, resolve, reject }
      if (this.#try(look)) return
      if (patience.signal?.aborted) {
        this.hub.addon.unlook(this.id)
        reject(cancelled())
        return
      }
      this.#look = look
      if (patience.signal) this.#obey(patience.signal)
    })
  }

  /** Gives up the peek that is under way. */
  interrupt(): void {
    if (!this.#look) return
    this.hub.addon.unlook(this.id)
    this.#settle()?.reject(cancelled())
  }

  skip(count: number): void {
    if (!(count >= 0 && count <= this.#shown)) {
      throw new RangeError(`cannot skip ${count} bytes, ${this.#shown} were peeked`)
    }
    this.#shown -= count
    this.hub.addon.skip(this.id, count)
  }

  woken(code: number): void {
    const look = this.#look
    if (!look) return
    if (code !== 0) {
      const why = `fewer than ${look.atLeast} bytes arrived in time`
      this.#settle()?.reject(new TransportError('timeout', why))
    } else if (this.#try(look)) this.#settle()
  }

  end(farewell?: Uint8Array): void {
    this.interrupt()
    if (farewell && farewell.length > 0) this.hub.addon.end(this.id, Buffer.from(farewell))
    else this.hub.addon.end(this.id)
  }

  reset(): void {
    this.interrupt()
    this.hub.addon.reset(this.id)
  }

  discard(): void {
    this.interrupt()
    this.hub.addon.discard(this.id)
  }

  /** The promise of the look is settled; false: the engine will tell. */
  #try({ atLeast, patience, resolve, reject }: Look): boolean {
    const { addon } = this.hub
    const left = Math.max(Math.ceil(patience.deadline - performance.now()), 0)
    const answer = addon.look(this.id, atLeast, left === Infinity ? -1 : left)
    if (typeof answer !== 'number') {
      this.#shown = answer.length
      resolve({ bytes: answer, ended: this.hub.code !== 0 })
      return true
    }
    if (answer === -EAGAIN) {
      this.hub.await(this)
      return false
    }
    this.fault ??= faultOf(-answer)
    this.id = nobody
    reject(lossError(this.fault))
    return true
  }

  #obey(signal: AbortSignal): void {
    const onAbort = (): void => this.interrupt()
    signal.addEventListener('abort', onAbort)
    this.#disobey = () => signal.removeEventListener('abort', onAbort)
  }

  #settle(): Look | undefined {
    const look = this.#look
    this.#look = undefined
    this.#disobey?.()
    this.#disobey = undefined
    return look
  }
}

/** A descriptor that is not there was closed by this side. */
function faultOf(errno: number): Error | null {
  return errno === constants.errno.EBADF ? null : systemError('read', errno)
}

function cancelled(): TransportError {
  return new TransportError('cancelled', 'the peek was cancelled')
}
