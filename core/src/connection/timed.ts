import { watchStall } from '../pipeline/blame.ts'
import type { PluginInstance } from '../plugins/instance.ts'

/** Milliseconds that others took inside of what runs now: a transform's output may go through another plugin's at once. */
let inside = 0

/** Runs what a plugin does to bytes; one that holds up the event loop is named, and its stall is counted. */
export function timed(instance: PluginInstance, work: () => void): void {
  const before = inside
  inside = 0
  const begun = performance.now()
  try {
    work()
  } finally {
    const held = performance.now() - begun
    watchStall(instance, 'proxy', held - inside)
    inside = before + held
  }
}
