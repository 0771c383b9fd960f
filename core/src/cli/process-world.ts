import { createInterface } from 'node:readline/promises'
import { processTerminal } from './terminal.ts'
import type { World } from './world.ts'

type Parts = Pick<World, 'entry' | 'startGateway' | 'loadPlugins' | 'openSchema' | 'configuration'>

/** The world as this process knows it. */
export function processWorld(parts: Parts): World {
  return {
    ...parts,
    terminal: processTerminal(),
    env: process.env,
    cwd: process.cwd(),
    ask(question) {
      if (!process.stdin.isTTY) return undefined
      const lines = createInterface({ input: process.stdin, output: process.stdout })
      return lines.question(question).finally(() => lines.close())
    },
    onSignal(signal, handler) {
      process.on(signal, handler)
      return () => {
        process.off(signal, handler)
      }
    },
  }
}
