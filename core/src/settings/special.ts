import { availableParallelism } from 'node:os'
import { formats } from '@kong-ts/pdk/host'
import { integer, Invalid, type Kind, oneOf, splitList } from './kind.ts'

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

export function database(): Kind<'embedded' | 'postgres' | 'off'> {
  return oneOf(['embedded', 'postgres', 'off'])
}

/** Who may say in a PROXY header who the client is, in Kong's words. */
export function trustedIps(): Kind<readonly string[]> {
  return {
    accepts: 'list of addresses, ranges as `10.0.0.0/8`, `unix:`',
    parse(text, { name }) {
      const entries = splitList(text)
      const wrong = entries.find(
        (entry) => entry !== 'unix:' && !formats['ip_or_cidr']?.accepts(entry),
      )
      if (wrong === undefined) return Object.freeze(entries)
      throw new Invalid(
        `${name} must be a comma separated list in the form of IPv4 or IPv6 address or CIDR block or 'unix:', got '${wrong}'`,
      )
    },
  }
}

export function plugins(): Kind<readonly string[]> {
  return {
    accepts: 'list of `bundled`, names, packages, paths; `off`',
    parse(text, { name }) {
      const names = splitList(text)
      if (names.length === 0)
        throw new Invalid(`${name} is empty (bundled, off, or names of plugins)`)
      if (!names.includes('off')) return Object.freeze(names)
      if (names.length > 1)
        throw new Invalid(`${name} has 'off' beside other names: '${text}' (off alone, or names)`)
      return Object.freeze([])
    },
  }
}

export function workers(): Kind<number> {
  const count = integer({ min: 1, max: 256 })
  return {
    accepts: `\`auto\`, ${count.accepts}`,
    parse(text, at) {
      if (text === 'auto') return availableParallelism()
      if (!/^-?\d+$/.test(text))
        throw new Invalid(`${at.name} is not a number: '${text}' (auto, ${count.accepts})`)
      return count.parse(text, at)
    },
  }
}

export function tlsVersions(): Kind<readonly TlsVersion[]> {
  const version = oneOf(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'])
  return {
    accepts: `some of ${version.accepts}`,
    parse(text, at) {
      const words = text.split(/\s+/).filter((word) => word !== '')
      if (words.length === 0)
        throw new Invalid(`${at.name} is empty (some of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3)`)
      return Object.freeze(words.map((word) => version.parse(word, at)))
    },
  }
}
