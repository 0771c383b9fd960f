import type { Endpoint } from '@kong-ts/pdk'
import { bindingOf, type Listen } from '../../settings/listen.ts'
import { bindListener, unbind, type Bound } from './bind.ts'

/** Other listeners than those in use: both are bound until one side is given up. */
export interface Rebinding {
  readonly bound: readonly Bound[]
  readonly warnings: readonly string[]
  /** Gives up what is no longer listed. */
  commit(): void
  /** Gives up what was new. */
  revert(): void
}

/** The addresses that a node holds for its workers. */
export class Listeners {
  readonly #slots: number
  #bound: readonly Bound[] = []

  private constructor(slots: number) {
    this.#slots = slots
  }

  /** Binds all or none. @throws BindError */
  static async bind(listens: readonly Listen[], slots: number): Promise<Listeners> {
    const listeners = new Listeners(slots)
    const rebinding = await listeners.rebind(listens)
    rebinding.commit()
    return listeners
  }

  get bound(): readonly Bound[] {
    return this.#bound
  }

  /** As bound, in the order of the setting. */
  get addresses(): readonly Endpoint[] {
    return this.#bound.map(({ address }) => address)
  }

  /** Binds what is new in a list and keeps the sockets, queues and all, of what is not. @throws BindError */
  async rebind(listens: readonly Listen[]): Promise<Rebinding> {
    const known = [...this.#bound]
    const bound: Bound[] = []
    const revert = (): void => unbindAll(bound, this.#bound)
    try {
      for (const listen of listens) {
        const at = known.findIndex((each) => placeOf(each.listen) === placeOf(listen))
        const [kept] = at === -1 ? [] : known.splice(at, 1)
        bound.push(kept ? obeying(kept, listen) : await bindListener(listen, this.#slots))
      }
    } catch (error) {
      revert()
      throw error
    }
    const commit = (): void => {
      const before = this.#bound
      this.#bound = bound
      unbindAll(before, bound)
    }
    const warnings = bound.flatMap(({ listen: { raw } }, index) =>
      fixedFlags(raw) === fixedFlags(listens[index]?.raw ?? '')
        ? []
        : [`${raw}: other flags take effect at the next restart`],
    )
    return { bound, warnings, commit, revert }
  }

  /** Gives everything back; new connections are refused once no worker has the sockets any more. */
  close(): void {
    unbindAll(this.#bound, [])
    this.#bound = []
  }
}

/** What a listener is known by: two that let the system pick a port are alike, whatever was picked. */
function placeOf(listen: Listen): string {
  return bindingOf(listen) ?? listen.address
}

/** Whether PROXY headers are expected is the workers' business alone; so it can change while the sockets stay. */
function obeying(kept: Bound, { proxyProtocol }: Listen): Bound {
  if (kept.listen.proxyProtocol === proxyProtocol) return kept
  return { ...kept, listen: { ...kept.listen, proxyProtocol } }
}

function fixedFlags(raw: string): string {
  return raw
    .split(/\s+/)
    .filter((word) => word !== 'proxy_protocol')
    .join(' ')
}

function unbindAll(bound: readonly Bound[], except: readonly Bound[]): void {
  const kept = new Set(except.map(({ sockets }) => sockets))
  for (const each of bound) if (!kept.has(each.sockets)) unbind(each)
}
