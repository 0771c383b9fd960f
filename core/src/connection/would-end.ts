import { pluginEnding } from '../errors/endings.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import { Ended } from './ended.ts'
import { endSoon } from './room/evict.ts'
import type { Session } from './session.ts'

/** While its bytes flow a plugin in shadow mode may say so again and again: a connection counts once. */
export function wouldEnd(
  session: Session,
  { plugin: { name }, conduct }: PluginInstance,
  reason: string,
): void {
  if (!session.seen.wouldReject?.some(({ plugin }) => plugin === name)) {
    conduct.wouldReject += 1
    conduct.touch()
  }
  session.wouldReject(name, reason)
}

/** How a plugin ends a session while its bytes flow; in shadow mode it would. */
export function enderOf(
  session: Session,
  instance: PluginInstance,
  isShadow: boolean,
): (reason: string) => void {
  if (isShadow) return (reason) => wouldEnd(session, instance, reason)
  const ending = pluginEnding(instance.plugin.name, 'ended')
  return (reason) => endSoon(session, new Ended(ending, reason))
}
