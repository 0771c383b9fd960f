import type { Endpoint } from '@kong-ts/pdk'
import type { Route, Service } from '../entities/rows.ts'
import { RouteTable } from '../routing/route-table.ts'
import { applyTo, idOf, type RowChange } from './changes.ts'

/** Routes with the services they lead to. Changes are collected, and matching follows with `place`. */
export class ServedRoutes {
  readonly #table = new RouteTable()
  readonly #routes = new Map<string, Route>()
  readonly #services = new Map<string, Service>()
  readonly #routesOf = new Map<string, Set<string>>()
  /** Ids of services by their names. */
  readonly #named = new Map<string, string>()

  /** What the addresses alone leave possible. */
  candidates(source: Endpoint, destination: Endpoint): { plain: Route | undefined; tls: boolean } {
    return this.#table.candidates(source, destination)
  }

  matchTls(
    source: Endpoint,
    destination: Endpoint,
    serverName: string | undefined,
  ): Route | undefined {
    return this.#table.matchTls(source, destination, serverName)
  }

  serviceOf(route: Route): Service | undefined {
    return route.service === null ? undefined : this.#services.get(route.service.id)
  }

  /** By its name or id; one that is disabled is not there. */
  serviceNamed(nameOrId: string): Service | undefined {
    const service = this.#services.get(this.#named.get(nameOrId) ?? nameOrId)
    return service?.enabled === false ? undefined : service
  }

  /** Answers with the ids of the routes that the change concerns. */
  applyService(change: RowChange<Service>): Iterable<string> {
    this.#rename(change)
    applyTo(this.#services, change)
    return this.#routesOf.get(idOf(change)) ?? []
  }

  applyRoute(change: RowChange<Route>): void {
    const id = idOf(change)
    this.#detach(id, this.#routes.get(id)?.service?.id)
    applyTo(this.#routes, change)
    if (change.op === 'put' && change.row.service) this.#attach(id, change.row.service.id)
  }

  /** A route takes part in matching unless its service is disabled. */
  place(id: string): void {
    const route = this.#routes.get(id)
    if (route && this.serviceOf(route)?.enabled !== false) this.#table.put(route)
    else this.#table.delete(id)
  }

  /** Names may wander between services in one change: only one that is still one's own is taken away. */
  #rename(change: RowChange<Service>): void {
    const id = idOf(change)
    const before = this.#services.get(id)?.name
    if (typeof before === 'string' && this.#named.get(before) === id) this.#named.delete(before)
    if (change.op === 'put' && change.row.name !== null) this.#named.set(change.row.name, id)
  }

  #attach(route: string, service: string): void {
    const siblings = this.#routesOf.get(service)
    if (siblings) siblings.add(route)
    else this.#routesOf.set(service, new Set([route]))
  }

  #detach(route: string, service: string | undefined): void {
    if (service === undefined) return
    const siblings = this.#routesOf.get(service)
    siblings?.delete(route)
    if (siblings?.size === 0) this.#routesOf.delete(service)
  }
}
