import { X509Certificate } from 'node:crypto'
import {
  definePlugin,
  reject,
  slot,
  terminate,
  type Balancing,
  type ClientCertificate,
  type Rejection,
  type Slot,
  type Terminate,
} from '@kong-ts/pdk'
import { AllowList, faultOfAllowed, type Allowed } from './allow-list.ts'
import { identity } from './identity.ts'
import { faultOfLists, hasLists, openRevocation } from './open-revocation.ts'
import type { Revocation } from './revocation.ts'
import type { Standing } from './revocation-lists.ts'
import { schema, type Config } from './schema.ts'

export { identity, type Identity } from './identity.ts'

/** How far a connection has come with an instance of this plugin. */
type Progress = 'asked' | 'admitted'

interface State {
  readonly request: Terminate
  readonly allowed: AllowList
  /** Undefined: no list is looked at. */
  readonly revocation: Revocation | undefined
  readonly progress: Slot<Progress>
  readonly timer: NodeJS.Timeout | undefined
}

export default definePlugin({
  name: 'mtls-auth',
  version: '0.1.0',
  priority: 1600,
  protocols: ['tls'],
  description: 'Lets in clients by their certificates',
  schema,
  check: (config) => faultOfLists(config) ?? faultOfAllowed(allowedIn(config)),
  async setup(kit): Promise<State> {
    const { config, id } = kit
    const { ca_certificates: ca, client_certificate, allow_partial_chain } = config
    const isChecked = config.revocation_check_mode !== 'SKIP' && hasLists(config)
    const revocation = isChecked ? await openRevocation(config, kit) : undefined
    const request = terminate({
      clientCertificate: {
        required: client_certificate === 'required',
        ca,
        allowPartialChain: allow_partial_chain,
        // A session that is resumed does not tell who issued its certificate, and that may be revoked, too.
        resumption: !isChecked,
      },
    })
    const progress = slot<Progress>(`mtls-auth ${id}`)
    const reload = (): void => void revocation?.reload()
    return {
      request,
      allowed: new AllowList(allowedIn(config)),
      revocation,
      progress,
      timer: revocation && setInterval(reload, config.crl_reload * 1000).unref(),
    }
  },
  phases: {
    tls(conn, { state: { request, progress } }) {
      conn.set(progress, 'asked')
      return request
    },
    balance(conn, { config, state, clock }) {
      // It is asked again after a failed connect, and whoever is in is in.
      if (conn.get(state.progress) === 'admitted') return undefined
      const shown = conn.tls?.clientCertificate
      const refusal = refusalOf(conn, state, config, clock.now())
      if (!shown || refusal !== undefined)
        return refusal === undefined ? undefined : reject(refusal)
      const standing = state.revocation?.standingOf(shown)
      if (standing instanceof Promise) {
        return standing.then((late) => admit(conn, state, config, shown, late))
      }
      return admit(conn, state, config, shown, standing)
    },
  },
  teardown: ({ timer }) => clearInterval(timer),
})

const notAsked = 'another plugin has decided how TLS ends, so that nobody asked for a certificate'
const none = 'the client has shown no certificate'

function admit(
  conn: Balancing,
  { progress }: State,
  { revocation_check_mode: mode }: Config,
  { subject, names, fingerprint }: ClientCertificate,
  standing: Standing | undefined,
): Rejection | undefined {
  if (standing?.is === 'revoked') return reject(`the certificate is revoked: ${standing.subject}`)
  if (standing?.is === 'unknown' && mode === 'STRICT') {
    return reject(`it is not known whether the certificate is revoked: ${standing.why}`)
  }
  conn.set(progress, 'admitted')
  conn.set(identity, { subject, names, fingerprint })
  return undefined
}

/** Why a client is refused, whatever the revocation lists say. */
function refusalOf(
  conn: Balancing,
  { progress, allowed }: State,
  { client_certificate }: Config,
  now: number,
): string | undefined {
  const { tls } = conn
  // Another plugin that has decided how TLS ends here may have trusted others than this one does.
  if (!tls || conn.get(progress) !== 'asked') return notAsked
  const shown = tls.clientCertificate
  if (!shown) return client_certificate === 'required' ? none : undefined
  const { failure = failureOf(shown, tls.resumed === true, now), subject } = shown
  if (failure !== undefined) return `the client certificate is refused: ${failure}`
  return allowed.has(shown) ? undefined : `the client certificate is not allowed: ${subject}`
}

function failureOf(
  { verified, pem }: ClientCertificate,
  isResumed: boolean,
  now: number,
): string | undefined {
  if (!verified) return 'no authority vouches for it'
  // What was valid when the session began need not be so now.
  const hasExpired = isResumed && new X509Certificate(pem).validToDate.getTime() < now
  return hasExpired ? 'CERT_HAS_EXPIRED' : undefined
}

function allowedIn(config: Config): Allowed {
  const { allowed_names: names = [], allowed_subjects: subjects = [] } = config
  return { names, subjects, fingerprints: config.allowed_fingerprints ?? [] }
}
