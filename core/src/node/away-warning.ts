import type { Snapshot } from '../entities/rows.ts'
import type { StoreHealth } from '../store/store.ts'

/** What to say when the configuration is not the store's own word, because that is away. */
export function awayWarning({ revision }: Snapshot, health: StoreHealth | undefined): string[] {
  if (!health || health.reachable) return []
  const { error = '' } = health
  return [
    `${error}; revision ${revision} of the configuration is served, the last that this node has seen`,
  ]
}
