import { performance } from 'node:perf_hooks'
import { messageOf } from '../errors/message-of.ts'
import type { RunningGateway } from '../node/description/running.ts'
import type { World } from './world.ts'

/**
 * One Ctrl-C may arrive twice, from the terminal and from npm, which passes on what it gets. Only a signal that
 * comes later than this, in milliseconds, is a second wish.
 */
const echoOfSignal = 500

/**
 * SIGINT, SIGTERM and SIGQUIT stop the gateway once live connections have ended or their time is up; a second
 * one ends them at once. SIGHUP reloads. The answer ends the obedience.
 */
export function obeySignals(gateway: RunningGateway, world: World): () => void {
  const { terminal } = world
  const attempt = (what: string, wish: Promise<void>): void => {
    wish.catch((error: unknown) => terminal.error(`Error: cannot ${what}: ${messageOf(error)}`))
  }
  let stoppedAt: number | undefined
  const stop = (how: 'stop' | 'quit') => (): void => {
    const now = performance.now()
    if (stoppedAt === undefined) {
      stoppedAt = now
      terminal.error('stopping; live connections may end by themselves, once more ends them now')
      attempt('stop', gateway.stop(how))
    } else if (now - stoppedAt > echoOfSignal) {
      attempt('stop', gateway.stop('stop', 0))
    }
  }
  const ends = [
    world.onSignal('SIGINT', stop('stop')),
    world.onSignal('SIGTERM', stop('stop')),
    world.onSignal('SIGQUIT', stop('quit')),
    world.onSignal('SIGHUP', () => attempt('reload', gateway.reload())),
  ]
  return () => {
    for (const end of ends) end()
  }
}
