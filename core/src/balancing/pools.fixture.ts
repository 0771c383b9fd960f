import type { TargetRow, Upstream } from '../entities/rows.ts'
import type { ToSupervisor } from './messages.ts'
import type { Answer, Names } from './names.ts'
import { Peer } from './peer.ts'
import type { Ask, Surroundings } from './picker.ts'
import { Pools } from './pools.ts'
import { Standing } from './standing.ts'

const common = { created_at: 0, updated_at: 0, tags: null }

/** For the tests: an upstream as it is stored. */
export function upstreamRow(id: string, more: Partial<Upstream> = {}): Upstream {
  return {
    ...common,
    id,
    name: `${id}.test`,
    algorithm: 'round-robin',
    hash_on: 'none',
    hash_fallback: 'none',
    hash_on_header: null,
    hash_fallback_header: null,
    hash_on_cookie: null,
    hash_on_cookie_path: null,
    hash_on_query_arg: null,
    hash_fallback_query_arg: null,
    hash_on_uri_capture: null,
    hash_fallback_uri_capture: null,
    slots: 10_000,
    healthchecks: null,
    host_header: null,
    client_certificate: null,
    use_srv_name: false,
    ...more,
  }
}

/** For the tests: a target as it is stored; its id is its address. */
export function targetRow(upstream: string, target: string, more: Partial<TargetRow> = {}) {
  return { ...common, id: target, upstream: { id: upstream }, target, weight: 100, ...more }
}

/** For the tests: names that lead where the test says; any other leads to itself. */
export class FakeNames implements Names {
  readonly #answers = new Map<string, Answer>()
  readonly #watchers = new Map<string, Set<(answer: Answer) => void>>()

  /** Names that are watched. */
  get watched(): readonly string[] {
    return [...this.#watchers].flatMap(([host, all]) => (all.size > 0 ? [host] : []))
  }

  /** Undefined: it is asked for, and no answer has come. */
  set(host: string, answer: Partial<Answer> | undefined): void {
    if (!answer) return void this.#answers.set(host, pending)
    const whole: Answer = { type: 'A', addresses: [], ...answer }
    this.#answers.set(host, whole)
    for (const changed of this.#watchers.get(host) ?? []) changed(whole)
  }

  resolve(host: string): Answer {
    return this.#answers.get(host) ?? { type: 'A', addresses: [{ ip: host }] }
  }

  watch(host: string, changed: (answer: Answer) => void): { close(): void } {
    const all = this.#watchers.get(host) ?? new Set()
    this.#watchers.set(host, all.add(changed))
    const answer = this.resolve(host)
    if (answer !== pending) changed(answer)
    return { close: () => void all.delete(changed) }
  }
}

const pending: Answer = { type: 'A', addresses: [] }

/** For the tests: pools whose clock, chance, names and supervisor are in the test's hands. */
export function poolsOf(random: () => number = Math.random) {
  const names = new FakeNames()
  const standing = new Standing()
  const told: ToSupervisor[] = []
  const timers = new Map<() => void, number>()
  const clock = { now: 1_000_000 }
  const pools = new Pools({
    names,
    standing,
    tell: (message) => void told.push(message),
    later: (milliseconds, call) => {
      timers.set(call, clock.now + milliseconds)
      return () => void timers.delete(call)
    },
    now: () => clock.now,
    random,
  })
  /** Lets time pass; what is due is done. */
  const pass = (milliseconds: number): void => {
    clock.now += milliseconds
    for (const [call, due] of timers) {
      if (due > clock.now) continue
      timers.delete(call)
      call()
    }
  }
  return { pools, names, standing, told, pass, clock, timers }
}

/** For the tests: peers on addresses of their own. */
export function peersOf(...weights: readonly number[]): readonly Peer[] {
  return weights.map((weight, index) => {
    const ip = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
    return new Peer({ ip, port: 80, weight, host: ip, spare: undefined, target: undefined })
  })
}

export function askOf(key?: number, ...tried: readonly Peer[]): Ask {
  return { tried: new Set(tried), key: () => key }
}

/** For the tests: chance that is the same in every run (xorshift, G. Marsaglia 2003). */
export function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

export function around(more: Partial<Surroundings> = {}): Surroundings {
  return { now: () => 1_000_000, random: chanceOf(42), ...more }
}
