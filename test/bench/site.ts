import type { Identity } from './identity.ts'

/** What a route carries: plain bytes, TLS that the proxy ends, TLS that it passes by its name. */
export type Carried = 'plain' | 'tls' | 'sni'

/** What stands behind a route, and how it is reached through the proxy. */
export type ServiceName = 'http' | 'bulk' | 'tls' | 'sni'

export interface Route {
  readonly name: string
  readonly service: ServiceName
  readonly carries: Carried
  /** Its connections are allowed by address, limited by rate and logged. */
  readonly guarded: boolean
  readonly listen: number
  readonly upstream: number
}

/** Where a proxy listens and where it sends what arrives; a folder of its own for its files. */
export interface Site {
  readonly folder: string
  readonly routes: readonly Route[]
  /** For a proxy that is configured over HTTP. */
  readonly adminPort: number
  /** What it shows to TLS clients; without one there are only plain routes. */
  readonly identity: Identity | undefined
  /** How many connections it has to be able to hold. */
  readonly connections: number
  /** Whether what runs in it is to be named for perf, at a small cost. */
  readonly isProfiled: boolean
}

/** The port on which a proxy takes what is meant for a service. */
export function portOf(site: Site, service: ServiceName, guarded = false): number {
  const route = site.routes.find((one) => one.service === service && one.guarded === guarded)
  if (route === undefined) throw new Error(`no route to ${service}`)
  return route.listen
}

export function upstreamOf(site: Site, service: ServiceName): number {
  const route = site.routes.find((one) => one.service === service)
  if (route === undefined) throw new Error(`no route to ${service}`)
  return route.upstream
}
