import type {
  ClientCertificate,
  Forwarding,
  Matched,
  ServiceFacts,
  Target,
  TlsFacts,
} from '../contexts.ts'
import type { Clock } from '../kit.ts'
import type { Instance, Plugin } from '../plugin.ts'
import { isTerminate, passthrough, terminate } from '../verdicts.ts'
import type { TlsDecision } from '../verdicts.ts'
import { ask, failed } from './ask.ts'
import { accept, attach, handshake, match, show } from './connection.ts'
import type { Progress } from './connection.ts'
import { writeTarget } from './dial.ts'
import type { Call } from './dial.ts'
import { Ended } from './fate.ts'
import { Destination } from './forward.ts'
import { peekAt } from './peek.ts'
import { relay } from './relay.ts'
import type { Lanes, Relayed } from './relay.ts'

/** One connection on its way, and what becomes known of it. */
export interface Walk<Config, State> {
  readonly plugin: Plugin<Config, State>
  readonly self: Instance<Config, State>
  readonly call: Call
  readonly clock: Clock
  readonly accepted: ReturnType<typeof accept>
  readonly lanes: Lanes
  readonly progress: Progress
  relayed: Relayed
}

/**
 * Walks a connection through the phases up to and including `proxy`, in the gateway's order.
 * @throws Ended where the gateway ends the connection
 */
export async function walk<Config, State>(way: Walk<Config, State>): Promise<void> {
  const { plugin, self, call, accepted, progress } = way
  await ask(plugin.name, 'accept', () => plugin.phases.accept?.(accepted, self))
  progress.route = call.route
  if (call.service) progress.service = call.service
  const routed = match(accepted, call)
  const destination = new Destination(call)
  await preread(way, routed, destination)
  const { service, isChosen } = destination
  if (service === undefined) throw gatewayEnds('gateway.service.none')
  progress.service = service
  const matched = { ...routed, service }
  const decision = await decideTls(way, matched)
  const tls = decision && isTerminate(decision) ? secure(way, decision) : undefined
  const targets = isChosen ? [{ host: service.host, port: service.port }] : call.targets
  const target = await connect(way, { ...matched, tls }, targets)
  await proxy(way, { ...matched, tls, target }, decision === passthrough)
}

async function preread<C, S>(
  { plugin, self, call }: Walk<C, S>,
  matched: Matched,
  destination: Destination,
): Promise<void> {
  const plain = call.hello === undefined
  const look = peekAt(plain ? call.chunks : [call.opening], plain && call.ends)
  const seen = {
    ...matched,
    peek: (atLeast: number) => look.peek(atLeast),
    forward: (to: Forwarding) => destination.forward(to),
  }
  try {
    await ask(plugin.name, 'preread', () => plugin.phases.preread?.(seen, self))
  } catch (error) {
    throw look.expired ?? error
  } finally {
    look.close()
  }
  if (look.expired) throw look.expired
}

/** Undefined on a plain connection; without an answer the route's protocol decides. */
async function decideTls<C, S>(
  { plugin, self, call }: Walk<C, S>,
  matched: Matched,
): Promise<TlsDecision | undefined> {
  const { hello } = call
  if (hello === undefined) return undefined
  const answer = await ask(plugin.name, 'tls', () =>
    plugin.phases.tls?.({ ...matched, hello }, self),
  )
  return answer ?? (call.protocol === 'tls' ? terminate() : passthrough)
}

function secure<C, S>({ call, progress }: Walk<C, S>, decision: TlsDecision): TlsFacts {
  const request = isTerminate(decision) ? decision.clientCertificate : undefined
  const shown = show(call, isTerminate(decision) ? decision : {})
  if (request?.required && !shown?.verified) {
    throw gatewayEnds('client.tls.handshake_failed', unacceptable(shown))
  }
  const tls = handshake(shown)
  progress.tls = tls
  return tls
}

/** In the words of the gateway. */
function unacceptable(shown: ClientCertificate | undefined): string {
  if (shown === undefined) return 'peer did not return a certificate'
  return `the client certificate is refused: ${shown.failure ?? 'not verified'}`
}

/** Asks for a target until one connects, none is left or the service's retries are used up. */
async function connect<C, S>(
  { plugin, self, call, clock, progress }: Walk<C, S>,
  facts: Matched & { service: ServiceFacts; tls: TlsFacts | undefined },
  untried: readonly Target[],
): Promise<Target> {
  let [first, ...rest] = untried
  let last = gatewayEnds('gateway.target.none')
  for (let count = 0; count <= call.retries && first !== undefined; count++) {
    const targets: [Target, ...Target[]] = [first, ...rest]
    const seen = { ...facts, targets, failed: count }
    const answer = await ask(plugin.name, 'balance', () => plugin.phases.balance?.(seen, self))
    const { host, port } = answer ?? first
    // Only what a target is: a plugin's object may carry more.
    const target: Target = { host, port }
    const attempt = { ...target, startedAt: clock.now(), duration: 0 }
    if (!call.failing.some((each) => isSame(each, target))) {
      progress.tries.push(attempt)
      progress.target = target
      progress.connectedAt = clock.now()
      return target
    }
    const failure = 'upstream.connect.refused'
    progress.tries.push({ ...attempt, failure })
    last = gatewayEnds(failure, `connect ECONNREFUSED ${writeTarget(target)}`)
    ;[first, ...rest] = targets.filter((each) => !isSame(each, target))
  }
  throw last
}

async function proxy<C, S>(
  way: Walk<C, S>,
  facts: Matched & { service: ServiceFacts; tls: TlsFacts | undefined; target: Target },
  isOpaque: boolean,
): Promise<void> {
  const { plugin, self, call, lanes } = way
  const seen = { ...facts, ...attach(lanes) }
  await ask(plugin.name, 'proxy', () => plugin.phases.proxy?.(seen, self))
  const upload = isOpaque ? [call.opening, ...call.chunks] : call.chunks
  const ended = (reason: string): Ended =>
    new Ended({ outcome: 'ended', ending: `plugin.${plugin.name}.ended`, reason })
  way.relayed = await relay(lanes, upload, call.reply, call.repliesAtOnce, ended)
  const { error } = way.relayed
  if (error instanceof Ended) throw error
  if (error !== undefined) throw failed(plugin.name, 'proxy', error)
}

function gatewayEnds(ending: string, reason?: string): Ended {
  return new Ended({ outcome: 'failed', ending, ...(reason !== undefined && { reason }) })
}

function isSame(one: Target, other: Target): boolean {
  return one.host === other.host && one.port === other.port
}
