import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { codeOf } from '../errors/code-of.ts'
import { messageOf } from '../errors/message-of.ts'
import { Invalid, type Kind, type Place, splitList } from './kind.ts'

/** Certificate authorities to verify upstreams and peers with. */
export interface Trust {
  /** Whether the system's own authorities count. */
  readonly system: boolean
  /** Further authorities, PEM. */
  readonly pem: readonly string[]
}

/** A certificate as PEM text: from a file, inline, or inline in base64. */
export function certificate(): Kind<string> {
  return {
    accepts: 'path, PEM or base64 PEM',
    parse: (text, at) => loadPem(text, at, 'certificate', parseCertificate),
  }
}

/** A private key as PEM text, from the same places. */
export function privateKey(): Kind<string> {
  return {
    accepts: 'path, PEM or base64 PEM',
    parse: (text, at) => loadPem(text, at, 'key', parseKey),
  }
}

/** Certificates of authorities as one PEM text, from the same places. */
export function authorities(): Kind<string> {
  return {
    accepts: 'path, PEM or base64 PEM',
    parse: (text, at) => loadPem(text, at, 'certificates', parseEach),
  }
}

/** `system`, and files of certificates. */
export function trust(): Kind<Trust> {
  return {
    accepts: 'list of `system`, paths',
    parse(text, at) {
      const parts = splitList(text)
      const files = parts.filter((part) => part !== 'system')
      return Object.freeze({
        system: files.length < parts.length,
        pem: Object.freeze(files.map((file) => loadAuthorities(file, at))),
      })
    },
  }
}

function loadAuthorities(file: string, at: Place): string {
  const pem = readText(file, at)
  if (pem === undefined) throw new Invalid(`${at.name}: no such file at ${file}`)
  return checkPem(pem, `${at.name}: failed loading certificate from ${file}`, parseCertificate)
}

function loadPem(text: string, at: Place, what: string, check: (pem: string) => void): string {
  const inline = inlinePem(text)
  const failure = `${at.name}: failed loading ${what} from ${inline === undefined ? shown(text) : 'the inline text'}`
  const pem = inline ?? readText(text, at)
  if (pem === undefined) {
    throw new Invalid(`${failure}: no such file (a path, PEM or base64 PEM)`)
  }
  return checkPem(pem, failure, check)
}

function checkPem(pem: string, failure: string, check: (pem: string) => void): string {
  try {
    check(pem)
    return pem
  } catch (cause) {
    throw new Invalid(`${failure}: ${messageOf(cause)}`, { cause })
  }
}

function parseCertificate(pem: string): void {
  void new X509Certificate(pem)
}

/** OpenSSL reads up to the first one that it cannot make out, and says nothing. */
function parseEach(pem: string): void {
  const found = pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/g) ?? []
  const whole = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (whole.length === 0) throw new Error('it has no certificate')
  if (whole.length < found.length) throw new Error('a certificate in it is cut short')
  whole.forEach(parseCertificate)
}

function parseKey(pem: string): void {
  createPrivateKey(pem)
}

/** A text this long is a key that was mangled rather than a path, and no log should have it. */
const longestShown = 200

function shown(text: string): string {
  return text.length > longestShown ? `a text of ${text.length} letters` : text
}

function inlinePem(text: string): string | undefined {
  if (text.startsWith('-----BEGIN ')) return text.replaceAll(String.raw`\n`, '\n')
  const decoded = Buffer.from(text, 'base64').toString('latin1')
  return decoded.startsWith('-----BEGIN ') ? decoded : undefined
}

const notThere = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])

/** The text of a file; nothing when it is not there. @throws Invalid when it cannot be read */
export function readText(file: string, at: Place): string | undefined {
  try {
    return readFileSync(resolve(at.cwd, file), 'utf8')
  } catch (cause) {
    const code = codeOf(cause)
    if (notThere.has(code)) return undefined
    throw new Invalid(`${at.name}: cannot read ${shown(file)}: ${code}`, { cause })
  }
}
