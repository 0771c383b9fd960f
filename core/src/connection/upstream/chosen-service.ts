import type { Forwarding } from '@kong-ts/pdk'
import type { Service } from '../../entities/rows.ts'
import type { Host } from '../host.ts'

/** Whom a plugin chooses: another service by its name, or the route's own with another host. */
export function chosenService(
  { host, seen }: { readonly host: Host; readonly seen: { readonly service: Service | undefined } },
  to: Forwarding,
): Service | undefined {
  const { service } = seen
  if ('service' in to) return host.configuration.serviceNamed(to.service)
  return service && { ...service, host: to.host, port: to.port ?? service.port }
}
