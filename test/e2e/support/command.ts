import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

const command = new URL('../../../core/bin/kong-ts', import.meta.url).pathname

/** Runs a command of `kong-ts` to its end; what it prints to either stream is one text. */
export async function runCommand(
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: Number(code), output: out + error }
}
