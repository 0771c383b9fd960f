import { setImmediate as step } from 'node:timers/promises'

/**
 * Resolves once the event loop has asked the kernel anew: what had arrived when this was called was seen by whoever
 * watches for it. The first step may end in the middle of a turn, the second one does not.
 */
export async function turn(): Promise<void> {
  await step()
  await step()
}
