import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import type { ProbePlan } from '../../balancing/health/checks.ts'
import { expectationOf } from '../../balancing/health/expectation.ts'
import { httpRequest, readStatus } from '../../balancing/health/http-exchange.ts'
import type { Report } from '../../balancing/health/peer-state.ts'
import { codeOf } from '../../errors/code-of.ts'
import { messageOf } from '../../errors/message-of.ts'

/** What a probe has found. */
export interface Finding {
  /** Undefined where nothing follows from it. */
  readonly report: Report | undefined
  readonly why: string
  /** The machine could not even ask. */
  readonly ownFault?: boolean
}

export interface ProbeTarget {
  readonly ip: string
  readonly port: number
  /** The server name that TLS asks for, unless the plan has another. */
  readonly host: string
  /** What HTTP asks for. */
  readonly hostHeader: string
}

/** What a chunk of the answer leads to; undefined waits for more. */
type Hear = (chunk: Buffer) => Finding | undefined

/** Milliseconds that a peer has to end its side. */
const lingering = 1_000

/** The machine has run out of something: that says nothing of the peer. */
const ownFaults: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EADDRNOTAVAIL',
])

/**
 * Looks once whether a peer does what is expected of it. The connection is closed whatever comes of it.
 * @param context the authorities and the certificate for TLS
 */
export function probe(
  target: ProbeTarget,
  plan: ProbePlan,
  context: () => SecureContext,
): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = attempt(() => dial(target, plan, context))
    if (socket instanceof Error) {
      resolve({ report: undefined, why: socket.message, ownFault: true })
      return
    }
    let isOver = false
    const settle = (finding: Finding): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      if (isLost(finding)) socket.destroy()
      else leave(socket)
      resolve(finding)
    }
    const late = (): void => settle(found('timeout', `no answer within ${plan.timeout} ms`))
    socket.unref()
    // What has come in while this process was busy is heard before time is called.
    const timer = setTimeout(() => setImmediate(late), plan.timeout).unref()
    socket.on('error', (error) => settle(failed(error)))
    socket.on('close', () => settle(found('tcp_failure', 'it closed the connection')))
    socket.once(plan.tls ? 'secureConnect' : 'connect', () => {
      const [bytes, hear] = converse(target, plan)
      if (bytes) socket.write(bytes)
      if (!hear) settle(found('success', 'connected'))
      else socket.on('data', (chunk: Buffer) => hearWith(hear, chunk, settle))
    })
  })
}

function isLost({ report }: Finding): boolean {
  return report === 'tcp_failure' || report === 'timeout'
}

/** Says goodbye and hears the peer out, which would find an abrupt end worth a line in its log. */
function leave(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), lingering).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.removeAllListeners('data').resume().end()
}

/** A certificate and a key that do not fit, say, cannot even be tried. */
function attempt(act: () => Socket): Socket | Error {
  try {
    return act()
  } catch (error) {
    return new Error(messageOf(error), { cause: error })
  }
}

function hearWith(hear: Hear, chunk: Buffer, settle: (finding: Finding) => void): void {
  const finding = hear(chunk)
  if (finding) settle(finding)
}

function dial(
  { ip, port, host }: ProbeTarget,
  plan: ProbePlan,
  context: () => SecureContext,
): Socket {
  if (!plan.tls) return connect({ host: ip, port })
  const name = plan.sni ?? host
  return connectTls({
    host: ip,
    port,
    secureContext: context(),
    rejectUnauthorized: plan.verify,
    // RFC 6066 section 3: an address is not a server name; the certificate is held against it all the same.
    ...(isIP(name) === 0 && { servername: name }),
  })
}

/** What to say, and what to do with the answer, if there is to be one. */
function converse(
  { hostHeader }: ProbeTarget,
  plan: ProbePlan,
): readonly [Buffer | undefined, Hear | undefined] {
  if (plan.http) return [httpRequest(plan, hostHeader), hearStatus(plan)]
  const expectation = expectationOf(plan)
  const hear: Hear = (chunk) => {
    const met = expectation?.hear(chunk)
    if (met === undefined) return undefined
    return met ? found('success', 'answered') : found('tcp_failure', 'the answer is another one')
  }
  return [plan.send, expectation && hear]
}

function hearStatus(plan: ProbePlan): Hear {
  const reader = readStatus()
  return (chunk) => {
    const status = reader.hear(chunk)
    if (status === undefined) return undefined
    if (status === 0) return found('tcp_failure', 'the answer is not HTTP')
    return { report: plan.verdict(status), why: `status ${status}` }
  }
}

function failed(error: Error): Finding {
  const code = codeOf(error)
  if (ownFaults.has(code)) return { report: undefined, why: error.message, ownFault: true }
  return found(code === 'ETIMEDOUT' ? 'timeout' : 'tcp_failure', error.message || code)
}

function found(report: Report, why: string): Finding {
  return { report, why }
}
