import type {
  ChosenTarget,
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
import { beginTls, writeTarget } from './dial.ts'
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
  /** What the client has not said yet; another one where a plugin has taken bytes, or TLS has begun. */
  call: Call
  readonly clock: Clock
  readonly accepted: ReturnType<typeof accept>
  readonly lanes: Lanes
  readonly progress: Progress
  relayed: Relayed
  /** What was said and taken in `preread`. */
  early: Early
}

/** What passed between the plugin and the client before the bytes flowed. */
export interface Early {
  readonly said: Buffer
  readonly taken: number
}

/**
 * Walks a connection through the phases up to and including `proxy`, in the gateway's order.
 * @throws Ended where the gateway ends the connection
 */
export async function walk<Config, State>(way: Walk<Config, State>): Promise<void> {
  const { plugin, self, accepted, progress } = way
  const { call } = way
  await ask(plugin.name, 'accept', () => plugin.phases.accept?.(accepted, self))
  progress.route = call.route
  if (call.service) progress.service = call.service
  const routed = match(accepted, call)
  const destination = new Destination(call)
  const startsTls = await preread(way, routed, destination)
  const { service, isChosen } = destination
  if (service === undefined) throw gatewayEnds('gateway.service.none')
  progress.service = service
  if (startsTls) way.call = beginTls(way.call)
  const { protocol, hello } = way.call
  const matched = { ...routed, service, protocol, hello }
  const decision = await decideTls(way, matched)
  const tls = decision && isTerminate(decision) ? secure(way, decision) : undefined
  const targets = isChosen ? [{ host: service.host, port: service.port }] : call.targets
  const target = await connect(way, { ...matched, tls }, targets)
  await proxy(way, { ...matched, tls, target }, decision === passthrough)
}

/** @returns whether the client begins TLS now */
async function preread<C, S>(
  way: Walk<C, S>,
  matched: Matched,
  destination: Destination,
): Promise<boolean> {
  const { plugin, self, call } = way
  const plain = call.hello === undefined
  let startsTls = false
  const look = peekAt(plain ? call.chunks : [call.opening], plain && call.ends)
  const seen = {
    ...matched,
    peek: (atLeast: number) => look.peek(atLeast),
    forward: (to: Forwarding) => destination.forward(to),
    take: async (count: number) => look.take(plainly(plain, 'take(n)', count)),
    say: async (bytes: Uint8Array | string) => look.say(plainly(plain, 'say(bytes)', bytes)),
    startTls: () => void (startsTls = plainly(plain, 'startTls()', true)),
    left: call.left,
  }
  try {
    await ask(plugin.name, 'preread', () => plugin.phases.preread?.(seen, self))
  } catch (error) {
    throw look.expired ?? error
  } finally {
    look.close()
    way.early = { said: Buffer.concat(look.said), taken: look.taken }
    if (plain) way.call = { ...call, chunks: look.rest }
  }
  if (look.expired) throw look.expired
  return startsTls
}

function plainly<T>(isPlain: boolean, what: string, value: T): T {
  if (isPlain) return value
  throw new Error(`${what} is for plain connections, and this one speaks TLS`)
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
  const alpn = agreeOn(call, decision)
  const tls = handshake(shown, alpn)
  progress.tls = tls
  return tls
}

/** The protocol that both sides speak, as the gateway prefers it; undefined where either names none. */
function agreeOn({ alpn: offered }: Call, decision: TlsDecision): string | undefined {
  const { alpn: own = [] } = isTerminate(decision) ? decision : {}
  if (own.length === 0 || offered.length === 0) return undefined
  const agreed = own.find((name) => offered.includes(name))
  if (agreed === undefined) {
    throw gatewayEnds('client.tls.handshake_failed', 'no application protocol')
  }
  return agreed
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
    const seen = { ...facts, targets, failed: count, left: call.left }
    const answer = await ask(plugin.name, 'balance', () => plugin.phases.balance?.(seen, self))
    const { host, port, tls, timeouts }: ChosenTarget = answer ?? first
    // Only what a target is: a plugin's object may carry more.
    const target: Target = { host, port }
    progress.terms = answer && { tls, timeouts }
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
  way.relayed = await relay(lanes, upload, call.reply, call.repliesAtOnce)
  if (way.relayed.error !== undefined) throw failed(plugin.name, 'proxy', way.relayed.error)
}

function gatewayEnds(ending: string, reason?: string): Ended {
  return new Ended({ outcome: 'failed', ending, ...(reason !== undefined && { reason }) })
}

function isSame(one: Target, other: Target): boolean {
  return one.host === other.host && one.port === other.port
}
