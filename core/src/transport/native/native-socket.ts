import { constants } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Awaitable } from '@kong-ts/pdk'
import { lossError } from '../portable/failures.ts'
import { TransportError, type Patience, type Peeked, type See } from '../transport.ts'
import type { Hub, Waiter } from './hub.ts'
import { systemError } from './system-error.ts'

const { EAGAIN } = constants.errno

/** What stands for a descriptor that is gone. */
export const nobody = -1

/** What waits for bytes. */
interface Look {
  readonly atLeast: number
  readonly patience: Patience
  show(bytes: Uint8Array, ended: boolean): void
  reject(error: Error): void
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
    return Promise.resolve(this.look(atLeast, patience, keep))
  }

  /** `Inbound.look` says how. */
  look<T>(atLeast: number, patience: Patience, see: See<T>): Awaitable<T> {
    if (this.#look) return Promise.reject(new Error('one peek at a time'))
    const size = this.#ask(atLeast, patience)
    if (typeof size !== 'number' || size >= 0) return see(this.#shownBytes(size), this.#isAll())
    if (size !== -EAGAIN) return Promise.reject(this.#lost(size))
    if (patience.signal?.aborted) {
      this.hub.addon.unlook(this.id)
      return Promise.reject(cancelled())
    }
    this.hub.await(this)
    if (patience.signal) this.#obey(patience.signal)
    return new Promise((resolve, reject) => {
      const show = (bytes: Uint8Array, ended: boolean): void => resolve(see(bytes, ended))
      this.#look = { atLeast, patience, show, reject }
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
    } else this.#lookAgain(look)
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

  #lookAgain(look: Look): void {
    const size = this.#ask(look.atLeast, look.patience)
    if (size === -EAGAIN) return this.hub.await(this)
    this.#settle()
    if (typeof size === 'number' && size < 0) return look.reject(this.#lost(size))
    try {
      look.show(this.#shownBytes(size), this.#isAll())
    } catch (error) {
      look.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #ask(atLeast: number, { deadline }: Patience): Buffer | number {
    const left = Math.max(Math.ceil(deadline - performance.now()), 0)
    return this.hub.addon.look(this.id, atLeast, left === Infinity ? -1 : left)
  }

  #shownBytes(size: Buffer | number): Uint8Array {
    const bytes = typeof size === 'number' ? this.hub.window.subarray(0, size) : size
    this.#shown = bytes.length
    return bytes
  }

  #isAll(): boolean {
    return this.hub.code !== 0
  }

  /** What a look comes to that has failed. */
  #lost(answer: number): TransportError {
    this.fault ??= faultOf(-answer)
    this.id = nobody
    return lossError(this.fault)
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

/** For whoever needs the bytes later. */
function keep(bytes: Uint8Array, ended: boolean): Peeked {
  return { bytes: Buffer.from(bytes), ended }
}

/** A descriptor that is not there was closed by this side. */
function faultOf(errno: number): Error | null {
  return errno === constants.errno.EBADF ? null : systemError('read', errno)
}

function cancelled(): TransportError {
  return new TransportError('cancelled', 'the peek was cancelled')
}
