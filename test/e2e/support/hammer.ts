import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const child = new URL('hammer.child.ts', import.meta.url).pathname

/** Eight processes dial the ports, 16 at a time each; how many of their connections were served by the echo behind. */
export async function hammer(ports: readonly number[], timesEach: number): Promise<number> {
  const run = promisify(execFile)
  const clients = Array.from({ length: 8 }, () =>
    run(process.execPath, [child, ports.join(','), String(timesEach), '16']),
  )
  const told = await Promise.all(clients)
  return told.reduce((sum, { stdout }) => sum + Number(stdout), 0)
}
