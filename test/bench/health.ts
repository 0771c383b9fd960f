import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { median, table } from './figures.ts'
import { post } from './cluster-nodes.ts'
import { makeUpstream, startGateway, startTarget, type Gateway } from './health-site.ts'
import { describeMachine } from './machine.ts'

/**
 * `npm run bench:health`: how soon a dead target is found out, which connections are lost when one of three is
 * killed under load, and what probes cost.
 */
const deaths = 20
/** Seconds. */
const interval = 0.5
const failures = 2
const rate = 1000
const loadSeconds = 10
const many = 1000
/** A handshake costs the target a millisecond, too. */
const manyTls = 200
const costSeconds = 10

const checks = {
  active: {
    type: 'tcp',
    healthy: { interval, successes: 1 },
    unhealthy: { interval, tcp_failures: failures },
  },
}

const gateway = await startGateway(2)
try {
  const detections = await measureDetections()
  process.stderr.write(`${deaths} deaths found out\n`)
  const load = await measureLoss()
  process.stderr.write(`${load.made} connections made\n`)
  const idle = await cpuOf(gateway, costSeconds)
  const costs: Cost[] = []
  for (const kind of ['tcp', 'http', 'tls'] as const) {
    costs.push(await measureCost(kind))
    process.stderr.write(`${kind} probes made\n`)
  }
  const page = describe(detections, load, idle, costs)
  writeFileSync(new URL('RESULTS-HEALTH.md', import.meta.url), page)
  process.stdout.write(page)
} finally {
  await gateway.stop()
}

/** In intervals, from SIGKILL to UNHEALTHY, at a random time between two probes. */
async function measureDetections(): Promise<readonly number[]> {
  const measured: number[] = []
  for (let death = 0; death < deaths; death++) {
    const target = await startTarget('hello')
    const name = `death-${death}.test`
    await makeUpstream(gateway, name, checks, [`127.0.0.1:${target.port}`])
    await pause((1 + Math.random()) * interval * 1000)
    target.child.kill('SIGKILL')
    const killed = performance.now()
    while ((await gateway.health(name))[0]?.health !== 'UNHEALTHY') await pause(2)
    measured.push((performance.now() - killed) / 1000 / interval)
    await gateway.write('DELETE', `/upstreams/${name}`)
  }
  return measured
}

interface Loss {
  readonly made: number
  /** Not over when the target was killed. */
  readonly underWay: number
  /** Begun before the target was killed: they may have been on it. */
  readonly lostBefore: number
  /** Begun later: another try saves them. */
  readonly lostAfter: number
}

/** Connections that say something and wait for an answer, while one of three targets is killed. */
async function measureLoss(): Promise<Loss> {
  const targets = await Promise.all([1, 2, 3].map(() => startTarget('hello')))
  const addresses = targets.map(({ port }) => `127.0.0.1:${port}`)
  await makeUpstream(gateway, 'load.test', checks, addresses)
  await post(gateway.admin, '/services', { name: 's', protocol: 'tcp', host: 'load.test', port: 1 })
  const destinations = [{ port: gateway.port }]
  await post(gateway.admin, '/services/s/routes', { protocols: ['tcp'], destinations })
  const lost: number[] = []
  const waiting: Promise<void>[] = []
  const begun = performance.now()
  let [killed, underWay, over] = [Infinity, 0, 0]
  const [victim] = targets
  const kill = (): void => {
    underWay = waiting.length - over
    victim?.child.kill('SIGKILL')
    // Until it is gone the kernel may let connections in.
    victim?.child.once('exit', () => (killed = performance.now()))
  }
  setTimeout(kill, (loadSeconds * 1000) / 2)
  while (performance.now() < begun + loadSeconds * 1000) {
    const due = ((performance.now() - begun) / 1000) * rate
    while (waiting.length < due) {
      const from = performance.now()
      const dialled = isAnswered(gateway.port).then((answered) => {
        over += 1
        if (!answered) lost.push(from)
      })
      waiting.push(dialled)
    }
    await pause(1)
  }
  await Promise.all(waiting)
  for (const { child } of targets) child.kill('SIGKILL')
  const lostAfter = lost.filter((from) => from > killed).length
  return { made: waiting.length, underWay, lostBefore: lost.length - lostAfter, lostAfter }
}

function isAnswered(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('hi'))
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(heard === 'hello'))
  })
}

interface Cost {
  readonly kind: string
  readonly perSecond: number
  /** Of one processor. */
  readonly cpu: number
}

async function measureCost(type: 'tcp' | 'http' | 'tls'): Promise<Cost> {
  const target = await startTarget(type === 'tcp' ? 'hello' : type)
  const healthchecks = {
    active: {
      type,
      timeout: 10,
      concurrency: many,
      https_verify_certificate: false,
      healthy: { interval: 1, successes: 1 },
      unhealthy: { interval: 1, tcp_failures: 3, timeouts: 3, http_failures: 3 },
    },
  }
  const count = type === 'tls' ? manyTls : many
  const hosts = Array.from(
    { length: count },
    (_, n) => `127.${1 + Math.floor(n / 250)}.0.${1 + (n % 250)}`,
  )
  const addresses = hosts.map((host) => `${host}:${target.port}`)
  await makeUpstream(gateway, 'many.test', healthchecks, addresses)
  await pause(3000)
  const before = await target.accepted()
  const cpu = await cpuOf(gateway, costSeconds)
  const perSecond = ((await target.accepted()) - before) / costSeconds
  const unwell = (await gateway.health('many.test')).filter(({ health }) => health !== 'HEALTHY')
  if (unwell.length > 0) throw new Error(`${unwell.length} targets are not healthy`)
  await gateway.write('DELETE', '/upstreams/many.test')
  const gone = once(target.child, 'exit')
  target.child.disconnect()
  await gone
  return { kind: type, perSecond, cpu }
}

/** The share of one processor that the supervisor uses. */
async function cpuOf(of: Gateway, seconds: number): Promise<number> {
  const [before, begun] = [of.supervisorCpu(), performance.now()]
  await pause(seconds * 1000)
  return (of.supervisorCpu() - before) / 1000 / (performance.now() - begun)
}

function describe(
  detections: readonly number[],
  { made, underWay, lostBefore, lostAfter }: Loss,
  idle: number,
  costs: readonly Cost[],
): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const each = ({ cpu, perSecond }: Cost) => Math.round(((cpu - idle) * 1e6) / perSecond)
  return [
    '# What health checks find, and what they cost',
    '',
    ...['Command: `npm run bench:health`', ...describeMachine()].map((fact) => `- ${fact}`),
    '',
    `A target that is killed (SIGKILL) between two probes, ${deaths} times, with \`interval: ${interval}\` and`,
    `\`tcp_failures: ${failures}\`: it is UNHEALTHY after ${median(detections).toFixed(2)} intervals (median),`,
    `${Math.max(...detections).toFixed(2)} at worst.`,
    '',
    `${made} connections at ${rate} a second over three targets, of which one is killed halfway: of those begun`,
    `before the kill, ${underWay} of which were under way, ${lostBefore} were lost, of those begun later ${lostAfter}.`,
    '',
    `Probes of ${many} targets (TLS: ${manyTls}) every second, as processor time of the supervisor`,
    `(${percent(idle)} without probes):`,
    '',
    table([
      ['probe', 'made per second', 'of one processor', 'µs each'],
      ...costs.map((cost) => [
        cost.kind,
        cost.perSecond.toFixed(0),
        percent(cost.cpu),
        String(each(cost)),
      ]),
    ]),
    '',
  ].join('\n')
}
