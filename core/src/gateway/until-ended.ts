import type { PluginInstance } from '../plugins/instance.ts'

/** Waits for the teardowns of instances that nobody holds any more, for so many milliseconds at most. */
export async function untilEnded(
  instances: readonly Pick<PluginInstance, 'ended'>[],
  milliseconds: number,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([Promise.all(instances.map(({ ended }) => ended)), late])
  clearTimeout(timer)
}
