import type { Forwarding, ServiceFacts } from '../contexts.ts'
import type { Call } from './dial.ts'

/** The service that a connection goes to, which a plugin may choose in `preread`, once. */
export class Destination {
  readonly #call: Call
  service: ServiceFacts | undefined
  /** Whether a plugin has chosen it. */
  isChosen = false

  constructor(call: Call) {
    this.#call = call
    this.service = call.service
  }

  /** As the gateway does it: the first call decides. */
  forward(to: Forwarding): boolean {
    if (this.isChosen) return false
    const found = 'service' in to ? this.#named(to.service) : this.#moved(to)
    if (found === undefined) return false
    this.service = found
    this.isChosen = true
    return true
  }

  #named(asked: string): ServiceFacts | undefined {
    const { service, services } = this.#call
    const all = service === undefined ? services : [service, ...services]
    return all.find(({ name, id }) => name === asked || id === asked)
  }

  #moved({ host, port }: { readonly host: string; readonly port?: number }) {
    return this.service && { ...this.service, host, port: port ?? this.service.port }
  }
}
