import { compilePhases, nobody, type Phases } from '../pipeline/pipeline.ts'
import type { PluginInstance } from '../plugins/instance.ts'

const empty: Phases = {
  accept: nobody,
  preread: nobody,
  tls: nobody,
  balance: nobody,
  proxy: nobody,
  log: nobody,
}

/** An ordered list of instances with its hooks, compiled at the first connection that needs them. */
export class Pipeline {
  readonly instances: readonly PluginInstance[]
  readonly #timeout: number
  #phases: Phases | undefined
  #connections = 0
  #retired = false

  constructor(instances: readonly PluginInstance[], timeout: number) {
    this.instances = instances
    this.#timeout = timeout
    if (instances.length === 0) this.#phases = empty
    for (const instance of instances) instance.retain()
  }

  get phases(): Phases {
    return (this.#phases ??= compilePhases(this.instances, this.#timeout))
  }

  /** A connection pins the pipeline it was born under. */
  enter(): void {
    this.#connections += 1
  }

  leave(): void {
    this.#connections -= 1
    if (this.#retired && this.#connections === 0) this.#dispose()
  }

  /** No new connection will come. */
  retire(): void {
    this.#retired = true
    if (this.#connections === 0) this.#dispose()
  }

  #dispose(): void {
    for (const instance of this.instances) instance.release()
  }
}

/** Equal lists of instances share one pipeline: ten thousand routes without plugins have one between them. */
export class Pipelines {
  readonly #interned = new Map<string, Pipeline>()
  readonly #with = new Map<PluginInstance, Set<Pipeline>>()
  readonly #timeout: number

  /** @param timeout milliseconds that a phase of a plugin may take */
  constructor(timeout: number) {
    this.#timeout = timeout
  }

  /** @param instances in the order in which they run */
  of(instances: readonly PluginInstance[]): Pipeline {
    const key = keyOf(instances)
    const known = this.#interned.get(key)
    if (known) return known
    const made = new Pipeline(instances, this.#timeout)
    this.#interned.set(key, made)
    for (const instance of instances) {
      const others = this.#with.get(instance)
      if (others) others.add(made)
      else this.#with.set(instance, new Set([made]))
    }
    return made
  }

  /** The instance left the configuration: pipelines with it take no new connections. */
  retire(instance: PluginInstance): void {
    for (const pipeline of this.#with.get(instance) ?? []) {
      this.#interned.delete(keyOf(pipeline.instances))
      for (const neighbour of pipeline.instances) this.#with.get(neighbour)?.delete(pipeline)
      pipeline.retire()
    }
    this.#with.delete(instance)
  }
}

function keyOf(instances: readonly PluginInstance[]): string {
  return instances.map(({ serial }) => serial).join()
}
