import { faultOf } from '../answers.ts'
import { PluginError } from '../plugin-error.ts'
import type { Awaitable, PhaseName } from '../plugin.ts'
import { isRejection } from '../verdicts.ts'
import type { Rejection } from '../verdicts.ts'
import { Ended } from './fate.ts'

/**
 * Runs one phase as the gateway does: null is no answer, a rejection or a throw ends the connection.
 * @throws Ended
 */
export async function ask<Answer>(
  plugin: string,
  phase: PhaseName,
  run: () => Awaitable<Answer | Rejection | void | null> | undefined,
): Promise<Exclude<Answer, Rejection> | undefined> {
  const answer = await settle(plugin, phase, run)
  if (answer === undefined || answer === null) return undefined
  const fault = await settle(plugin, phase, () => faultOf(phase, answer))
  if (fault !== undefined) throw failed(plugin, phase, new TypeError(fault))
  if (isRejection(answer)) {
    const ending = `plugin.${plugin}.rejected`
    throw new Ended({ ...answer, outcome: 'rejected', ending })
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- isRejection cannot narrow a type parameter
  return answer as Exclude<Answer, Rejection>
}

/** @returns what ends the connection when a plugin throws */
export function failed(plugin: string, phase: PhaseName, cause: unknown): Ended {
  const error = new PluginError(plugin, phase, cause)
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new Ended({ outcome: 'failed', ending: `plugin.${plugin}.failed`, reason, error })
}

async function settle<Answer>(
  plugin: string,
  phase: PhaseName,
  run: () => Awaitable<Answer>,
): Promise<Answer> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof Ended ? error : failed(plugin, phase, error)
  }
}
