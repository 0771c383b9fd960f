import type { Awaitable } from '@kong-ts/pdk'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { after } from '../after.ts'
import type { Host } from '../host.ts'

/** What counts the connections of an upstream, or of a target: on the node, whichever worker they live on. */
const upstreamKey = (id: string): string => `upstream:${id}`
const targetKey = (id: string): string => `target:${id}`

/**
 * What a connection holds of the max_connections of its upstream and its target. Without limits it holds nothing, and
 * nothing is counted: a limit that is set later counts the connections that are made from then on.
 */
export class Permits {
  readonly #host: Pick<Host, 'counters' | 'queues'>
  /** The id of the upstream whose permit, or that of one of its targets, is held. */
  #of = ''
  #upstream: string | undefined
  #target: string | undefined

  constructor(host: Pick<Host, 'counters' | 'queues'>) {
    this.#host = host
  }

  /** Whether the upstream has room; a permit that is held already is as good. */
  takeUpstream({ id, max_connections: limit }: Upstream): Awaitable<boolean> {
    const key = upstreamKey(id)
    if (this.#upstream === key) return true
    this.release()
    if (limit === undefined) return true
    return this.#take(key, limit, () => {
      this.#of = id
      this.#upstream = key
    })
  }

  /** Whether the target has room; what was held of another one is released. */
  takeTarget({ id, upstream, max_connections: limit }: TargetRow): Awaitable<boolean> {
    this.releaseTarget()
    if (limit === undefined) return true
    const key = targetKey(id)
    return this.#take(key, limit, () => {
      this.#of = upstream.id
      this.#target = key
    })
  }

  releaseTarget(): void {
    if (this.#target === undefined) return
    this.#host.counters.release(this.#target)
    this.#target = undefined
    this.#host.queues.freed(this.#of)
  }

  /** Releases everything. @param silently nobody is to try what was just tried in vain */
  release(silently = false): void {
    this.releaseTarget()
    if (this.#upstream === undefined) return
    this.#host.counters.release(this.#upstream)
    this.#upstream = undefined
    if (!silently) this.#host.queues.freed(this.#of)
  }

  #take(key: string, limit: number, note: () => void): Awaitable<boolean> {
    const granted = this.#host.counters.take(key, limit)
    const noted = (isGranted: boolean): boolean => {
      if (isGranted) note()
      return isGranted
    }
    return after(granted, noted)
  }
}
