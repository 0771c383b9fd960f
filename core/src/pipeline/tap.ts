import type { Awaitable, Instance, PhaseName } from '@kong-ts/pdk'
import { faultOf } from '@kong-ts/pdk/host'
import { blame, PluginFailure } from '../errors/plugin-failure.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import type { Walk } from './walk.ts'

/** What a plugin answered, and which one. */
export interface Answer<R> {
  readonly plugin: string
  readonly value: R
}

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
  const plugin = instance.plugin.name
  const finish = (answer: R | void | null, done: Done<R>): void => {
    if (answer === undefined || answer === null) return done(null)
    const fault = faultIn(plugin, phase, answer)
    if (fault) done(fault)
    else done(null, { plugin, value: answer })
  }
  const wait = (answer: Promise<R | void | null>, settle: Done<R>): void => {
    let open = true
    const close = (): boolean => {
      clearTimeout(timer)
      const first = open
      open = false
      return first
    }
    const timer = setTimeout(() => {
      const why = `did not settle within ${timeout} ms`
      if (close()) settle(new PluginFailure(plugin, phase, 'timeout', why))
    }, timeout)
    answer.then(
      (value) => close() && finish(value, settle),
      (error: unknown) => close() && settle(blame(plugin, phase, error)),
    )
  }
  return (walk, done) => {
    if (walk.consulted?.has(instance)) return done(null)
    walk.plugin = plugin
    let answer: R | void | null
    try {
      const given = run(walk.seen, instance.self)
      // A promise of another library may settle twice, or in the middle of `then`; a promise of the language does not.
      if (isThenable(given)) return wait(Promise.resolve(given), done)
      answer = given
    } catch (error) {
      return done(blame(plugin, phase, error))
    }
    finish(answer, done)
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
