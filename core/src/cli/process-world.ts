import { processTerminal } from './terminal.ts'
import type { World } from './world.ts'

/** The world as this process knows it. */
export function processWorld(
  parts: Pick<World, 'entry' | 'startGateway' | 'loadPlugins' | 'configuration'>,
): World {
  return {
    ...parts,
    terminal: processTerminal(),
    env: process.env,
    cwd: process.cwd(),
    onSignal(signal, handler) {
      process.on(signal, handler)
      return () => {
        process.off(signal, handler)
      }
    },
  }
}
