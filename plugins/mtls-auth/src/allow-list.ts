import { isIP, isIPv6 } from 'node:net'
import type { ClientCertificate } from '@kong-ts/pdk'

/** Who is let in; without any entry everyone whose certificate is verified. */
export interface Allowed {
  readonly names: readonly string[]
  readonly subjects: readonly string[]
  readonly fingerprints: readonly string[]
}

/** Certificates by their names, subjects and fingerprints: one entry that fits is enough. */
export class AllowList {
  readonly #names: readonly RegExp[]
  /** Of each subject its parts: all of them have to be there. */
  readonly #subjects: readonly (readonly RegExp[])[]
  readonly #fingerprints: ReadonlySet<string>

  constructor({ names, subjects, fingerprints }: Allowed) {
    this.#names = names.map((name) => globOf(plainName(name), ignoresCase(name) ? 'i' : ''))
    this.#subjects = subjects.map((subject) => partsOf(subject).map((part) => globOf(part)))
    this.#fingerprints = new Set(fingerprints.map(plainFingerprint))
  }

  has({ names, subject, fingerprint }: ClientCertificate): boolean {
    if (this.#isEmpty || this.#fingerprints.has(fingerprint)) return true
    if (this.#names.some((glob) => names.some((name) => glob.test(name)))) return true
    const parts = partsOf(subject)
    return this.#subjects.some((wanted) =>
      wanted.every((glob) => parts.some((part) => glob.test(part))),
    )
  }

  get #isEmpty(): boolean {
    return this.#names.length + this.#subjects.length + this.#fingerprints.size === 0
  }
}

const kinds = /^(?:DNS|URI|email|IP Address|IP):(?=.)/

/** What is wrong with the entries, if anything is. */
export function faultOfAllowed({ names, subjects, fingerprints }: Allowed): string | undefined {
  const faults = [
    ...names.map(
      (name, at) =>
        kinds.test(name) ||
        `config.allowed_names.${at + 1}: expected DNS:, URI:, email: or IP: and a name, not '${name}'`,
    ),
    ...names.map(
      (name, at) =>
        !isNoAddress(name) ||
        `config.allowed_names.${at + 1}: expected an address after IP:, not '${name}'`,
    ),
    ...subjects.map(
      (subject, at) =>
        partsOf(subject).every((part) => /^[A-Za-z][\w.-]*=./.test(part)) ||
        `config.allowed_subjects.${at + 1}: expected parts such as CN=name, separated by commas, not '${subject}'`,
    ),
    ...fingerprints.map(
      (text, at) =>
        /^[0-9a-f]{64}$/.test(plainFingerprint(text)) ||
        `config.allowed_fingerprints.${at + 1}: expected a SHA-256 in hex, not '${text}'`,
    ),
  ]
  return faults.find((fault) => fault !== true)
}

/** As a certificate's names are worded. */
function plainName(name: string): string {
  const address = addressOf(name)
  return address === undefined ? name : `IP Address:${plainAddress(address)}`
}

function ignoresCase(name: string): boolean {
  return name.startsWith('DNS:') || addressOf(name) !== undefined
}

function addressOf(name: string): string | undefined {
  return /^IP(?: Address)?:(.+)$/s.exec(name)?.[1]
}

function isNoAddress(name: string): boolean {
  const address = addressOf(name)
  if (address === undefined || address.includes('*')) return false
  return isIP(address) === 0 || address.includes('%')
}

/** A certificate has all eight groups of an IPv6 address, without leading noughts. */
function plainAddress(text: string): string {
  if (!isIPv6(text) || text.includes('%')) return text
  const { hostname } = new URL(`http://[${text}]`)
  const [left = [], right = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':')))
  const noughts = Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...noughts, ...right].join(':')
}

function plainFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase()
}

/** The parts of a distinguished name (RFC 4514); a comma that belongs to a part has a backslash before it. */
function partsOf(subject: string): readonly string[] {
  return (subject.match(/(?:\\.|[^,\\])+/gs) ?? []).map((part) => part.trim())
}

/** `*` stands for any text. */
function globOf(text: string, flags = ''): RegExp {
  const source = text
    .split('*')
    .map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
    .join('.*')
  return new RegExp(`^${source}$`, `s${flags}`)
}
