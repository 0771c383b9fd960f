import type { Direction } from '@kong-ts/pdk'
import type { Transform } from 'node:stream'
import { codeOf } from '../errors/code-of.ts'
import { blame, PluginFailure } from '../errors/plugin-failure.ts'
import type { Draw, Rate, RelayOptions } from '../transport/transport.ts'
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
  /** The first failure of a plugin's transform. */
  failure: PluginFailure | undefined

  observe(plugin: string, direction: Direction, see: (chunk: Uint8Array) => void): void {
    this.observers[direction].push((chunk) => {
      try {
        see(chunk)
      } catch (error) {
        throw blame(plugin, 'proxy', error)
      }
    })
  }

  through(plugin: string, direction: Direction, transform: Transform): void {
    this.transforms[direction].push(transform)
    transform.on('error', (error) => {
      const code = late.has(codeOf(error)) ? 'plugin_wrote_after_end' : 'plugin_stream_failed'
      this.failure ??= blame(plugin, 'proxy', error, code)
    })
    transform.on('close', () => {
      const early = 'its transform closed before the end of the stream'
      if (!transform.readableEnded) {
        this.failure ??= blame(plugin, 'proxy', new Error(early), 'plugin_stream_failed')
      }
    })
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
  leavePots(): void {
    for (const [pot, drawer] of this.#drawers ?? []) pot.leave(drawer)
  }

  /** Who has broken a relay that ended with this error. */
  failureOf(error: unknown): unknown {
    return error instanceof PluginFailure ? error : (this.failure ?? error)
  }

  /** For a session whose bytes will never flow. */
  drop(): void {
    for (const transform of [...this.transforms.upload, ...this.transforms.download]) {
      transform.destroy()
    }
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
