import { messageOf } from '../../errors/message-of.ts'
import type { PluginCode } from '../../errors/plugin-codes.ts'
import { ownerOf } from '../../plugins/owners.ts'
import type { ErrorLog } from '../logs/log.ts'

/**
 * What a plugin throws outside of its phases (a timer, a promise nobody waits for) must not end the connections
 * of everybody else: it is reported with its stack, and the process goes on.
 */
export function reportStrays(log: ErrorLog): void {
  const report = (kind: string) => (error: unknown) => {
    const stack = error instanceof Error ? error.stack : undefined
    const plugin = ownerOf(error)
    const code: PluginCode = 'plugin_stray_error'
    log.crit(
      { kind, ...(plugin !== undefined && { code, plugin }), stack },
      `nobody caught this: ${messageOf(error)}`,
    )
  }
  process.on('uncaughtException', report('exception'))
  process.on('unhandledRejection', report('rejection'))
}
