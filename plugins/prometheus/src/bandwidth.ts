import type { Metrics, Proxying, Summary } from '@kong-ts/pdk'
import { whoseOf, type Whose } from './whose.ts'

/** A connection whose bytes flow, and what has been counted of them. */
interface Live {
  readonly conn: Proxying
  readonly whose: Whose
  received: number
  sent: number
}

export interface Bandwidth {
  /** The bytes of a connection begin to flow. */
  begin(conn: Proxying): void
  /** Counts what has moved since the last look: a session may last for days. */
  look(): void
  /** Counts the rest; also of a session whose bytes never flowed, such as a farewell. */
  end(summary: Summary): void
}

/** Counts the bytes on the client's side. */
export function countBandwidth(metrics: Metrics): Bandwidth {
  const bytes = metrics.counter({
    name: 'kong_bandwidth_bytes',
    help: 'Bytes from clients (ingress) and to clients (egress), per service and route',
    labels: ['service', 'route', 'direction', 'workspace'],
  })
  const live = new Map<string, Live>()
  const add = ({ service, route, workspace }: Whose, direction: string, count: number): void => {
    if (count > 0) bytes.inc({ service, route, direction, workspace }, count)
  }
  const catchUp = (each: Live, { received, sent }: Summary['bytes']['client']): void => {
    add(each.whose, 'ingress', received - each.received)
    add(each.whose, 'egress', sent - each.sent)
    each.received = received
    each.sent = sent
  }
  return {
    begin(conn) {
      const whose = whoseOf(conn.route, conn.service)
      live.set(conn.id, { conn, whose, received: 0, sent: 0 })
    },
    look() {
      for (const each of live.values()) catchUp(each, each.conn.moved().client)
    },
    end({ id, route, service, bytes: { client } }) {
      const known = live.get(id)
      live.delete(id)
      if (known) return catchUp(known, client)
      if (!route) return
      const whose = whoseOf(route, service)
      add(whose, 'ingress', client.received)
      add(whose, 'egress', client.sent)
    },
  }
}
