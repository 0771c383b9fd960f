import type { Allowance as Granted } from '@kong-ts/pdk'
import type { Allowance } from '../../transport/transport.ts'
import { LiveConnections, type Placed } from '../live-connections.ts'

/** A connection that draws from a pot, for a plugin. */
export interface Drawer extends Placed {
  readonly isShadow: boolean
  /** The plugin ends it. */
  end(reason: string): void
}

/** Bytes that connections of this worker share, as plugins have them of their kit. */
export class Pot implements Granted {
  readonly allowance: Allowance
  readonly #drawers = new LiveConnections<Drawer>()
  #closed = false

  constructor(allowance: Allowance) {
    this.allowance = allowance
  }

  get left(): number {
    return this.allowance.left
  }

  /** How many connections draw from it. */
  get size(): number {
    return this.#drawers.size
  }

  /** @throws Error once it is closed: nothing would be held back */
  join(drawer: Drawer): void {
    if (this.#closed)
      throw new Error('draw(…): the bucket is closed; ask for it for each connection')
    this.#drawers.add(drawer)
  }

  leave(drawer: Drawer): void {
    this.#drawers.delete(drawer)
  }

  grant(bytes: number): void {
    this.allowance.grant(bytes)
  }

  end(reason: string): void {
    for (const drawer of this.#drawers) drawer.end(reason)
    // Whoever finds it empty from now on is told anew.
    this.allowance.grant(0)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.allowance.close()
  }
}
