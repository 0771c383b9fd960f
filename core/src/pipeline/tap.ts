import type { Awaitable, Instance, PhaseName } from '@kong-ts/pdk'
import { faultOf } from '@kong-ts/pdk/host'
import { blame, PluginFailure } from '../errors/plugin-failure.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import { beginRun, endRun, phaseNumber } from '../plugins/running.ts'
import { isEnforced, isFollowed, tellOnce, watchStall } from './blame.ts'
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
  const { plugin, self, conduct, serial } = instance
  const number = phaseNumber(phase)
  const { name } = plugin
  const fail = (failure: PluginFailure, done: Done<R>): void => {
    done(isFollowed(instance, failure) ? failure : null)
  }
  const finish = (answer: R | void | null, walk: Walk<S>, done: Done<R>): void => {
    if (answer === null) tellOnce(instance, phase, 'plugin_answered_null')
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
      (error: unknown) =>
        close() && fail(blame(name, phase, error, 'plugin_promise_rejected'), settle),
    )
  }
  return (walk, done) => {
    // Who takes no further part still hears of ends, to give back what it holds of the connections that are open.
    const isOut = phase === 'log' ? conduct.isSilent : conduct.isDisabled
    if (isOut || walk.consulted?.has(instance)) return done(null)
    walk.instance = instance
    walk.isShadow = conduct.terms.isShadow
    const begun = performance.now()
    let held = 0
    let answer: R | void | null
    beginRun(serial, number)
    try {
      const given = run(walk.seen, self)
      if (isThenable(given)) return wait(settled(given, instance, phase), begun, walk, done)
      answer = given
    } catch (error) {
      conduct.took(phase, performance.now() - begun)
      return fail(blame(name, phase, error), done)
    } finally {
      endRun()
      held = performance.now() - begun
      watchStall(instance, phase, held)
    }
    conduct.took(phase, held)
    finish(answer, walk, done)
  }
}

/** A promise of another library may settle twice, or in the middle of `then`; a promise of the language does not. */
function settled<T>(given: PromiseLike<T>, instance: PluginInstance, phase: PhaseName): Promise<T> {
  if (given instanceof Promise) return given
  return new Promise((resolve, reject) => {
    let times = 0
    const count = (): void => {
      times += 1
      if (times === 2) tellOnce(instance, phase, 'plugin_settled_twice')
    }
    given.then(
      (value) => {
        count()
        resolve(value)
      },
      (error: unknown) => {
        count()
        reject(error)
      },
    )
  })
}

/** Looking at an answer runs the plugin's code when the answer has getters. */
function faultIn(plugin: string, phase: PhaseName, answer: unknown): PluginFailure | undefined {
  try {
    const fault = faultOf(phase, answer)
    return fault === undefined
      ? undefined
      : blame(plugin, phase, new TypeError(fault), 'plugin_bad_answer')
  } catch (error) {
    return blame(plugin, phase, error, 'plugin_bad_answer')
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
