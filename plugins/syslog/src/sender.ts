import { DatagramSink, StreamSink } from '@kong-ts/pdk'
import type { Log, Loss, TlsConfig } from '@kong-ts/pdk'
import { frame } from './message.ts'

export interface Server extends TlsConfig {
  readonly host: string
  readonly port?: number | undefined
  readonly protocol: 'udp' | 'tcp' | 'tls'
  readonly timeout: number
  readonly keepalive: number
}

/** What brings messages to a server. */
export interface Sender {
  /** How many go in one delivery. */
  readonly batch: number
  /** Answers with what was lost. @throws when nothing was sent, or when it is not known what was */
  send(messages: readonly string[], signal: AbortSignal): Promise<readonly Loss[] | void>
  close(): void
}

/** Of RFC 5426 section 3.3, of custom (RFC 6587 section 3.4 names none), and of RFC 5425 section 4.1. */
export const standardPorts = { udp: 514, tcp: 514, tls: 6514 } as const

/** @param trusted what the kit has of that name */
export function openSender(
  server: Server,
  trusted: readonly string[] | undefined,
  log: Log,
): Sender {
  const { host, protocol, port = standardPorts[protocol], timeout, keepalive } = server
  if (protocol === 'udp') {
    const sink = new DatagramSink({ host, port, timeout })
    return {
      batch: 64,
      send: (messages, signal) => sink.send(messages, signal),
      close: () => sink.close(),
    }
  }
  const tls = protocol === 'tls' ? server : undefined
  const sink = new StreamSink({ host, port, timeout, keepalive, tls, trusted, log })
  return {
    batch: 1000,
    send: (messages, signal) => sink.write(messages.map(frame).join(''), signal),
    close: () => sink.close(),
  }
}
