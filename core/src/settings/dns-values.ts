import { statSync } from 'node:fs'
import { isIP, isIPv4, isIPv6 } from 'node:net'
import { Invalid, type Kind, listOf, splitList } from './kind.ts'
import { path } from './paths.ts'

export interface NameServer {
  readonly address: string
  readonly port: number
}

/** As it is written: IPv6 in brackets. */
export function serverText({ address, port }: NameServer): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`
}

/** What a name may be asked for; `LAST` stands for what it had the last time. */
export type QueryType = 'LAST' | 'SRV' | 'A' | 'AAAA' | 'CNAME'

const queryTypes: readonly QueryType[] = ['LAST', 'SRV', 'A', 'AAAA', 'CNAME']

/** The port of name servers (RFC 1035 section 4.2). */
const usualPort = 53

export function nameServers(): Kind<readonly NameServer[]> {
  return listOf(
    {
      accepts: 'IP[:port]',
      parse(text, { name }) {
        const server = readServer(text)
        if (server) return Object.freeze(server)
        throw new Invalid(
          `${name} must be a comma separated list in the form of IPv4/6 or IPv4/6:port, got '${text}'`,
        )
      },
    },
    'list of IP[:port]',
  )
}

function readServer(text: string): NameServer | undefined {
  if (isIP(text) !== 0) return { address: text, port: usualPort }
  const [, host = '', digits = String(usualPort)] =
    /^(\[.+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  const [address, port] = [withoutBrackets(host), Number(digits)]
  return address !== undefined && port > 0 && port < 65_536 ? { address, port } : undefined
}

/** IPv6 has to be in them where a port may follow. */
function withoutBrackets(host: string): string | undefined {
  if (isIPv4(host)) return host
  const inside = host.slice(1, -1)
  return host.startsWith('[') && isIPv6(inside) ? inside : undefined
}

/** At least one type of record that leads to addresses. */
export function queryOrder(): Kind<readonly QueryType[]> {
  return {
    accepts: 'list of `LAST`, `SRV`, `A`, `AAAA`, `CNAME`',
    parse(text, { name }) {
      const types = splitList(text).map((entry) => {
        const type = queryTypes.find((known) => known === entry.toUpperCase())
        if (type === undefined) throw new Invalid(`${name}: invalid entry '${entry}'`)
        return type
      })
      if (types.every((type) => type === 'LAST' || type === 'CNAME')) {
        throw new Invalid(`${name}: one of SRV, A and AAAA is needed, got '${text}'`)
      }
      return Object.freeze(types)
    },
  }
}

/** @param usual a file that need not be there: a machine may do without */
export function existingFile(usual: string): Kind<string> {
  const kind = path()
  return {
    accepts: kind.accepts,
    parse(text, at) {
      const file = kind.parse(text, at)
      const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() ?? false
      if (!isThere && text !== usual) throw new Invalid(`${at.name}: file does not exist`)
      return file
    },
  }
}
