import type { Summary, Target } from '@kong-ts/pdk'

/** How a connection ended. */
export type AccessEntry = Summary

/** Several endings told in one line: what they have in common, and their sums. */
export interface Repeats {
  readonly repeated: number
  readonly received: number
  readonly sent: number
}

/**
 * One ending as one line of JSON; what is not known is an absent key. With `repeats`, what belongs to a single
 * connection (its port, its name, its times) is left out.
 * @param at when the line is made, milliseconds since the epoch
 */
export function accessLine(entry: AccessEntry, at: number, repeats?: Repeats): string {
  const { received, sent, repeated } = repeats ?? { ...entry.bytes.client, repeated: undefined }
  const single = repeats ? undefined : entry
  return safeJson({
    time: new Date(at).toISOString(),
    started_at: entry.startedAt,
    client_ip: entry.client.address,
    client_port: single?.client.port,
    peer_ip: peerOf(single),
    server_port: entry.listener.port,
    protocol: entry.protocol,
    route: nameOf(entry.route),
    service: nameOf(entry.service),
    sni: single?.hello?.serverName,
    target: targetOf(entry),
    status: entry.status,
    ending: entry.ending,
    reason: entry.reason,
    would_reject: entry.wouldReject,
    received,
    sent,
    latencies: single && wordLatencies(single.latencies),
    revision: entry.revision,
    repeated,
  })
}

/** Whole milliseconds. */
function wordLatencies({ session, kong, queue }: AccessEntry['latencies']) {
  return {
    session: Math.round(session),
    kong: Math.round(kong),
    queue: queue && Math.round(queue),
  }
}

/** The line for endings that were too many different ones to be kept apart. */
export function overflowLine(at: number, repeated: number): string {
  return safeJson({ time: new Date(at).toISOString(), overflow: true, repeated })
}

/** Who has sent the PROXY header, where there was one. */
function peerOf(entry: AccessEntry | undefined): string | undefined {
  return entry?.proxy?.peer.address
}

function nameOf(entity: { id: string; name: string | null } | undefined) {
  return entity && { id: entity.id, name: entity.name ?? undefined }
}

/** What was reached, or tried last. */
function targetOf({ target, tries }: AccessEntry): string | undefined {
  const last = target ?? tries.at(-1)
  return last && targetText(last)
}

function targetText({ host, port }: Target): string {
  if (host.startsWith('unix:')) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * What JSON may hold as it is and yet moves a terminal or splits a line in some readers: DEL and the C1 controls
 * (U+009B starts an escape sequence), the Unicode line ends, and the marks that turn the direction of text.
 */
const unsafe = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** These characters can only stand inside strings of JSON, where an escape means the same. */
function safeJson(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(value).replace(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
