import type {
  ChosenTarget,
  Accepted,
  ClientCertificate,
  Direction,
  Matched,
  Proxying,
  RouteFacts,
  ServiceFacts,
  Slots,
  Target,
  TlsFacts,
  Try,
} from '../contexts.ts'
import { containThrows } from '../contain-throws.ts'
import type { Slot } from '../slot.ts'
import type { Terminate } from '../verdicts.ts'
import type { Call } from './dial.ts'
import { drawnOf } from './local-buckets.ts'
import type { Lanes } from './relay.ts'

/** What has become known of a connection on its way through the phases. */
export interface Progress {
  route?: RouteFacts
  service?: ServiceFacts
  tls?: TlsFacts
  target?: Target
  /** What the plugin has said of it. */
  terms?: Pick<ChosenTarget, 'tls' | 'timeouts'> | undefined
  routedAt?: number
  connectedAt?: number
  readonly tries: Try[]
}

export function slotsOf(values: Map<string, unknown>): Slots {
  return {
    set: (slot, value) => void values.set(slot.name, value),
    get: <T>({ name }: Slot<T>) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a slot's name stands for its type
      values.get(name) as T | undefined,
  }
}

export function accept(call: Call, id: string, startedAt: number): Accepted {
  const { client, listener, proxy, slots } = call
  return { id, client, listener, startedAt, ...(proxy && { proxy }), ...slotsOf(slots) }
}

export function match(accepted: Accepted, { route, service, protocol, hello }: Call): Matched {
  return { ...accepted, route, service, protocol, hello }
}

/** The facts of a handshake that the gateway completes with a current client. */
export function handshake(certificate: ClientCertificate | undefined, alpn?: string): TlsFacts {
  const agreed = alpn === undefined ? {} : { alpn }
  const facts = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', ...agreed }
  return certificate === undefined ? facts : { ...facts, clientCertificate: certificate }
}

/** The certificate that the client shows when asked; undefined when nobody asks or it has none. */
export function show(
  { certificate }: Call,
  { clientCertificate: request }: Partial<Terminate>,
): ClientCertificate | undefined {
  return request === undefined ? undefined : certificate
}

export function attach(lanes: Lanes): Pick<Proxying, 'observe' | 'through' | 'throttle' | 'draw'> {
  return {
    observe: (direction, see) => void lanes[direction].observers.push(see),
    through(direction, transform) {
      containThrows(transform)
      lanes[direction].transforms.push(transform)
    },
    draw: (direction, bucket) => void lanes[direction].draws.push(drawnOf(bucket)),
    throttle: (direction: Direction, bytesPerSecond, burst) => {
      for (const [what, value] of Object.entries({ 'bytes per second': bytesPerSecond, burst })) {
        if (value !== undefined && !(value > 0)) {
          throw new RangeError(`throttle(…) takes ${what}, more than 0, not ${value}`)
        }
      }
      lanes[direction].throttle = bytesPerSecond
    },
  }
}
