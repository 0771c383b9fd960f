import { freePort } from './network.ts'
import { Place } from './place.ts'
import type { Proxy } from './proxies.ts'
import { isInstalled, type Started } from './processes.ts'
import type { Identity } from './identity.ts'
import type { Results } from './results.ts'
import type { Route, ServiceName, Carried, Site } from './site.ts'
import { startResponder, startSink } from './upstreams.ts'

export interface Stage {
  readonly services: readonly ServiceName[]
  readonly places: readonly Place[]
  isSound(): boolean
  strike(): Promise<void>
}

interface Plan {
  readonly proxies: readonly Proxy[]
  readonly folder: string
  readonly connections: number
  readonly identity: Identity | undefined
  readonly isProfiled: boolean
  readonly results: Results
}

interface Service {
  readonly service: ServiceName
  readonly carries: Carried
  readonly upstream: number
}

/** Starts what stands behind the proxies. */
async function startServices(
  folder: string,
  connections: number,
  identity: Identity | undefined,
): Promise<{ readonly started: Started[]; readonly services: readonly Service[] }> {
  const responder = await startResponder(`${folder}/responder`, connections, identity)
  const { port, tlsPort } = responder
  const started: Started[] = [responder]
  const services: Service[] = [{ service: 'http', carries: 'plain', upstream: port }]
  if (tlsPort !== undefined) {
    services.push({ service: 'tls', carries: 'tls', upstream: port })
    services.push({ service: 'sni', carries: 'sni', upstream: tlsPort })
  }
  if (isInstalled('iperf3')) {
    const sink = await startSink()
    started.push(sink)
    services.push({ service: 'bulk', carries: 'plain', upstream: sink.port })
  }
  return { started, services }
}

async function routesTo(services: readonly Service[]): Promise<Route[]> {
  const routes: Route[] = []
  for (const service of services) {
    for (const guarded of [false, true]) {
      const name = `${service.service}${guarded ? '-guarded' : ''}`
      routes.push({ ...service, name, guarded, listen: await freePort() })
    }
  }
  return routes
}

/** Nothing between: every client goes to the upstream itself, which speaks TLS where a proxy would have ended it. */
function directTo(services: readonly Service[]): Route[] {
  const tls = services.find(({ service }) => service === 'sni')?.upstream
  return services.map((service) => ({
    ...service,
    name: service.service,
    guarded: false,
    listen: service.service === 'tls' ? (tls ?? service.upstream) : service.upstream,
  }))
}

/** Places every proxy before the same upstreams; one that cannot be configured is written down and left out. */
export async function setStage(plan: Plan): Promise<Stage> {
  const { proxies, folder, connections, identity, isProfiled, results } = plan
  const { started, services } = await startServices(folder, connections, identity)
  const places: Place[] = []
  for (const proxy of proxies) {
    const routes = proxy.isDirect ? directTo(services) : await routesTo(services)
    const adminPort = await freePort()
    const site: Site = {
      folder: `${folder}/${proxy.name}`,
      routes,
      adminPort,
      identity,
      connections,
      isProfiled,
    }
    try {
      await proxy.prepare(site)
      places.push(new Place(proxy, site))
    } catch (error) {
      results.fail('configuration', proxy.name, error)
    }
  }
  const strike = async (): Promise<void> => {
    await Promise.all(started.map((process) => process.stop()))
  }
  const isSound = (): boolean => started.every((process) => process.isRunning())
  return { services: services.map(({ service }) => service), places, isSound, strike }
}
