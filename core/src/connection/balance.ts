import type { Awaitable, Rejection, Target } from '@kong-ts/pdk'
import { isRejection } from '@kong-ts/pdk/host'
import type { Answer } from '../pipeline/walk.ts'
import type { Outbound } from '../transport/transport.ts'
import { Ended, rejectedBy } from './ended.ts'
import { locate, unlocated, type Whereabouts } from './locate.ts'
import type { Matched } from './preread.ts'
import { reach } from './reach.ts'

/** A connection with an upstream that answers. */
export interface Connected {
  readonly matched: Matched
  readonly target: Target
  readonly outbound: Outbound
}

/** Kong's default where a service says null. */
const defaultRetries = 5

/**
 * Phase balance: asks for a target and connects; a failed one is gone from the list when it asks again.
 * This loop is the only retry there is, bounded by the service's `retries`.
 */
export async function balance(matched: Matched): Promise<Connected | Ended> {
  const { session, service } = matched
  const locating = locate(session, service, service.host)
  const { places, error } = locating instanceof Promise ? await locating : locating
  let targets = targetsOf(places, service.port)
  let last = unlocated(session, service.host, error)
  const tries = 1 + (service.retries ?? defaultRetries)
  for (let failed = 0; failed < tries && isFilled(targets); failed++) {
    const choosing = choose(matched, targets, failed)
    const chosen = choosing instanceof Promise ? await choosing : choosing
    if (chosen instanceof Ended) return chosen
    const others = targets.filter((target) => !isSame(target, chosen))
    const reached = await reach(matched, chosen, others.length < targets.length)
    if (!(reached instanceof Ended)) return { matched, target: chosen, outbound: reached }
    last = reached
    targets = others
  }
  return last
}

function targetsOf(places: Whereabouts['places'], usual: number): readonly Target[] {
  return places.map(({ ip, port = usual }) => ({ host: ip, port }))
}

function isFilled(targets: readonly Target[]): targets is readonly [Target, ...Target[]] {
  return targets.length > 0
}

function isSame(a: Target, b: Target): boolean {
  return a.host === b.host && a.port === b.port
}

function choose(
  matched: Matched,
  targets: readonly [Target, ...Target[]],
  failed: number,
): Awaitable<Target | Ended> {
  const { session } = matched
  const balancing = session.seen.balancing(matched, targets, failed)
  const asked = session.pipeline.phases.balance(session.walk(balancing))
  return asked instanceof Promise
    ? asked.then((answer) => follow(answer, targets[0]))
    : follow(asked, targets[0])
}

function follow(answer: Answer<Target | Rejection> | undefined, first: Target): Target | Ended {
  if (!answer) return first
  const { plugin, value } = answer
  if (isRejection(value)) return rejectedBy({ plugin, value })
  // Only what a target is: a plugin's object may carry more, and may change later.
  return { host: value.host, port: value.port }
}
