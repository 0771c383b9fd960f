import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capture } from './processes.ts'

/** The command as it stands in the checkout; an author has its folder in the PATH. */
export const command = new URL('../../core/bin/kong-ts', import.meta.url).pathname

/** Seconds of each step. */
export interface FirstTest {
  readonly made: number
  readonly tested: number
}

/** From an empty folder outside the checkout to the first tests that pass; throws with what failed. */
export async function firstTest(): Promise<FirstTest> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-authoring-'))
  const place = join(folder, 'my-plugin')
  try {
    const made = await secondsOf(['plugins', 'new', 'my-plugin', '--in', place])
    const tested = await secondsOf(['plugins', 'test', place])
    return { made, tested }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function secondsOf(args: readonly string[]): Promise<number> {
  const begun = performance.now()
  await capture(command, args, 60)
  return (performance.now() - begun) / 1000
}
