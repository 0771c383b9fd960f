import type { RouteFacts, ServiceFacts } from '@kong-ts/pdk'

/** Whose connection it is, in Kong's labels. */
export interface Whose {
  readonly service: string
  readonly route: string
  readonly workspace: string
}

export const whoseLabels = ['service', 'route', 'workspace'] as const

/** The one workspace there is. */
const workspace = 'default'

/** Who has not been routed. */
export const nobodys: Whose = { service: '', route: '', workspace }

/** By the name or the id of the route, the name or the host of the service; empty without one. */
export function whoseOf(route: RouteFacts, service: ServiceFacts | undefined): Whose {
  return { service: service?.name ?? service?.host ?? '', route: route.name ?? route.id, workspace }
}
