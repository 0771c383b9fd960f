import type { Awaitable, Instance, PhaseName } from '@kong-ts/pdk'
import { faultOf } from '@kong-ts/pdk/host'
import { blame, PluginFailure } from '../errors/plugin-failure.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import { isEnforced, isFollowed, watchStall } from './blame.ts'
import type { Answer, Walk } from './walk.ts'

type Done<R> = (error: Error | null, answer?: Answer<R>) => void
export type Tapped<S, R> = (walk: Walk<S>, done: Done<R>) => void

/** A phase as its plugin wrote it. In a bail hook null stops the chain; for a plugin it means nothing, like undefined. */
export type Phase<S, R> = (seen: S, self: Instance) => Awaitable<R | void | null>

/**
 * Turns a phase of a plugin into what tapable calls. It calls back at once unless the phase answers with a
 * promise, so that a pipeline without asynchronous phases finishes synchronously; it calls back exactly once,
 * after `timeout` milliseconds at the latest; and every error says which plugin and phase it comes from.
 */
export function tapPhase<S, R>(
  instance: PluginInstance,
  phase: PhaseName,
  run: Phase<S, R>,
  timeout: number,
): Tapped<S, R> {
  const { plugin, self, conduct } = instance
  const { name } = plugin
  const fail = (failure: PluginFailure, done: Done<R>): void => {
    done(isFollowed(instance, failure) ? failure : null)
  }
  const finish = (answer: R | void | null, walk: Walk<S>, done: Done<R>): void => {
    if (answer === undefined || answer === null) return done(null)
    const fault = faultIn(name, phase, answer)
    if (fault) return fail(fault, done)
    const given = { plugin: name, value: answer }
    if (isEnforced(instance, phase, given, walk)) done(null, given)
    else done(null)
  }
  const wait = (
    answer: Promise<R | void | null>,
    begun: number,
    walk: Walk<S>,
    settle: Done<R>,
  ) => {
    const patience = conduct.terms.timeout ?? timeout
    let open = true
    const close = (): boolean => {
      clearTimeout(timer)
      const first = open
      open = false
      if (first) conduct.took(phase, performance.now() - begun)
      return first
    }
    const timer = setTimeout(() => {
      const why = `did not settle within ${patience} ms`
      if (close()) fail(new PluginFailure(name, phase, 'timeout', why), settle)
    }, patience)
    answer.then(
      (value) => close() && finish(value, walk, settle),
      (error: unknown) => close() && fail(blame(name, phase, error), settle),
    )
  }
  return (walk, done) => {
    if (conduct.isDisabled || walk.consulted?.has(instance)) return done(null)
    walk.plugin = name
    const begun = performance.now()
    let held = 0
    let answer: R | void | null
    try {
      const given = run(walk.seen, self)
      // A promise of another library may settle twice, or in the middle of `then`; a promise of the language does not.
      if (isThenable(given)) return wait(Promise.resolve(given), begun, walk, done)
      answer = given
    } catch (error) {
      conduct.took(phase, performance.now() - begun)
      return fail(blame(name, phase, error), done)
    } finally {
      held = performance.now() - begun
      watchStall(instance, phase, held)
    }
    conduct.took(phase, held)
    finish(answer, walk, done)
  }
}

/** Looking at an answer runs the plugin's code when the answer has getters. */
function faultIn(plugin: string, phase: PhaseName, answer: unknown): PluginFailure | undefined {
  try {
    const fault = faultOf(phase, answer)
    return fault === undefined ? undefined : blame(plugin, phase, new TypeError(fault))
  } catch (error) {
    return blame(plugin, phase, error)
  }
}

function isThenable<T>(value: Awaitable<T>): value is Promise<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
