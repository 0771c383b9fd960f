import { isIP } from 'node:net'
import { faultOfByteRegex } from './byte-regex.ts'
import { faultOfByteText } from './byte-text.ts'
import { isUuid } from './fields.ts'
import { faultOfHost, faultOfHostWithPort, faultOfRouteHost, faultOfSni } from './hosts.ts'
import { faultOfCertificate, faultOfKey } from './pem.ts'
import { faultOfTarget, faultOfUpstreamName } from './target-address.ts'

/** The named checks on strings of entities: each says in Kong's words what is wrong. */
const formats: Readonly<Record<string, (text: string) => string | undefined>> = {
  uuid: (text) => (isUuid(text) ? undefined : 'expected a valid UUID'),
  'utf8-name': faultOfName,
  tag: faultOfTag,
  host: faultOfHost,
  sni: faultOfSni,
  'ip-or-cidr': (text) => (isIpOrCidr(text) ? undefined : `invalid ip or cidr range: '${text}'`),
  path: faultOfPath,
  'route-path': faultOfRoutePath,
  'route-host': faultOfRouteHost,
  method: (text) => (/^[A-Z]+$/.test(text) ? undefined : `invalid value: ${text}`),
  certificate: faultOfCertificate,
  key: faultOfKey,
  target: faultOfTarget,
  'upstream-name': faultOfUpstreamName,
  'host-with-port': faultOfHostWithPort,
  'header-name': (text) => faultOfToken('header', text),
  'cookie-name': (text) => faultOfToken('cookie', text),
  'byte-text': faultOfByteText,
  'byte-regex': faultOfByteRegex,
  'vault-prefix': faultOfVaultPrefix,
  'variable-prefix': (text) =>
    /^[A-Za-z_-][\w-]*$/.test(text) ? undefined : `invalid value: ${text}`,
}

/** What is wrong with a text, or undefined. An unknown format is a fault of a definition and throws. */
export function faultOfFormat(format: string, text: string): string | undefined {
  const check = formats[format]
  if (check === undefined) throw new TypeError(`no such format: ${format}`)
  return check(text)
}

export function isIpOrCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0 || address.includes('%')) return false
  if (bits === undefined) return true
  return /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)
}

function faultOfName(text: string): string | undefined {
  if (/^(?:[A-Za-z0-9.\-_~]|[^\u0000-\u007f])*$/u.test(text)) return undefined
  return `invalid value '${text}': the only accepted ascii characters are alphanumerics or ., -, _, and ~`
}

function faultOfTag(text: string): string | undefined {
  if (text.isWellFormed() && /^(?:[ -+\-.0-~]|[^\u0000-\u007f])+$/u.test(text)) return undefined
  return `invalid tag '${text.toWellFormed()}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`
}

/** What JSON can write, but UTF-8 cannot: half a surrogate pair. */
export function faultOfUtf8(text: string): string | undefined {
  if (text.isWellFormed()) return undefined
  const position = Array.from(text).findIndex((character) => !character.isWellFormed()) + 1
  return `invalid utf-8 character sequence detected at position ${position}`
}

function faultOfPath(text: string): string | undefined {
  if (!text.startsWith('/')) return 'should start with: /'
  if (text.includes('//')) return 'must not have empty segments'
  if (!/^[\w.\-~/%:@!$&'()*+,;=]*$/.test(text)) {
    return `invalid path: '${text}' (characters outside of the reserved list of RFC 3986 found)`
  }
  const broken = /%(?![\da-f]{2}).{0,2}/i.exec(text)?.[0]
  return broken === undefined ? undefined : `invalid url-encoded value: '${broken}'`
}

function faultOfRoutePath(text: string): string | undefined {
  if (!/^~?\//.test(text)) return 'should start with: / (fixed path) or ~/ (regex path)'
  return text.startsWith('/') && text.includes('//') ? 'must not have empty segments' : undefined
}

function faultOfToken(what: string, text: string): string | undefined {
  if (/^[\w-]+$/.test(text)) return undefined
  return `bad ${what} name '${text}', allowed characters are A-Z, a-z, 0-9, '_', and '-'`
}

/** It stands in the host part of a reference, where the names of the kinds of vaults stand, too. */
function faultOfVaultPrefix(text: string): string | undefined {
  if (text === 'env') return 'must not be one of: env'
  return /^[a-z][a-z\d-]*[a-z\d]$/.test(text) ? undefined : `invalid value: ${text}`
}
