import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { emptyHash } from '../../declarative/hash-document.ts'
import { planDeclaration } from '../../declarative/plan-declarative.ts'
import type { PlanContext } from '../../entities/context.ts'
import { EntitySet } from '../../entities/entity-set.ts'
import { loadCatalogue } from '../../plugins/catalogue.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Settings } from '../../settings/schema.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { openConfiguredStore } from '../../store/open-store.ts'
import type { Store } from '../../store/store.ts'
import { DeclarativeConfig, declareSettings } from './declarative-config.ts'
import type { Node } from '../node.ts'

export interface OpenConfiguration {
  readonly store: Store
  /** Without a database: what replaces the configuration from now on. The node takes traffic with what was opened. */
  take(node: Node): Promise<DeclarativeConfig | undefined>
  /** Reads again what the settings declare; the answer serves it. @throws Error that says what is wrong with it */
  reread(settings: Settings): Promise<() => Promise<void>>
}

/**
 * Opens what a node serves: its database or, without one, the declared configuration; where nothing is declared, the
 * last one that the node took.
 * @throws Error that says what is wrong with a declared configuration; StoreError
 */
export async function openConfiguration(
  settings: Settings,
  around: Around,
): Promise<OpenConfiguration> {
  if (settings.database === 'off') return openDeclared(settings, around)
  return {
    store: await openConfiguredStore(settings),
    take: async () => undefined,
    reread: async () => async () => undefined,
  }
}

interface Around {
  /** Where plugins named by a relative path are looked for. */
  readonly cwd: string
}

async function openDeclared(settings: Settings, around: Around): Promise<OpenConfiguration> {
  const store = await MemoryStore.open(join(settings.prefix, 'declarative.json'), emptyHash)
  const declared = await declareSettings(settings, await contextOf(settings, around))
  if (declared) {
    const { changes } = planDeclaration(EntitySet.from(await store.load()), declared)
    store.stage(changes)
    store.hash = declared.hash
  }
  let config: DeclarativeConfig | undefined
  return {
    store,
    take: async (node) => {
      // Kept once it is served: one that keeps a node from starting must not do so again.
      if (declared) await store.save()
      config = new DeclarativeConfig(node, store, planContext(node.plugins))
      return config
    },
    reread: async (next) => {
      const again = await declareSettings(next, await contextOf(next, around))
      return async () => {
        if (again) await config?.serve(again).catch(explain)
      }
    },
  }
}

/** By then the node has taken over everything else. */
function explain(error: unknown): never {
  const why = `the settings are followed, but the declared configuration is not served: ${messageOf(error)}`
  throw new Error(why, { cause: error })
}

/** What plans need, with the plugins that settings name. */
export async function contextOf(
  { plugins }: Pick<Settings, 'plugins'>,
  { cwd }: Around,
): Promise<PlanContext> {
  return planContext(await loadCatalogue(plugins, { cwd }))
}

export function planContext(plugins: PlanContext['plugins']): PlanContext {
  return { now: Date.now, uuid: randomUUID, plugins }
}
