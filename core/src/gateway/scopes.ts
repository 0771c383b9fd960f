import type { Protocol } from '@kong-ts/pdk'
import type { PluginRow, Route } from '../entities/rows.ts'
import type { PluginInstance } from '../plugins/instance.ts'

/** An instance and where it is enabled; the place may change while the instance stays. */
export interface Placed {
  readonly row: PluginRow
  readonly instance: PluginInstance
}

/** Which instances take part on a route: of each plugin the most specific one, in the order of their priorities. */
export class Scopes {
  readonly #byId = new Map<string, Placed>()
  readonly #byScope = new Map<string, Set<Placed>>()

  get(id: string): Placed | undefined {
    return this.#byId.get(id)
  }

  put(placed: Placed): void {
    this.delete(placed.row.id)
    this.#byId.set(placed.row.id, placed)
    const scope = scopeOf(placed.row)
    const there = this.#byScope.get(scope)
    if (there) there.add(placed)
    else this.#byScope.set(scope, new Set([placed]))
  }

  delete(id: string): Placed | undefined {
    const placed = this.#byId.get(id)
    if (!placed) return undefined
    this.#byId.delete(id)
    const scope = scopeOf(placed.row)
    const there = this.#byScope.get(scope)
    there?.delete(placed)
    if (there?.size === 0) this.#byScope.delete(scope)
    return placed
  }

  all(): IterableIterator<Placed> {
    return this.#byId.values()
  }

  /** Before anything is routed only global instances run, whatever the protocol will be. */
  global(): PluginInstance[] {
    return choose([this.#byScope.get(key(null, null))], undefined)
  }

  on(route: Route, protocol: Protocol): PluginInstance[] {
    const service = route.service?.id ?? null
    const scopes =
      service === null
        ? [key(route.id, null)]
        : [key(route.id, service), key(route.id, null), key(null, service)]
    return choose(
      [...scopes, key(null, null)].map((scope) => this.#byScope.get(scope)),
      protocol,
    )
  }
}

/** @param scopes most specific first */
function choose(
  scopes: readonly (ReadonlySet<Placed> | undefined)[],
  protocol: Protocol | undefined,
): PluginInstance[] {
  const chosen = new Map<string, PluginInstance>()
  for (const { row, instance } of scopes.flatMap((scope) => [...(scope ?? [])])) {
    if (chosen.has(row.name) || (protocol !== undefined && !row.protocols.includes(protocol)))
      continue
    chosen.set(row.name, instance)
  }
  return [...chosen.values()].toSorted(byPriority)
}

/** Higher priority first; equal ones by name, descending, as Kong does. */
function byPriority({ plugin: a }: PluginInstance, { plugin: b }: PluginInstance): number {
  return b.priority - a.priority || (a.name < b.name ? 1 : -1)
}

function scopeOf({ route, service }: PluginRow): string {
  return key(route?.id ?? null, service?.id ?? null)
}

function key(route: string | null, service: string | null): string {
  return `${route ?? ''}|${service ?? ''}`
}
