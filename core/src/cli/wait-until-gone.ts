import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { isClaimed } from '../node/prefix.ts'

const interval = 25

/** Whether the node has left its prefix within so many milliseconds: the kernel frees the claim with the process. */
export async function waitUntilGone(prefix: string, patience: number): Promise<boolean> {
  const deadline = Date.now() + patience
  while (existsSync(prefix) && isClaimed(prefix)) {
    if (Date.now() >= deadline) return false
    await setTimeout(interval)
  }
  return true
}
