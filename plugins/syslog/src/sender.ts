import { DatagramSink, StreamSink } from '@kong-ts/pdk'
import type { Losses, TlsConfig } from '@kong-ts/pdk'
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
  /** @throws when nothing was sent, or when it is not known what was */
  send(messages: readonly string[], signal: AbortSignal): Promise<void>
  close(): void
}

/** @param losses hears of datagrams that cannot be sent */
export function openSender(server: Server, losses: Losses): Sender {
  const { host, protocol, port = protocol === 'tls' ? 6514 : 514, timeout, keepalive } = server
  if (protocol === 'udp') {
    const sink = new DatagramSink({ host, port, timeout }, losses)
    return {
      batch: 64,
      send: (messages, signal) => sink.send(messages, signal),
      close: () => sink.close(),
    }
  }
  const tls = protocol === 'tls' ? server : undefined
  const sink = new StreamSink({ host, port, timeout, keepalive, tls })
  return {
    batch: 1000,
    send: (messages, signal) => sink.write(messages.map(frame).join(''), signal),
    close: () => sink.close(),
  }
}
