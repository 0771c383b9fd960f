import { formats } from './schema/formats.ts'

/** What is wrong with a target that a plugin answers with, if anything is. */
export function faultOfTarget(answer: unknown): string | undefined {
  if (!isRecord(answer)) return 'the answer is no target'
  const { host, port, tls, timeouts } = answer
  if (typeof host !== 'string' || host === '') return 'the target has no host'
  if (!isWithin(port, 0, 65_535)) return 'the target has no port'
  return faultOfTls(tls) ?? faultOfTimeouts(timeouts)
}

type Check = (value: unknown) => string | undefined

const tlsFields: Readonly<Record<string, Check>> = {
  serverName: (name) =>
    typeof name === 'string' && formats['host']?.accepts(name) ? undefined : 'is no host name',
  verify: (value) => (typeof value === 'boolean' ? undefined : 'is neither true nor false'),
  ca: (list) => (isCertificates(list) ? undefined : 'is no list of certificates in PEM'),
}

const longest = 2_147_483_646
const milliseconds: Check = (value) =>
  isWithin(value, 1, longest) ? undefined : `is not between 1 and ${longest} milliseconds`

const timeoutFields: Readonly<Record<string, Check>> = {
  connect: milliseconds,
  read: milliseconds,
  write: milliseconds,
}

function faultOfTls(tls: unknown): string | undefined {
  if (tls === undefined || tls === false) return undefined
  return faultOfFields('tls', tls, tlsFields)
}

function faultOfTimeouts(timeouts: unknown): string | undefined {
  return timeouts === undefined ? undefined : faultOfFields('timeouts', timeouts, timeoutFields)
}

/** A field that nobody knows is a mistake: that of a name would otherwise go without the verification it asks for. */
function faultOfFields(
  what: string,
  value: unknown,
  known: Readonly<Record<string, Check>>,
): string | undefined {
  if (!isRecord(value)) return `the target's ${what} is no object`
  for (const [name, given] of Object.entries(value)) {
    const check = Object.hasOwn(known, name) ? known[name] : undefined
    if (!check)
      return `the target's ${what}.${name} is unknown; there are ${Object.keys(known).join(', ')}`
    const fault = given === undefined ? undefined : check(given)
    if (fault !== undefined) return `the target's ${what}.${name} ${fault}`
  }
  return undefined
}

function isCertificates(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.length > 0 &&
    list.every((pem) => typeof pem === 'string' && pem.includes('-----BEGIN CERTIFICATE-----'))
  )
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
