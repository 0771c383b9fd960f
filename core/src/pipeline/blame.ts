import type { LogFields, PhaseName } from '@kong-ts/pdk'
import { isRejection } from '@kong-ts/pdk/host'
import type { PluginCode } from '../errors/plugin-codes.ts'
import type { PluginFailure } from '../errors/plugin-failure.ts'
import { stall } from '../plugins/conduct.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import { placeOfError } from '../plugins/place-of-error.ts'
import type { Answer, Walk } from './walk.ts'

/** Whether a decision has its effect; one of a shadow is told instead. */
export function isEnforced(
  { conduct, self }: PluginInstance,
  phase: PhaseName,
  { plugin, value }: Answer<unknown>,
  { walker }: Walk<unknown>,
): boolean {
  const reason = isRejection(value) ? value.reason : undefined
  if (!conduct.terms.isShadow) {
    if (reason !== undefined) conduct.rejected += 1
    return true
  }
  if (reason !== undefined) {
    conduct.wouldReject += 1
    walker.wouldReject(plugin, reason)
  }
  self.log.info({ phase, would_reject: reason }, 'in shadow mode: it has no effect')
  return false
}

/** Whether a failure ends the connection; where it does not, it is told, and the instance may have had its last say. */
export function isFollowed(instance: PluginInstance, failure: PluginFailure): boolean {
  // A plugin that lets a failed peek pass is not to blame for it.
  if (failure.cause instanceof Error && failure.cause.name === 'TransportError') return true
  countFailure(instance, failure)
  const { onError, isShadow } = instance.conduct.terms
  if (onError === 'close' && !isShadow) return true
  if (onError !== 'disable') {
    const goesOn = `${failure.message}; the connection goes on without it`
    instance.self.log.error(fieldsOf(failure), goesOn)
  }
  return false
}

/** Whatever becomes of the connection, a failure is counted, and may have been the last of its instance. */
export function countFailure({ conduct, self }: PluginInstance, failure: PluginFailure): void {
  conduct.failed += 1
  conduct.touch()
  if (conduct.terms.onError !== 'disable') return
  conduct.isDisabled = true
  if (failure.phase === 'log') conduct.isSilent = true
  const isOut = `${failure.message}; it takes no further part until it is configured anew`
  self.log.error(fieldsOf(failure), isOut)
}

function fieldsOf({ code, phase, cause }: PluginFailure): LogFields {
  const at = placeOfError(cause)
  return { code, phase, ...(at !== undefined && { at }) }
}

/** Whoever holds up the event loop holds up every connection of its worker. */
export function watchStall(
  { conduct, self }: PluginInstance,
  phase: PhaseName,
  milliseconds: number,
): void {
  if (milliseconds < stall) return
  conduct.stalled(milliseconds)
  const held = Math.round(milliseconds)
  self.log.warn(
    { code: 'plugin_stalled' satisfies PluginCode, phase, milliseconds: held },
    `held up every connection of the worker for ${held} ms`,
  )
}

/** Oddities that harm nobody and are worth a look, told once each for an instance and phase. */
export function tellOnce(
  { conduct, self }: PluginInstance,
  phase: PhaseName,
  code: 'plugin_answered_null' | 'plugin_settled_twice',
): void {
  const oddity = `${code} ${phase}`
  if (conduct.told.has(oddity)) return
  conduct.told.add(oddity)
  self.log.warn({ code, phase }, oddities[code])
}

const oddities = {
  plugin_answered_null: 'answered null, which means nothing; answer with undefined',
  plugin_settled_twice: 'settled more than once; the first answer counts',
} as const
