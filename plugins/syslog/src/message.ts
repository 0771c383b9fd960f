import { hostname } from 'node:os'
import { facilities, severities } from './severity.ts'
import type { Facility, Severity } from './severity.ts'

/** Names the kind of message (RFC 5424 section 6.2.7). */
const messageId = 'connection'

/** What the messages of one sender have in common. */
export interface Sender {
  readonly facility: Facility
  readonly app_name: string
}

/**
 * How a sender words messages (RFC 5424 section 6). The text stands without the mark of section 6.4, which would keep
 * receivers from reading it as JSON.
 * @param endedAt milliseconds since the epoch
 */
export function messageWriter(
  { facility, app_name }: Sender,
  host = hostname(),
): (severity: Severity, endedAt: number, text: string) => string {
  const base = facilities[facility] * 8
  const rest = `${printable(host, 255)} ${printable(app_name, 48)} ${process.pid} ${messageId} -`
  return (severity, endedAt, text) =>
    `<${base + severities.indexOf(severity)}>1 ${new Date(endedAt).toISOString()} ${rest} ${text}`
}

/** A message with its length before it, so that it may hold anything (RFC 6587 section 3.4.1, RFC 5425 section 4.3). */
export function frame(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`
}

/** Fields of the header are of visible ASCII; a missing one is a hyphen. */
function printable(value: string, longest: number): string {
  return value.replaceAll(/[^!-~]/g, '').slice(0, longest) || '-'
}
