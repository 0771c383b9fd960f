import type { Figure, Row } from './figures.ts'
import { bulkCost, connectionCost, life, requestCost } from './measure.ts'
import { answers, freePort } from './network.ts'
import type { FigureName, Options, ProxyName } from './options.ts'
import { isInstalled, until, type Started } from './processes.ts'
import type { Proxy } from './proxies.ts'
import { guarded, type Route, type Site } from './site.ts'
import { startResponder, startSink } from './upstreams.ts'

interface Run {
  readonly options: Options
  readonly proxies: readonly Proxy[]
  readonly folder: string
  readonly say: (text: string) => void
}

interface Load {
  readonly name: FigureName
  readonly needs: 'wrk' | 'iperf3'
  readonly route: Route['name']
  readonly figure: Figure
  readonly measure: (pid: number, port: number, seconds: number) => Promise<number>
}

const loads: readonly Load[] = [
  {
    name: 'connections',
    needs: 'wrk',
    route: 'http',
    figure: { title: 'CPU per new connection', unit: 'µs', digits: 1 },
    measure: connectionCost,
  },
  {
    name: 'plugins',
    needs: 'wrk',
    route: guarded,
    figure: { title: 'CPU per new connection, guarded', unit: 'µs', digits: 1 },
    measure: connectionCost,
  },
  {
    name: 'requests',
    needs: 'wrk',
    route: 'http',
    figure: { title: 'CPU per small request', unit: 'µs', digits: 1 },
    measure: requestCost,
  },
  {
    name: 'bulk',
    needs: 'iperf3',
    route: 'bulk',
    figure: { title: 'CPU per gigabyte', unit: 's', digits: 2 },
    measure: bulkCost,
  },
]

const startUp: Figure = { title: 'start to first answer', unit: 'ms', digits: 0 }
const resident: Figure = { title: 'resident, no connection', unit: 'MiB', digits: 1 }
const residentIdle: Figure = { title: 'resident, 1,000 idle connections', unit: 'MiB', digits: 1 }

/** Collects samples in the order in which figures were first seen. */
class Table {
  readonly #rows = new Map<Figure, Map<string, number[]>>()

  add(figure: Figure, proxy: ProxyName, value: number): void {
    const samples = this.#rows.get(figure) ?? new Map<string, number[]>()
    this.#rows.set(figure, samples)
    samples.set(proxy, [...(samples.get(proxy) ?? []), value])
  }

  rows(): Row[] {
    return [...this.#rows].map(([figure, samples]) => ({ figure, samples }))
  }
}

type Placed = readonly [Proxy, Site]

/** Each round begins with another proxy, so that none has the cold or the hot machine to itself. */
function rotated<T>(all: readonly T[], by: number): T[] {
  return [...all.slice(by % all.length), ...all.slice(0, by % all.length)]
}

async function lives(placed: readonly Placed[], { options, say }: Run, into: Table): Promise<void> {
  for (let round = 0; round < options.rounds; round += 1) {
    say(`starts, round ${round + 1} of ${options.rounds}`)
    for (const [proxy, site] of rotated(placed, round)) {
      const measured = await life(proxy, site)
      if (options.figures.includes('start')) into.add(startUp, proxy.name, measured.startUp)
      if (!options.figures.includes('memory')) continue
      into.add(resident, proxy.name, measured.resident / 1024)
      into.add(residentIdle, proxy.name, measured.residentIdle / 1024)
    }
  }
}

function portOf(site: Site, name: string): number {
  const route = site.routes.find((candidate) => candidate.name === name)
  if (route === undefined) throw new Error(`no route ${name}`)
  return route.listen
}

type Up = readonly [Proxy, Site, Started]

async function loadAll(up: readonly Up[], { options, say }: Run, into: Table): Promise<void> {
  const wanted = loads.filter(
    ({ name, needs }) => options.figures.includes(name) && isInstalled(needs),
  )
  for (let round = -1; round < options.rounds; round += 1) {
    say(round < 0 ? 'loads, to warm up' : `loads, round ${round + 1} of ${options.rounds}`)
    for (const { route, figure, measure } of wanted) {
      for (const [proxy, site, { pid }] of rotated(up, round + 1)) {
        const value = await measure(pid, portOf(site, route), options.seconds)
        if (round >= 0) into.add(figure, proxy.name, value)
      }
    }
  }
}

/** Places every proxy before the same upstreams and measures them in turn, round after round. */
export async function runRounds(run: Run): Promise<Row[]> {
  const { proxies, folder, options } = run
  const table = new Table()
  const started: Started[] = []
  try {
    const responder = await startResponder(`${folder}/responder`)
    started.push(responder)
    const upstreams = new Map([
      ['http', responder.port],
      [guarded, responder.port],
    ])
    if (isInstalled('iperf3')) {
      const sink = await startSink()
      started.push(sink)
      upstreams.set('bulk', sink.port)
    }
    const placed: Placed[] = []
    for (const proxy of proxies) {
      const routes: Route[] = []
      for (const [name, upstream] of upstreams) {
        routes.push({ name, upstream, listen: await freePort() })
      }
      const site = { folder: `${folder}/${proxy.name}`, routes, adminPort: await freePort() }
      await proxy.prepare(site)
      placed.push([proxy, site])
    }
    if (options.figures.some((name) => name === 'start' || name === 'memory')) {
      await lives(placed, run, table)
    }
    if (options.figures.some((name) => loads.some((load) => load.name === name))) {
      const up: Up[] = []
      for (const [proxy, site] of placed) {
        const running = proxy.start(site)
        started.push(running)
        await until(`${proxy.title} answers`, () => answers(portOf(site, 'http')))
        up.push([proxy, site, running])
      }
      await loadAll(up, run, table)
    }
    return table.rows()
  } finally {
    await Promise.all(started.map((process) => process.stop()))
  }
}
