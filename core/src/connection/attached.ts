import type { Direction } from '@kong-ts/pdk'
import { containThrows } from '@kong-ts/pdk/host'
import type { Transform } from 'node:stream'
import { codeOf } from '../errors/code-of.ts'
import type { PluginCode } from '../errors/plugin-codes.ts'
import { blame, PluginFailure } from '../errors/plugin-failure.ts'
import { countFailure, isFollowed } from '../pipeline/blame.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import type { Draw, Rate, RelayOptions } from '../transport/transport.ts'
import { Spectator } from './spectator.ts'
import { timed } from './timed.ts'
import type { Drawer, Pot } from './room/pot.ts'

type Taps<T> = { readonly [D in Direction]: T[] }
type Taken = Pick<RelayOptions, 'observers' | 'transforms' | 'throttle' | 'draws'>

/** What Node says to a stream that goes on after its end. */
const late = new Set(['ERR_STREAM_PUSH_AFTER_EOF', 'ERR_STREAM_WRITE_AFTER_END'])

/** What plugins have attached to the bytes of one connection. Few do: it is made for the first who does. */
export class Attached implements Taken {
  readonly observers: Taps<(chunk: Uint8Array) => void> = { upload: [], download: [] }
  readonly transforms: Taps<Transform> = { upload: [], download: [] }
  readonly throttle: { [D in Direction]?: Rate | undefined } = {}
  draws: Taps<Draw> | undefined
  /** One for each pot that it draws from. */
  #drawers: Map<Pot, Drawer> | undefined
  #spectators: Spectator[] | undefined
  /** The first failure of a transform, and whose it was. */
  #failed: { readonly instance: PluginInstance; readonly failure: PluginFailure } | undefined

  /** One that fails sees no more; the connection may go on without it. */
  observe(instance: PluginInstance, direction: Direction, see: (chunk: Uint8Array) => void): void {
    let isOut = false
    this.observers[direction].push((chunk) => {
      if (isOut) return
      try {
        timed(instance, () => see(chunk))
      } catch (error) {
        isOut = true
        const failure = blame(instance.plugin.name, 'proxy', error)
        if (isFollowed(instance, failure)) throw failure
      }
    })
  }

  through(instance: PluginInstance, direction: Direction, transform: Transform): void {
    this.transforms[direction].push(transform)
    containThrows(transform, (work) => timed(instance, work))
    transform.on('error', (error) => {
      const code = late.has(codeOf(error)) ? 'plugin_wrote_after_end' : 'plugin_stream_failed'
      this.#fail(instance, error, code)
    })
    transform.on('close', () => {
      const early = 'its transform closed before the end of the stream'
      if (!transform.readableEnded) this.#fail(instance, new Error(early), 'plugin_stream_failed')
    })
  }

  /** For a transform of a plugin in shadow mode: the bytes flow as if it were not there. */
  spectate(
    instance: PluginInstance,
    direction: Direction,
    transform: Transform,
    wouldEnd: (reason: string) => void,
  ): void {
    const spectator = new Spectator(transform, wouldEnd, (work) => timed(instance, work))
    this.observers[direction].push(spectator.see)
    this.#spectators ??= []
    this.#spectators.push(spectator)
  }

  draw(direction: Direction, pot: Pot, drawer: Drawer): void {
    this.draws ??= { upload: [], download: [] }
    this.draws[direction].push({ allowance: pot.allowance, isSoft: drawer.isShadow })
    this.#drawers ??= new Map()
    if (this.#drawers.has(pot)) return
    this.#drawers.set(pot, drawer)
    pot.join(drawer)
  }

  /** No byte flows any more. */
  leave(): void {
    for (const spectator of this.#spectators ?? []) spectator.close()
    for (const [pot, drawer] of this.#drawers ?? []) pot.leave(drawer)
  }

  /**
   * Who has broken a relay that ended with this error. Only now is a transform's failure counted: streams that are
   * closed with a connection that ends in another way look the same.
   */
  accuse(error: unknown): unknown {
    if (error instanceof PluginFailure || !this.#failed) return error
    const { instance, failure } = this.#failed
    countFailure(instance, failure)
    return failure
  }

  /** For a session whose bytes will never flow. */
  drop(): void {
    for (const transform of [...this.transforms.upload, ...this.transforms.download]) {
      transform.destroy()
    }
  }

  #fail(instance: PluginInstance, thrown: unknown, code: PluginCode): void {
    const { name } = instance.plugin
    this.#failed ??= { instance, failure: blame(name, 'proxy', thrown, code) }
  }
}

/** What a connection takes part in to which nobody has attached anything. */
export const nothingAttached: Taken = new Attached()

/** @throws RangeError for what a plugin cannot limit a direction to */
export function rateOf(
  bytesPerSecond: number | undefined,
  burst: number | undefined,
): Rate | undefined {
  for (const [what, value] of Object.entries({ 'bytes per second': bytesPerSecond, burst })) {
    if (value !== undefined && !(value > 0)) {
      throw new RangeError(`throttle(…) takes ${what}, more than 0, not ${value}`)
    }
  }
  return bytesPerSecond === undefined ? undefined : { bytesPerSecond, burst }
}
