import type { Ending } from '../../errors/endings.ts'
import { readProxyHeader, type ParsedProxy } from '../../routing/proxy-header/read-header.ts'
import type { ProxyHeader } from '../../routing/proxy-header/proxy-header.ts'
import { TransportError, type TransportFailure } from '../../transport/transport.ts'
import { Ended } from '../ended.ts'
import type { Session } from '../session.ts'

/**
 * Reads the PROXY header that a connection has to begin with, and takes it away: from here on the connection is the
 * client's. Undefined: it goes on. It is never guessed whether there is a header, and a second one is the client's.
 */
export async function identify(session: Session): Promise<Ended | undefined> {
  const { inbound, host } = session
  const { address } = inbound.remote
  if (!host.senders.has(address)) {
    return new Ended('client.proxy.untrusted', `${address} is not among trusted_ips`)
  }
  const received = await receive(session)
  if (received instanceof Ended) return received
  inbound.skip(received.length)
  adopt(session, received.header)
  return undefined
}

type Received = Extract<ParsedProxy, { kind: 'header' }>

async function receive({ inbound, born, host }: Session): Promise<Received | Ended> {
  const patience = { deadline: born + host.limits.proxyTimeout }
  try {
    for (let atLeast = 1; ;) {
      const { bytes, ended } = await inbound.peek(atLeast, patience)
      const parsed = readProxyHeader(bytes)
      if (parsed.kind === 'header') return parsed
      if (parsed.kind === 'malformed') return new Ended('client.proxy.malformed', parsed.reason)
      if (ended) return new Ended('client.proxy.closed')
      atLeast = parsed.atLeast
    }
  } catch (error) {
    const ending = error instanceof TransportError ? endings[error.failure] : undefined
    if (ending === undefined) throw error
    return new Ended(ending)
  }
}

const endings: { readonly [F in TransportFailure]?: Ending } = {
  timeout: 'client.proxy.timeout',
  closed: 'client.proxy.closed',
}

/** Where the header names nobody, the socket's own addresses count. */
function adopt(session: Session, { version, addresses, tlvs }: ProxyHeader): void {
  const { remote, local } = session.inbound
  const destination = addresses?.destination ?? local
  session.introduce(addresses?.source ?? remote, { version, peer: remote, destination, tlvs })
}
