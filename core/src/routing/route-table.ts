import type { Endpoint } from '@kong-ts/pdk'
import type { Route } from '../entities/rows.ts'
import { Query } from './query.ts'
import { RouteIndex } from './route-index.ts'

/** What the addresses of a connection alone say about its route. */
export interface Candidates {
  /** The best route for plain bytes. */
  readonly plain: Route | undefined
  /** Whether a `tls` or `tls_passthrough` route could still match, so that the first bytes decide. */
  readonly tls: boolean
}

/**
 * Finds the route of a session; patched by each change.
 *
 * The order between routes that match is total: what the route sets (SNI+SRC+DST, SNI+SRC, SNI+DST, SRC+DST, SNI,
 * SRC, DST, nothing); the SNI (exact, then `*.name` by length, then `name.*` by length); the best matching source
 * (ip and port, ip, network and port, port, network; longer prefixes first); the best matching destination likewise;
 * the older route; the smaller id.
 */
export class RouteTable {
  readonly #routes = new Map<string, Route>()
  /** Routes that take plain bytes. */
  readonly #plain = new RouteIndex()
  /** Routes that take TLS, ended here or passed through. */
  readonly #tls = new RouteIndex()
  /** The TLS routes that set addresses, without their SNIs. */
  readonly #reach = new RouteIndex()
  /** How many TLS routes set no address. */
  #anywhere = 0

  /** Inserts the route, or replaces the one with its id. */
  put(route: Route): void {
    this.delete(route.id)
    this.#routes.set(route.id, route)
    if (takesPlain(route)) this.#plain.put(route)
    if (!takesTls(route)) return
    this.#tls.put(route)
    if (setsAddress(route)) this.#reach.put(withoutSnis(route))
    else this.#anywhere++
  }

  delete(id: string): void {
    const route = this.#routes.get(id)
    if (!route) return
    this.#routes.delete(id)
    if (takesPlain(route)) this.#plain.delete(route)
    if (!takesTls(route)) return
    this.#tls.delete(route)
    if (setsAddress(route)) this.#reach.delete(withoutSnis(route))
    else this.#anywhere--
  }

  /** What is known before a byte is read. */
  candidates(source: Endpoint, destination: Endpoint): Candidates {
    const query = new Query(source, destination)
    const plain = this.#plain.find(query)
    return { plain, tls: this.#anywhere > 0 || this.#reach.find(query) !== undefined }
  }

  /** For a session whose first bytes are a ClientHello; a plain route serves only when no TLS route does. */
  matchTls(
    source: Endpoint,
    destination: Endpoint,
    serverName: string | undefined,
  ): Route | undefined {
    const query = new Query(source, destination, serverName)
    return this.#tls.find(query) ?? this.#plain.find(query)
  }

  /** For a session whose first bytes are not TLS, or whose server speaks first. */
  matchPlain(source: Endpoint, destination: Endpoint): Route | undefined {
    return this.#plain.find(new Query(source, destination))
  }

  /** Whether the table holds nothing at all, left-overs included. */
  get empty(): boolean {
    const indexes = [this.#plain, this.#tls, this.#reach]
    return this.#routes.size === 0 && this.#anywhere === 0 && indexes.every(({ empty }) => empty)
  }
}

function takesPlain(route: Route): boolean {
  return route.protocols.includes('tcp')
}

function takesTls(route: Route): boolean {
  return route.protocols.includes('tls') || route.protocols.includes('tls_passthrough')
}

function setsAddress({ sources, destinations }: Route): boolean {
  return (sources?.length ?? 0) > 0 || (destinations?.length ?? 0) > 0
}

function withoutSnis(route: Route): Route {
  return { ...route, snis: null }
}
