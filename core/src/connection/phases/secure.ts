import type { Awaitable, Hello, Protocol, TlsDecision } from '@kong-ts/pdk'
import { isTerminate } from '@kong-ts/pdk/host'
import { CertificateError } from '../../certificates/key-pairs.ts'
import type { Route } from '../../entities/rows.ts'
import type { Ending } from '../../errors/endings.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { Answer } from '../../pipeline/walk.ts'
import {
  TransportError,
  type Secured,
  type ServerTls,
  type TransportFailure,
} from '../../transport/transport.ts'
import { after } from '../after.ts'
import { Ended } from '../ended.ts'
import type { Session } from '../session.ts'

/** How the client is asked for a certificate. */
interface Asked {
  readonly clientCertificate: ServerTls['clientCertificate']
  readonly ca: readonly string[]
  readonly allowPartialChain?: boolean
  readonly resumption?: boolean
  readonly alpn: readonly string[]
}

const nothingAsked: Asked = { clientCertificate: 'none', ca: [], alpn: [] }

/** A connection with a route. */
interface Routed {
  readonly session: Session
  readonly route: Route
  readonly protocol: Protocol
}

/** Phase tls: what the plugins or the route decide. A session of a plain route passes as it is. */
export function secure<R extends Routed>(matched: R): Awaitable<R | Ended> {
  const { session, protocol } = matched
  session.closeFirstBytes()
  session.seen.passed(session.age)
  const { hello } = session.seen
  if (protocol === 'tcp' || hello === undefined) return matched
  const decide = (answer: Answer<TlsDecision> | undefined): Awaitable<R | Ended> => {
    const decision = answer?.value
    const terminates = decision ? isTerminate(decision) : protocol === 'tls'
    return terminates ? handshake(matched, hello, askedBy(decision)) : matched
  }
  const answer = session.pipeline.phases.tls(session.walk(session.seen.securing(matched, hello)))
  return after(answer, decide)
}

function askedBy(decision: TlsDecision | undefined): Asked {
  if (!decision || !isTerminate(decision)) return nothingAsked
  const { clientCertificate: asked, alpn = [] } = decision
  if (!asked) return alpn.length === 0 ? nothingAsked : { ...nothingAsked, alpn }
  const { required, ...policy } = asked
  return { ...policy, clientCertificate: required ? 'required' : 'optional', alpn }
}

async function handshake<R extends Routed>(
  matched: R,
  hello: Hello,
  asked: Asked,
): Promise<R | Ended> {
  const { session } = matched
  const context = contextFor(session, hello, asked)
  if (context instanceof Ended) return context
  try {
    const { clientCertificate, alpn } = asked
    const begun = performance.now()
    const patience = { deadline: begun + session.host.limits.handshakeTimeout }
    const secured = await session.inbound.secure({ context, clientCertificate, alpn }, patience)
    session.inbound = secured
    session.seen.secured(secured.tls, performance.now() - begun)
    return mismatch(hello, secured) ?? matched
  } catch (error) {
    if (error instanceof CertificateError) {
      return new Ended('gateway.certificate.failed', error.message)
    }
    if (!(error instanceof TransportError)) throw error
    return new Ended(failures[error.failure] ?? 'client.tls.handshake_failed', error.message)
  }
}

const failures: { readonly [F in TransportFailure]?: Ending } = {
  timeout: 'client.tls.handshake_timeout',
  reset: 'client.reset',
}

function contextFor(session: Session, hello: Hello, asked: Asked): ServerTls['context'] | Ended {
  try {
    return session.host.configuration.tls.select(hello.serverName).context(asked)
  } catch (error) {
    return new Ended('gateway.certificate.failed', messageOf(error))
  }
}

/**
 * A client could name one host in the hello that was routed and another one after a HelloRetryRequest. Before TLS 1.3
 * there is one hello only, and a session that resumes does not tell its name again.
 */
function mismatch({ serverName: routed }: Hello, { tls, serverName }: Secured): Ended | undefined {
  if (tls.version !== 'TLSv1.3' || plainName(serverName) === routed) return undefined
  const why = `routed ${routed ?? 'no name'}, then ${serverName ?? 'no name'}`
  return new Ended('client.tls.sni_mismatch', why)
}

/** As the ClientHello parser words it: lower case, no trailing dot. */
function plainName(name: string | undefined): string | undefined {
  return name?.toLowerCase().replace(/\.$/, '')
}
