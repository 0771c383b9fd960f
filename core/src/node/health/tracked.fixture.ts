import { fakeClock } from '../../balancing/dns/clock.fixture.ts'
import type { Report } from '../../balancing/health/peer-state.ts'
import { readChecks } from '../../balancing/health/checks.ts'
import { Slots } from '../../balancing/health/slots.ts'
import type { ToWorker } from '../../balancing/messages.ts'
import type { Answer, Names } from '../../balancing/names.ts'
import { withMark, type Mark } from '../../entities/plan-mark.ts'
import { world } from '../../entities/plan.fixture.ts'
import type { TargetRow, Upstream } from '../../entities/rows.ts'
import { logOf } from '../node.fixture.ts'
import type { Finding } from './probe.ts'
import { TrackedUpstream } from './tracked-upstream.ts'

/** For the tests: names that lead where they are told to. */
export function movingNames() {
  const answers = new Map<string, Answer>()
  const watchers = new Set<{ readonly host: string; readonly tell: (answer: Answer) => void }>()
  const names: Names = {
    resolve: (host) => answers.get(host) ?? literal(host),
    watch(host, tell) {
      const watcher = { host, tell }
      watchers.add(watcher)
      const known = answers.get(host)
      if (known) tell(known)
      else if (/^[\d.]+$/.test(host)) tell(literal(host))
      return { close: () => void watchers.delete(watcher) }
    },
  }
  return {
    names,
    watching: () => [...watchers].map(({ host }) => host),
    lead: (host: string, ...ips: readonly string[]) => {
      const answer: Answer = { type: 'A', addresses: ips.map((ip) => ({ ip })) }
      answers.set(host, answer)
      for (const watcher of watchers) if (watcher.host === host) watcher.tell(answer)
    },
  }
}

function literal(ip: string): Answer {
  return { type: 'A', addresses: [{ ip }] }
}

/** For the tests: an upstream whose probes find what they are told to, at a time that passes when it is told to. */
export function tracking(healthchecks: object, upstream: object = {}) {
  const { set, create, patch } = world()
  const body = { name: 'pool.test', healthchecks, ...upstream }
  const id = String(create('upstreams', body)['id'])
  const row = (): Upstream => {
    const found = set.get('upstreams', id)
    if (!found) throw new Error('no upstream')
    return found
  }
  const clock = fakeClock()
  const moving = movingNames()
  const { log, lines } = logOf()
  const told: ToWorker[] = []
  const findings = new Map<string, Finding>()
  const probes: string[] = []
  const around = {
    names: moving.names,
    clock,
    random: () => 0.5,
    epoch: () => 1_000_000 + clock.now(),
    slots: new Slots(100),
    log,
    async probe({
      ip,
      port,
      host,
      hostHeader,
    }: Record<'ip' | 'host' | 'hostHeader', string> & { port: number }) {
      const peer = `${ip}:${port}`
      probes.push(`${peer} ${host} ${hostHeader}`)
      return findings.get(peer) ?? { report: 'success' as const, why: 'connected' }
    },
    tell: (message: ToWorker) => void told.push(message),
  }
  const tracked = new TrackedUpstream(row(), readChecks(row()), around)
  const add = (target: string, weight = 100): TargetRow => {
    const made = create('targets', { target, weight, upstream: { id } })
    const found = set.get('targets', String(made['id']))
    if (!found) throw new Error('no target')
    tracked.targets.put(found)
    return found
  }
  return {
    tracked,
    around,
    add,
    told,
    lines,
    probes,
    clock,
    ...moving,
    /** From now on probes of the peer find this. */
    find: (peer: string, report: Report | undefined, why = 'found') =>
      void findings.set(peer, { report, why }),
    fault: (peer: string) =>
      void findings.set(peer, { report: undefined, why: 'EMFILE', ownFault: true }),
    mark(target: TargetRow, mark: Mark): TargetRow {
      const marked = withMark(target, mark)
      tracked.targets.put(marked)
      return marked
    },
    configure(change: object) {
      patch('upstreams', id, { ...change })
      tracked.configure(row(), readChecks(row()))
    },
    /** In steps, so that probes have an end. */
    async pass(milliseconds: number) {
      for (let passed = 0; passed < milliseconds; passed += 100) {
        clock.pass(100)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    /** What was told of the health of peers since the last look. */
    news: () =>
      told.splice(0).flatMap((message) => (message.type === 'health' ? message.peers : [])),
  }
}

/** For the tests: probes every second, of which two decide. */
export const everySecond = {
  active: {
    type: 'tcp',
    jitter: 0,
    healthy: { interval: 1, successes: 2 },
    unhealthy: { interval: 1, tcp_failures: 2, timeouts: 3 },
  },
}
