import { pluginEnding } from '../errors/endings.ts'
import type { PluginInstance } from '../plugins/instance.ts'
import type { Walker } from '../pipeline/walk.ts'
import type { Seen } from './client/seen.ts'
import { Ended } from './ended.ts'
import type { Host, Live } from './host.ts'
import { endSoon } from './room/evict.ts'

/** A session, as far as plugins end it. */
interface Mortal extends Live, Walker {
  readonly host: Pick<Host, 'live'>
  readonly seen: Pick<Seen, 'wouldReject'>
}

/** While its bytes flow a plugin in shadow mode may say so again and again: a connection counts once. */
export function wouldEnd(
  session: Mortal,
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
  session: Mortal,
  instance: PluginInstance,
  isShadow: boolean,
): (reason: string) => void {
  if (isShadow) return (reason) => wouldEnd(session, instance, reason)
  const ending = pluginEnding(instance.plugin.name, 'ended')
  return (reason) => endSoon(session, new Ended(ending, reason))
}
