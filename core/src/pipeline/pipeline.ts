import type {
  Accepted,
  Awaitable,
  Balancing,
  ChosenTarget,
  Log,
  Proxying,
  Rejection,
  Routed,
  Securing,
  Summary,
  TlsDecision,
} from '@kong-ts/pdk'
import { AsyncParallelHook, AsyncSeriesBailHook, AsyncSeriesHook } from 'tapable'
import { codeOf } from '../errors/code-of.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import { placeOfError } from '../plugins/place-of-error.ts'
import { tapPhase, type Tapped } from './tap.ts'
import type { Answer, Walk } from './walk.ts'

/**
 * Runs a phase for one connection: answers at once unless a tap is asynchronous.
 * @throws PluginFailure, or rejects with one
 */
export type Run<S, A = void> = (walk: Walk<S>) => Awaitable<A | undefined>

/**
 * The six phases of a connection, compiled for an ordered list of plugin instances.
 * A phase in which nobody takes part is the shared `nobody` and costs a call.
 */
export interface Phases {
  readonly accept: Run<Accepted, Answer<Rejection>>
  readonly preread: Run<Routed, Answer<Rejection>>
  readonly tls: Run<Securing, Answer<TlsDecision>>
  readonly balance: Run<Balancing, Answer<ChosenTarget | Rejection>>
  readonly proxy: Run<Proxying>
  readonly log: Run<Summary>
}

export const nobody = (): undefined => undefined

/** Compiles the hooks; `instances` are in the order in which they run. @param timeout milliseconds per phase and plugin */
export function compilePhases(instances: readonly PluginInstance[], timeout: number): Phases {
  const hooks = createHooks()
  for (const instance of instances) tapAll(hooks, instance, timeout)
  return {
    accept: runner(hooks.accept),
    preread: runner(hooks.preread),
    tls: runner(hooks.tls),
    balance: runner(hooks.balance),
    proxy: runner(hooks.proxy),
    log: runner(hooks.log),
  }
}

function createHooks() {
  return Object.freeze({
    accept: new AsyncSeriesBailHook<[Walk<Accepted>], Answer<Rejection>>(['walk']),
    preread: new AsyncSeriesBailHook<[Walk<Routed>], Answer<Rejection>>(['walk']),
    tls: new AsyncSeriesBailHook<[Walk<Securing>], Answer<TlsDecision>>(['walk']),
    balance: new AsyncSeriesBailHook<[Walk<Balancing>], Answer<ChosenTarget | Rejection>>(['walk']),
    proxy: new AsyncSeriesHook<[Walk<Proxying>]>(['walk']),
    log: new AsyncParallelHook<[Walk<Summary>]>(['walk']),
  })
}

function tapAll(
  hooks: ReturnType<typeof createHooks>,
  instance: PluginInstance,
  timeout: number,
): void {
  const { phases, name } = instance.plugin
  const { accept, preread, tls, balance, proxy, log } = hooks
  if (phases.accept) {
    accept.tapAsync(name, tapPhase(instance, 'accept', phases.accept.bind(phases), timeout))
  }
  if (phases.preread) {
    preread.tapAsync(name, tapPhase(instance, 'preread', phases.preread.bind(phases), timeout))
  }
  if (phases.tls) tls.tapAsync(name, tapPhase(instance, 'tls', phases.tls.bind(phases), timeout))
  if (phases.balance) {
    balance.tapAsync(name, tapPhase(instance, 'balance', phases.balance.bind(phases), timeout))
  }
  if (phases.proxy) {
    const tapped = tapPhase<Proxying, void>(instance, 'proxy', phases.proxy.bind(phases), timeout)
    proxy.tapAsync(name, (walk, done) => tapped(walk, (error) => done(error)))
  }
  if (phases.log) {
    const tapped = tapPhase<Summary, void>(instance, 'log', phases.log.bind(phases), timeout)
    log.tapAsync(name, reporting(instance.self.log, tapped))
  }
}

interface Hook<S, A> {
  isUsed(): boolean
  callAsync(walk: Walk<S>, done: (error: Error | null, answer?: A) => void): void
}

function runner<S, A>(hook: Hook<S, A>): Run<S, A> {
  if (!hook.isUsed()) return nobody
  return (walk) => {
    let settled = false
    let failure: Error | null = null
    let answer: A | undefined
    let settle: ((error: Error | null, late?: A) => void) | undefined
    hook.callAsync(walk, (error, value) => {
      if (settle) return settle(error, value)
      settled = true
      failure = error
      answer = value
    })
    if (settled) {
      if (failure) throw failure
      return answer
    }
    return new Promise((resolve, reject) => {
      settle = (error, value) => (error ? reject(error) : resolve(value))
    })
  }
}

/** The phase `log` has no verdict: one plugin's failure is reported and the others still hear of the ending. */
function reporting(
  log: Log,
  tapped: Tapped<Summary, void>,
): (walk: Walk<Summary>, done: (error: null) => void) => void {
  return (walk, done) =>
    tapped(walk, (error) => {
      if (error) {
        const at = placeOfError(error.cause)
        const fields = { code: codeOf(error), phase: 'log', connection: walk.seen.id }
        log.error({ ...fields, ...(at !== undefined && { at }) }, error.message)
      }
      done(null)
    })
}
